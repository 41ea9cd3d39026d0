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
	if known.Holdings, err = Collect(k.Holdings(ctx, span, at)); err != nil {
		return derive.Known{}, fmt.Errorf("holdings of %v: %w", span, err)
	}
	if known.Intensities, err = Collect(k.Intensities(ctx, span, at)); err != nil {
		return derive.Known{}, fmt.Errorf("intensities of %v: %w", span, err)
	}
	return known, nil
}

// Collect reads a sequence to its end, or to its first error.
func Collect[T any](seq iter.Seq2[T, error]) ([]T, error) {
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
	all, err := FoldPolicies(ctx, k, q, q.Method.Policy)
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

// FoldPolicies does what [FoldDerived] does for several policies at once: one
// series for each, in their order, all derived from the same facts and the same
// knowledge, so that they differ by nothing but the policy. The policy of the
// derivation's own method is not looked at.
func FoldPolicies(ctx context.Context, k Knowledge, q Derivation, policies ...derive.Policy) ([]*Series, error) {
	periods, span := derivedPeriods(k.Calendar(), q)
	known, err := KnownIn(ctx, k, span, q.At)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	work := make(chan derivedSlot)
	folders := make([]*folder, max(1, min(runtime.GOMAXPROCS(0), 8)))
	var wg sync.WaitGroup
	for i := range folders {
		if folders[i], err = newFolder(q, known, len(periods), policies); err != nil {
			cancel(err)
			break
		}
		wg.Go(func() {
			for one := range work {
				if err := folders[i].fold(one); err != nil {
					cancel(err)
				}
			}
		})
	}
	err = sendFacts(ctx, k.Facts(ctx, span, q.At), periods, work)
	close(work)
	wg.Wait()
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	if err != nil {
		return nil, fmt.Errorf("derive %v: %w", span, err)
	}
	return mergeFolders(folders, periods)
}

// folder folds slots under each of several policies.
type folder struct {
	derivers []*derive.Deriver
	folds    []*account.Fold
}

func newFolder(q Derivation, known derive.Known, periods int, policies []derive.Policy) (*folder, error) {
	f := &folder{}
	for _, p := range policies {
		m := q.Method
		m.Policy = p
		d, err := derive.New(m, known)
		if err != nil {
			return nil, err
		}
		f.derivers, f.folds = append(f.derivers, d), append(f.folds, account.NewFold(q.View, periods))
	}
	return f, nil
}

func (f *folder) fold(one derivedSlot) error {
	for i, d := range f.derivers {
		if err := d.Fold(one.batch, f.folds[i], one.period); err != nil {
			return err
		}
	}
	return nil
}

// mergeFolders makes one tree for each policy of what several folders hold.
func mergeFolders(folders []*folder, periods []account.Span) ([]*Series, error) {
	all := make([]*Series, len(folders[0].folds))
	for i, fold := range folders[0].folds {
		for _, other := range folders[1:] {
			if err := fold.Merge(other.folds[i]); err != nil {
				return nil, err
			}
		}
		root, err := fold.Tree()
		if err != nil {
			return nil, err
		}
		all[i] = &Series{Periods: periods, Root: root}
	}
	return all, nil
}

// derivedSlot is a slot's facts and the index of its period.
type derivedSlot struct {
	batch  *account.Batch
	period int
}

// derivedPeriods returns the periods asked for, none without a step, and the span
// that they make.
func derivedPeriods(c account.Calendar, q Derivation) ([]account.Span, account.Span) {
	step := q.Step
	if n := len(q.Periods); n > 0 {
		return q.Periods, account.Span{From: q.Periods[0].From, To: q.Periods[n-1].To}
	}
	if step == "" {
		step = account.StepSlot
	}
	var periods []account.Span
	span := account.Span{From: c.Period(step, q.Span.From).From, To: q.Span.From}
	for p := range c.Periods(step, q.Span) {
		span.To = p.To
		if q.Step != "" {
			periods = append(periods, p)
		}
	}
	return periods, span
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
