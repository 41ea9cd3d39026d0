package query

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/derive"
	"github.com/dendro-carbon/dendro/internal/ledger"
)

// method returns the method that a ledger's own becomes under a policy of a name:
// its own for the empty name and its own policy's. The parameter is named in the
// error, which wraps [ErrQuestion].
func (e *Engine) method(own derive.Method, parameter, name string) (derive.Method, error) {
	if name == "" || name == own.Policy.Name {
		return own, nil
	}
	for _, p := range e.opts.Policies {
		if p.Name == name {
			// Whether hosts have holders is for the directories to say.
			p.Held, p.IgnoreUnseen = own.Policy.Held, own.Policy.IgnoreUnseen
			own.Policy = p
			return own, nil
		}
	}
	return own, refuse(parameter, fmt.Sprintf("%q is not a policy", name),
		"use "+strings.Join(e.policyNames(own), ", ")+", or describe it in the configuration under policies")
}

// Policies returns the names of the policies that can be asked for, the ledger's own
// first.
func (e *Engine) Policies(ctx context.Context) ([]string, error) {
	own, err := ledger.MethodAt(ctx, e.ledger, time.Time{})
	if err != nil && !errors.Is(err, ledger.ErrNoMethod) {
		return nil, fmt.Errorf("policies: %w", err)
	}
	return e.policyNames(own), nil
}

func (e *Engine) policyNames(own derive.Method) []string {
	names := []string{}
	if own.Policy.Name != "" {
		names = append(names, own.Policy.Name)
	}
	for _, p := range e.opts.Policies {
		if !slices.Contains(names, p.Name) {
			names = append(names, p.Name)
		}
	}
	return names
}

// derives reports whether an answer has to be derived from facts: stored are
// figures of the ledger's own policy as they are known now.
func (e *Engine) derives(ctx context.Context, q Question) (bool, error) {
	if !q.At.IsZero() || q.Compare != "" {
		return true, nil
	}
	if q.Policy == "" {
		return false, nil
	}
	own, err := ledger.MethodAt(ctx, e.ledger, time.Time{})
	if errors.Is(err, ledger.ErrNoMethod) {
		return true, nil
	}
	return q.Policy != own.Policy.Name, err
}

// readDerived derives the figures from facts as known at an instant, under the
// policies that are named. There are no open slots in it.
func (e *Engine) readDerived(ctx context.Context, t *table, at time.Time) error {
	q := &t.question
	own, err := ledger.MethodAt(ctx, e.ledger, q.At)
	if errors.Is(err, ledger.ErrNoMethod) { // nothing was known at all
		t.root, err = account.NewFold(q.View, len(t.periods)).Tree()
		return err
	}
	if err != nil {
		return err
	}
	method, err := e.method(own, "policy", q.Policy)
	if err != nil {
		return err
	}
	derivation := ledger.Derivation{Span: q.Span, Periods: t.periods, View: q.View, Method: method, At: at}
	if q.Compare == "" {
		derived, err := ledger.FoldDerived(ctx, e.ledger, derivation)
		if err == nil {
			t.root = derived.Root
		}
		return err
	}
	other, err := e.method(own, "compare", q.Compare)
	if err != nil {
		return err
	}
	derivation.View.Top = 0 // the order of one tree decides what both keep
	both, err := ledger.FoldPolicies(ctx, e.ledger, derivation, method.Policy, other.Policy)
	if err != nil {
		return err
	}
	q.Policy = method.Policy.Name // side by side, both are named
	t.root, t.other = both[0].Root, both[1].Root
	return q.View.Align(t.root, t.other)
}
