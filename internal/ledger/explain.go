package ledger

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/derive"
)

// ErrNoFigure reports that nothing is known of what is to be explained.
var ErrNoFigure = errors.New("the ledger has no such figure")

// Explain says how the figures of a slot came to be, as known at an instant (zero
// is now), for the accounts that where holds for, under the method of that time. It
// returns [ErrNoFigure] when the slot was not closed then or has no such account.
func Explain(ctx context.Context, k Knowledge, slot account.Span, where account.Filter, at time.Time) ([]derive.Explanation, error) {
	m, err := MethodAt(ctx, k, at)
	if err != nil {
		return nil, err
	}
	return ExplainDerived(ctx, k, Derivation{Span: slot, View: account.View{Where: where}, Method: m, At: at})
}

// ExplainDerived does what [Explain] does under the method of a derivation, whose
// span is one slot, for the accounts that the filter of its view holds for.
func ExplainDerived(ctx context.Context, k Knowledge, q Derivation) ([]derive.Explanation, error) {
	slot := q.Span
	known, err := KnownIn(ctx, k, slot, q.At)
	if err != nil {
		return nil, err
	}
	batches, err := Collect(k.Facts(ctx, slot, q.At))
	if err != nil {
		return nil, fmt.Errorf("facts of %v: %w", slot, err)
	}
	if len(batches) == 0 {
		return nil, fmt.Errorf("%w: slot %v was not closed", ErrNoFigure, slot)
	}
	d, err := derive.New(q.Method, known)
	if err != nil {
		return nil, err
	}
	explanations, err := d.Explain(batches[0], q.View.Where)
	if err == nil && len(explanations) == 0 {
		err = fmt.Errorf("%w: no such account in slot %v", ErrNoFigure, slot)
	}
	return explanations, err
}
