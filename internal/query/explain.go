package query

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/derive"
	"github.com/dendro-carbon/dendro/internal/ledger"
)

// ErrNoFigure reports that there is no figure of which could be told how it came
// to be: nothing was known of the slot, or no account in it is the one asked for.
var ErrNoFigure = errors.New("no such figure")

// Figure names figures: those of the accounts in one slot that a filter holds
// for.
type Figure struct {
	Where account.Filter
	// Slot is any instant in the slot.
	Slot time.Time
	// At is the instant of knowledge; zero is now.
	At time.Time
	// Policy names the policy by which wholes are divided; empty is the ledger's
	// own.
	Policy string
	// Pseudonyms shows people by pseudonyms, also where the engine would not.
	Pseudonyms bool
}

// Explained says how figures came to be.
type Explained struct {
	From     time.Time `json:"from"`
	To       time.Time `json:"to"`
	TimeZone string    `json:"time_zone"`
	// AsKnownAt is the instant of knowledge asked for; nil is now.
	AsKnownAt *time.Time `json:"as_known_at"`
	Simulated bool       `json:"simulated,omitempty"`
	// Revision is that of the slot as known then, ClosedAt when the first was made
	// and ChangedAt when this one was.
	Revision  int       `json:"revision"`
	ClosedAt  time.Time `json:"closed_at"`
	ChangedAt time.Time `json:"changed_at"`
	// Restated are the changes since the first, in order.
	Restated []Restated `json:"restated"`
	// Accounts are the explanations, in order of account.
	Accounts []derive.Explanation `json:"accounts"`
}

// Restated is a change of a closed slot with the slot's totals before and after.
type Restated struct {
	Revision int             `json:"revision"`
	KnownAt  time.Time       `json:"known_at"`
	Reason   ledger.Reason   `json:"reason"`
	Note     string          `json:"note,omitempty"`
	Before   account.Figures `json:"before"`
	After    account.Figures `json:"after"`
}

// Explain tells how figures came to be. It returns an error that wraps
// [ErrNoFigure] when there are none, and the errors of the ledger.
func (e *Engine) Explain(ctx context.Context, f Figure) (*Explained, error) {
	slot := e.ledger.Calendar().Grid().Slot(f.Slot)
	x, err := e.slot(ctx, slot, f.At)
	if err != nil {
		return nil, fmt.Errorf("explain %v: %w", slot, err)
	}
	if !f.At.IsZero() {
		x.AsKnownAt = &f.At
	}
	if x.Accounts, err = e.explanations(ctx, f, slot); err != nil {
		return nil, fmt.Errorf("explain %v: %w", slot, err)
	}
	return x, nil
}

// slot returns what is to be said of a slot, as known at an instant.
func (e *Engine) slot(ctx context.Context, slot account.Span, at time.Time) (*Explained, error) {
	x := &Explained{
		From: slot.From, To: slot.To, TimeZone: e.ledger.Calendar().Zone().String(),
		Simulated: e.opts.Simulated, Restated: []Restated{},
	}
	for state, err := range e.ledger.Slots(ctx, slot) {
		if err != nil {
			return nil, err
		}
		x.Revision, x.ClosedAt, x.ChangedAt = 1, state.FirstKnownAt, state.FirstKnownAt
		if at.IsZero() {
			at = state.KnownAt
		}
	}
	if x.Revision == 0 || at.Before(x.ClosedAt) {
		return nil, fmt.Errorf("%w: the slot is not closed", ErrNoFigure)
	}
	return x, e.restated(ctx, x, at)
}

// restated adds the changes of a slot that were known at an instant.
func (e *Engine) restated(ctx context.Context, x *Explained, at time.Time) error {
	if !at.After(x.ClosedAt) {
		return nil
	}
	for r, err := range e.ledger.Restatements(ctx, x.ClosedAt, at) {
		if err != nil {
			return err
		}
		if r.Slot.From.Equal(x.From) {
			x.Revision, x.ChangedAt = r.Revision, r.KnownAt
			x.Restated = append(x.Restated, Restated{
				r.Revision, r.KnownAt, r.Reason, r.Note, r.Before.Figures(), r.After.Figures(),
			})
		}
	}
	return nil
}

// explanations derives the slot anew.
func (e *Engine) explanations(ctx context.Context, f Figure, slot account.Span) ([]derive.Explanation, error) {
	own, err := ledger.MethodAt(ctx, e.ledger, f.At)
	if errors.Is(err, ledger.ErrNoMethod) {
		return nil, fmt.Errorf("%w: no method was known", ErrNoFigure)
	}
	if err != nil {
		return nil, err
	}
	method, err := e.method(own, "policy", f.Policy)
	if err != nil {
		return nil, err
	}
	names, err := e.names(f.Pseudonyms)
	if err != nil {
		return nil, err
	}
	view := account.View{Where: f.Where, Names: names}
	view.Where = view.Stored()
	found, err := ledger.ExplainDerived(ctx, e.ledger, ledger.Derivation{Span: slot, View: view, Method: method, At: f.At})
	found = hidePeople(found, f.Where, names)
	if errors.Is(err, ledger.ErrNoFigure) || err == nil && len(found) == 0 {
		meant, err := e.meant(ctx, f.Where, slot, names)
		return nil, errors.Join(fmt.Errorf("%w: no account of the slot has %s%s", ErrNoFigure, described(f.Where), meant), err)
	}
	return found, err
}

// described writes a filter for a message.
func described(f account.Filter) string {
	text := ""
	for i, m := range f {
		if i > 0 {
			text += ", "
		}
		text += fmt.Sprintf("%s=%q", m.Label, m.Values)
	}
	return text
}
