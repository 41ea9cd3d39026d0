package ledger

import (
	"context"
	"fmt"

	"github.com/dendro-carbon/dendro/internal/account"
)

// CalendarReader is what [FoldTotal] and [FoldSeries] need of a store.
type CalendarReader interface {
	Reader
	Calendar() account.Calendar
}

// FoldTotal returns the tree of a view over a span, rounded outwards to slots,
// without series. It reads months, days and hours as their sums and only the
// ends of the span by slot.
func FoldTotal(ctx context.Context, r CalendarReader, v account.View, span account.Span) (*account.Node, error) {
	fold := account.NewFold(v, 0)
	var step account.Step
	var stretch account.Span
	add := func() error {
		if step == "" {
			return nil
		}
		for row, err := range r.Rows(ctx, Query{Span: stretch, Step: step, Where: v.Stored()}) {
			if err != nil {
				return err
			}
			if err := fold.Add(row.Account, 0, row.Quantities); err != nil {
				return err
			}
		}
		return nil
	}
	for s, period := range r.Calendar().Cover(span) {
		if s == step { // neighbours of one step are one read
			stretch.To = period.To
			continue
		}
		if err := add(); err != nil {
			return nil, fmt.Errorf("fold %v: %w", span, err)
		}
		step, stretch = s, period
	}
	if err := add(); err != nil {
		return nil, fmt.Errorf("fold %v: %w", span, err)
	}
	return fold.Tree()
}

// Series is a tree whose nodes have one element of their series for each period.
type Series struct {
	Periods []account.Span
	Root    *account.Node
}

// FoldSeries returns the tree of a view over a span, rounded outwards to whole
// periods of a step.
func FoldSeries(ctx context.Context, r CalendarReader, v account.View, q Query) (*Series, error) {
	s := &Series{}
	for p := range r.Calendar().Periods(q.Step, q.Span) {
		s.Periods = append(s.Periods, p)
	}
	fold := account.NewFold(v, len(s.Periods))
	at := 0
	for row, err := range r.Rows(ctx, Query{Span: q.Span, Step: q.Step, Where: v.Stored()}) {
		if err != nil {
			return nil, fmt.Errorf("fold %v by %s: %w", q.Span, q.Step, err)
		}
		for at < len(s.Periods) && s.Periods[at].From.Before(row.Period.From) {
			at++
		}
		if err := fold.Add(row.Account, at, row.Quantities); err != nil {
			return nil, fmt.Errorf("fold %v by %s: %w", q.Span, q.Step, err)
		}
	}
	var err error
	s.Root, err = fold.Tree()
	return s, err
}
