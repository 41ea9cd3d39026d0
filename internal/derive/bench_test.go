package derive_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/derive"
	"github.com/dendro-carbon/dendro/internal/energy"
)

// facility is a method like that of a real facility.
func facility(policy derive.Policy) derive.Method {
	return derive.Method{
		Names: []derive.LabelRule{
			{Label: "facility", From: []string{"cloud_project_name"}, Map: map[string]string{"IDAaaS": "ISIS", "CDAaaS": "CLF"}},
			{Label: "group", From: []string{"cloud_project_name", "machine_name"}, Separator: "_"},
		},
		Models:     []derive.ModelRule{{Model: energy.Default()}},
		Places:     []derive.PlaceRule{{Region: "GB"}},
		Chain:      []string{"ukgrid", "static"},
		Accounting: location(),
		Policy:     policy,
	}
}

// fleet is one slot of n hosts of n/1.3 groups.
func fleet(b testing.TB, n int, slot account.Span) *account.Batch {
	batch := &account.Batch{Slot: slot, Origins: []account.Origin{{Source: "prometheus", Method: "raw samples"}}}
	for i := range n {
		batch.Subjects = append(batch.Subjects, account.Subject{
			Host: fmt.Sprintf("host-%04d", i),
			Labels: mustLabels(b, "cloud_project_name", []string{"IDAaaS", "CDAaaS"}[i%2],
				"machine_name", fmt.Sprintf("Machine %d", i*10/13), "instance", fmt.Sprintf("host-%04d:9100", i)),
		})
		batch.Facts = append(batch.Facts, account.Fact{
			Subject: i, To: slot.Length(), Observed: slot.Length(), Expected: slot.Length(),
			Busy: 537_450_000 + 13*1_000_001*1000/(1+1000), Idle: 13_862_550_000,
		})
	}
	batch.Sort()
	return batch
}

func BenchmarkDerive(b *testing.B) {
	slot := span(b, "2026-01-28T12:00:00Z", "2026-01-28T12:30:00Z")
	batch := fleet(b, 1000, slot)
	known := derive.Known{Intensities: []account.Intensity{grid(slot, account.IntensityActual, 231.5)}}
	for i := range 1000 {
		known.Holdings = append(known.Holdings, account.Holding{
			ID: fmt.Sprint(i), Host: fmt.Sprintf("host-%04d", i), From: slot.From.Add(time.Duration(i%40-20) * time.Minute),
			Holder: mustLabels(b, "user", fmt.Sprint("aa", i%300), "workspace", fmt.Sprint("ws", i)),
		})
	}
	for _, policy := range []derive.Policy{{Name: "facility"}, {Name: "held", Held: true}, {Name: "apart", Held: true, Idle: derive.IdleApart}} {
		b.Run(policy.Name, func(b *testing.B) {
			d, err := derive.New(facility(policy), known)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := d.Derive(batch); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkFold(b *testing.B) {
	slot := span(b, "2026-01-28T12:00:00Z", "2026-01-28T12:30:00Z")
	d, err := derive.New(facility(derive.Policy{Name: "p"}), derive.Known{})
	if err != nil {
		b.Fatal(err)
	}
	entries, err := d.Derive(fleet(b, 1000, slot))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() { // a year by month and group
		fold := account.NewFold(account.View{By: []string{"facility", "group"}}, 12)
		for month := range 12 {
			for i := range entries {
				if err := fold.Add(entries[i].Account, month, entries[i].Quantities); err != nil {
					b.Fatal(err)
				}
			}
		}
		if _, err := fold.Tree(); err != nil {
			b.Fatal(err)
		}
	}
}
