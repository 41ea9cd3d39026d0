package ledger

import (
	"context"
	"fmt"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
)

// Pin says that something outside of the ledger, such as a published disclosure,
// refers to a span: whoever verifies it needs its facts.
type Pin struct {
	// Name says what refers to the span. A name has one span.
	Name string
	Span account.Span
	// Since is when it was pinned.
	Since time.Time
}

// Validate returns an error that wraps [ErrInvalid] for a pin that stores refuse.
func (p Pin) Validate() error {
	if p.Name == "" || p.Span.IsEmpty() || p.Since.IsZero() {
		return fmt.Errorf("%w: pin %q of %v: it needs a name, a span and a time", ErrInvalid, p.Name, p.Span)
	}
	if fault := textFault("name", p.Name); fault != "" {
		return fmt.Errorf("%w: pin of %v: %s", ErrInvalid, p.Span, fault)
	}
	return nil
}

// Retention forgets facts by age. Entries, sums, totals and restatements stay
// readable; what would have to be derived again from dropped facts (as known at
// an earlier time, under another method, an explanation) is [ErrForgotten].
type Retention interface {
	// Pin keeps the facts of all slots that overlap a span, for good. Facts
	// that were dropped before stay dropped ([SlotState].Forgotten says where).
	// It is idempotent: a pin whose name and span are known changes nothing.
	// It returns [ErrInvalid] for one that [Pin.Validate] refuses, or whose
	// name has another span.
	Pin(ctx context.Context, p Pin) error
	// Pins returns all pins in order of their names.
	Pins(ctx context.Context) ([]Pin, error)
	// DropFacts drops, in one transaction, the facts of the oldest slots that
	// have any, end at an instant or before it and are not pinned: those of up
	// to limit slots. It returns of how many. Their sums are complete: those
	// of a slot change in the transaction that closes or restates it.
	DropFacts(ctx context.Context, until time.Time, limit int) (int, error)
}
