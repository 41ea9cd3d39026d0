package scored

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
)

// Newest is the place before which the first page begins.
func Newest() account.Mark { return account.Mark{File: math.MaxUint64, Seq: math.MaxUint64} }

// Place writes a place as pages tell it, and [ParsePlace] reads it.
func Place(m account.Mark) string { return fmt.Sprintf("%d.%d", m.File, m.Seq) }

// ParsePlace reads what [Place] wrote, and reports whether it is that.
func ParsePlace(text string) (account.Mark, bool) {
	file, seq, _ := strings.Cut(text, ".")
	var m account.Mark
	var errs [2]error
	m.File, errs[0] = strconv.ParseUint(file, 10, 64)
	m.Seq, errs[1] = strconv.ParseUint(seq, 10, 64)
	return m, errs[0] == nil && errs[1] == nil
}

// Page returns up to limit windows that begin in a span and stand before a place, newest
// first.
func (r *Reader) Page(ctx context.Context, span account.Span, before account.Mark, limit int) (p *Page, err error) {
	err = r.within(ctx, func(files []File) error {
		p, err = r.page(ctx, files, span, before, limit)
		return err
	})
	return p, err
}

func (r *Reader) page(ctx context.Context, files []File, span account.Span, before account.Mark, limit int) (*Page, error) {
	p := &Page{Windows: []Row{}, Complete: true}
	left := r.config.MaxBytes
	for _, f := range slices.Backward(files) {
		if f.Number > before.File || f.Pruned || !f.concerns(span) {
			continue
		}
		if f.Bytes > left && left < r.config.MaxBytes {
			p.Complete, p.Next = false, Place(account.Mark{File: f.Number, Seq: math.MaxUint64})
			return p, nil
		}
		left -= f.Bytes
		rows, more, err := r.rows(ctx, f, span, before, limit-len(p.Windows))
		if err != nil {
			return nil, err
		}
		p.Windows = append(p.Windows, rows...)
		if n := len(p.Windows); more || n == limit && f.Number > files[0].Number {
			p.Next = Place(account.Mark{File: p.Windows[n-1].Number, Seq: p.Windows[n-1].Seq})
			return p, nil
		}
	}
	return p, nil
}

// rows returns the last windows of a file before a place, newest first, and whether
// there are more.
func (r *Reader) rows(ctx context.Context, f File, span account.Span, before account.Mark, limit int) (rows []Row, more bool, err error) {
	ring := make([]Row, 0, limit)
	n := 0
	err = r.archive.Read(ctx, f, func(w *Window) error {
		if w.Window == nil || w.At.Compare(before) >= 0 || !span.Contains(begin(w)) {
			return nil
		}
		if len(ring) < limit {
			ring = append(ring, row(w))
		} else {
			ring[n%limit] = row(w)
		}
		n++
		return nil
	})
	for i := range len(ring) {
		rows = append(rows, ring[(n-1-i)%limit])
	}
	return rows, n > limit, err
}

// row returns a window as pages have it.
func row(w *Window) Row {
	out := Row{
		From: begin(w), To: begin(w), Scored: w.Time, File: w.File, Number: w.At.File, Seq: w.At.Seq,
		Drops: []Drop{}, Foreign: w.Window.Detail == nil,
	}
	d := w.Window.Detail
	if d == nil {
		var t tally
		t.energy = amount(w.Window.Green.EnergyKWh)
		if c := w.Window.Green.CO2; c != nil {
			t.operational, t.known = amount(c.Operational), true
			t.low, t.high = amount(c.Total.Low), amount(c.Total.High)
		}
		out.Carbon, out.Services = t.carbon(), len(w.Window.Green.ServiceEnergyKWh)
		out.Spans.Counted = w.Window.Analysis.Events
		return out
	}
	out.To = time.Unix(0, d.To).UTC()
	coverage := min(1, amount(d.Coverage))
	out.Coverage, out.Services = &coverage, len(d.Services)
	out.Spans.add(&d.Spans)
	for _, drop := range d.Drops {
		if drop.Spans > 0 {
			out.Drops = append(out.Drops, Drop{drop.Reason, drop.Spans})
		}
	}
	var t tally
	t.add(&d.Total.Carbon)
	out.Carbon = t.carbon()
	return out
}
