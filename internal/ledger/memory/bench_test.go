package memory_test

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/derive"
	"github.com/dendro-carbon/dendro/internal/energy"
	"github.com/dendro-carbon/dendro/internal/ledger"
	"github.com/dendro-carbon/dendro/internal/ledger/memory"
	"github.com/dendro-carbon/dendro/unit"
)

// fleet is one slot of hosts, each of its own group.
func fleet(b *testing.B, n int) *account.Batch {
	b.Helper()
	batch := &account.Batch{Origins: []account.Origin{{Source: "demo", Method: "simulated", Simulated: true}}}
	for i := range n {
		l, err := account.LabelsOf("cloud_project_name", []string{"IDAaaS", "CDAaaS"}[i%2], "machine_name", fmt.Sprint("Machine ", i))
		if err != nil {
			b.Fatal(err)
		}
		batch.Subjects = append(batch.Subjects, account.Subject{Host: fmt.Sprintf("host-%04d", i), Labels: l})
		batch.Facts = append(batch.Facts, account.Fact{Subject: i, To: 1800_000_000, Observed: 1800_000_000, Expected: 1800_000_000})
	}
	batch.Sort()
	return batch
}

// BenchmarkFacility derives and commits sixty days of 780 groups: what the demo
// does at its start.
func BenchmarkFacility(b *testing.B) {
	calendar, err := account.NewCalendar(account.DefaultStep, time.UTC)
	if err != nil {
		b.Fatal(err)
	}
	d, err := derive.New(derive.Method{
		Names: []derive.LabelRule{
			{Label: "group", From: []string{"cloud_project_name", "machine_name"}, Separator: "_"},
		},
		Models: []derive.ModelRule{{Model: energy.Default()}}, Policy: derive.Policy{Name: "usage"},
	}, derive.Known{})
	if err != nil {
		b.Fatal(err)
	}
	const slots = 60 * 48
	facts := fleet(b, 780)
	b.ReportAllocs()
	for b.Loop() {
		store := memory.New(calendar)
		slot := calendar.Grid().Slot(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
		for range slots {
			batch := *facts
			batch.Slot, batch.KnownAt = slot, slot.To
			for i := range batch.Facts {
				batch.Facts[i].Busy = unit.Duration(i) * 1_000_003
				batch.Facts[i].Idle = 14_400_000_000 - batch.Facts[i].Busy
			}
			entries, err := d.Derive(&batch)
			if err != nil {
				b.Fatal(err)
			}
			c := ledger.Commit{Slot: slot, Revision: 1, KnownAt: slot.To, Facts: &batch, Entries: entries}
			if err := store.Commit(b.Context(), c); err != nil {
				b.Fatal(err)
			}
			slot = calendar.Grid().Slot(slot.To)
		}
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		b.ReportMetric(float64(m.HeapInuse)/1e6, "MB-held")
		runtime.KeepAlive(store)
	}
}
