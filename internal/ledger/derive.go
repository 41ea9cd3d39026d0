package ledger

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime"
	"sync"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/derive"
)

// Knowledge is what figures are derived from.
type Knowledge interface {
	Reader
	Intensities
	Holdings
	Methods
	// Calendar returns the calendar the store was opened with.
	Calendar() account.Calendar
}

// KnownIn returns the holdings and intensities that matter in a span, as known at
// an instant; zero is now.
func KnownIn(ctx context.Context, k Knowledge, span account.Span, at time.Time) (derive.Known, error) {
	known := derive.Known{At: at}
	var err error
	if known.Holdings, err = collect(k.Holdings(ctx, span, at)); err != nil {
		return derive.Known{}, fmt.Errorf("holdings of %v: %w", span, err)
	}
	if known.Intensities, err = collect(k.Intensities(ctx, span, at)); err != nil {
		return derive.Known{}, fmt.Errorf("intensities of %v: %w", span, err)
	}
	return known, nil
}

func collect[T any](seq iter.Seq2[T, error]) ([]T, error) {
	var out []T
	for v, err := range seq {
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

// ErrNoMethod reports that no method was known at an instant.
var ErrNoMethod = errors.New("no method was known")

// MethodAt returns the method that applied at an instant; zero is now. It returns
// [ErrNoMethod] when there was none yet.
func MethodAt(ctx context.Context, m Methods, at time.Time) (derive.Method, error) {
	var found *derive.Method
	for record, err := range m.Methods(ctx) {
		if err != nil {
			return derive.Method{}, fmt.Errorf("methods: %w", err)
		}
		if at.IsZero() || !record.KnownAt.After(at) {
			found = &record.Method
		}
	}
	if found == nil {
		return derive.Method{}, fmt.Errorf("%w at %v", ErrNoMethod, at)
	}
	return *found, nil
}

// Derivation asks for figures worked out anew from facts: as known at an earlier
// time, or under another method than the ledger's own.
type Derivation struct {
	// Span is rounded outwards to whole periods of Step, or to slots when
	// there is none.
	Span account.Span
	// Step makes series; empty makes totals only.
	Step account.Step
	// Periods, if given, are those of the series instead of Step's: neighbours
	// in order of time, made of whole slots.
	Periods []account.Span
	View    account.View
	Method  derive.Method
	// At is the instant of knowledge; zero is now.
	At time.Time
}

// FoldDerived derives every slot of a span and returns the tree of a view, with
// series when there is a step. With the method and knowledge of the ledger itself
// it gives the figures of [FoldTotal] and [FoldSeries], only slower. It uses
// several processors.
func FoldDerived(ctx context.Context, k Knowledge, q Derivation) (*Series, error) {
	s, span := derivedPeriods(k.Calendar(), q)
	known, err := KnownIn(ctx, k, span, q.At)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	work := make(chan derivedSlot)
	folds := make([]*account.Fold, max(1, min(runtime.GOMAXPROCS(0), 8)))
	var wg sync.WaitGroup
	for i := range folds {
		folds[i] = account.NewFold(q.View, len(s.Periods))
		d, err := derive.New(q.Method, known)
		if err != nil {
			cancel(err)
			break
		}
		wg.Go(func() {
			for one := range work {
				if err := d.Fold(one.batch, folds[i], one.period); err != nil {
					cancel(err)
				}
			}
		})
	}
	err = sendFacts(ctx, k.Facts(ctx, span, q.At), s.Periods, work)
	close(work)
	wg.Wait()
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	if err != nil {
		return nil, fmt.Errorf("derive %v: %w", span, err)
	}
	return s, s.merge(folds)
}

// derivedSlot is a slot's facts and the index of its period.
type derivedSlot struct {
	batch  *account.Batch
	period int
}

// derivedPeriods returns the periods asked for and the span that they make.
func derivedPeriods(c account.Calendar, q Derivation) (*Series, account.Span) {
	s, step := &Series{}, q.Step
	if n := len(q.Periods); n > 0 {
		s.Periods = q.Periods
		return s, account.Span{From: q.Periods[0].From, To: q.Periods[n-1].To}
	}
	if step == "" {
		step = account.StepSlot
	}
	span := account.Span{From: c.Period(step, q.Span.From).From, To: q.Span.From}
	for p := range c.Periods(step, q.Span) {
		span.To = p.To
		if q.Step != "" {
			s.Periods = append(s.Periods, p)
		}
	}
	return s, span
}

// sendFacts gives the workers one slot after the other until the context ends.
func sendFacts(ctx context.Context, facts iter.Seq2[*account.Batch, error], periods []account.Span, work chan<- derivedSlot) error {
	at := 0
	for batch, err := range facts {
		if err != nil {
			return err
		}
		for at < len(periods)-1 && !batch.Slot.From.Before(periods[at].To) {
			at++
		}
		select {
		case work <- derivedSlot{batch, at}:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// merge makes the tree of several folds.
func (s *Series) merge(folds []*account.Fold) error {
	for _, f := range folds[1:] {
		if err := folds[0].Merge(f); err != nil {
			return err
		}
	}
	var err error
	s.Root, err = folds[0].Tree()
	return err
}
