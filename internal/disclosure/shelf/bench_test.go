package shelf_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/disclosure"
	"github.com/dendro-carbon/dendro/internal/disclosure/shelf"
)

// decade puts ten years of months, each of 780 rows, signed and chained.
func decade(b *bench) {
	b.Helper()
	var previous *disclosure.Link
	for n := range 120 {
		p := period(1, 780_000_000)
		p.Span.From = p.Span.From.AddDate(0, n, 0)
		p.Span.To = p.Span.From.AddDate(0, 1, 0)
		one := p.Rows[0].Quantities
		one.Energy, one.CarbonEnergy, one.Operational = one.Energy/780, one.CarbonEnergy/780, one.Operational/780
		p.Rows = nil
		for row := range 780 {
			labels, err := account.LabelsOf("service", fmt.Sprintf("service %d", row))
			if err != nil {
				b.Fatal(err)
			}
			p.Rows = append(p.Rows, disclosure.Row{Account: account.Account{Labels: labels}, Quantities: one})
		}
		old := b.put(p.Span.From.Format("2006-01")+".json", p, func(r *disclosure.Request) { r.Previous, r.MadeAt = previous, p.Span.To.Add(time.Hour) })
		previous = &disclosure.Link{ID: old.Document.ID, SHA256: old.SHA256}
	}
}

// BenchmarkList lists ten years of months of 780 rows: read for the first time, and again
// when nothing changed.
func BenchmarkList(b *testing.B) {
	d := newBench(b)
	decade(d)
	read := d.open(true)
	d.list(read)
	for _, c := range []struct {
		name string
		old  *shelf.Shelf
	}{{"first", nil}, {"again", read}} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				s := c.old
				if s == nil {
					s = d.open(true)
				}
				list, err := s.List(b.Context())
				if err != nil || len(list.Items) != 120 || !list.Items[0].Holds {
					b.Fatalf("%+v, %v", list, err)
				}
			}
		})
	}
}

// BenchmarkVerify reads and verifies one of them, with the one before it.
func BenchmarkVerify(b *testing.B) {
	d := newBench(b)
	decade(d)
	s := d.open(true)
	name := d.list(s).Items[0].SHA256
	b.ReportAllocs()
	for b.Loop() {
		if _, v, err := s.Verify(b.Context(), name, nil); err != nil || !v.Holds() {
			b.Fatalf("%+v, %v", v, err)
		}
	}
}
