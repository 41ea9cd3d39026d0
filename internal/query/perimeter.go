package query

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/ledger"
)

// perimeter reads a perimeter; empty leaves the choice to the engine.
func perimeter(text string) (account.Perimeter, error) {
	if p := account.Perimeter(text); text == "" || slices.Contains(account.Perimeters(), p) {
		return p, nil
	}
	return "", refuse("perimeter", fmt.Sprintf("%q is not one", text), "use hosts or services")
}

// within returns the filter that keeps a perimeter.
func within(p account.Perimeter) account.Filter {
	value := string(p)
	if p == account.PerimeterHosts {
		value = "" // they have no such label
	}
	return account.Filter{{Label: account.LabelPerimeter, Values: []string{value}}}
}

// choose keeps the tree of one perimeter and returns the totals of the others.
func (t *table) choose() []Apart {
	chosen, _, others := t.question.View.Choose(t.root, t.question.Perimeter)
	var apart []Apart
	for _, n := range others {
		apart = append(apart, Apart{account.Perimeter(n.Name), n.Figures()})
	}
	t.root, t.other, t.perimeter = t.tree(t.root, chosen), t.tree(t.other, chosen), chosen
	return apart
}

// tree returns the tree of a perimeter, an empty one if there is none.
func (t *table) tree(root *account.Node, p account.Perimeter) *account.Node {
	if root == nil {
		return nil
	}
	for _, n := range root.Children {
		if n.Name == string(p) {
			n.Name = ""
			return n
		}
	}
	n := &account.Node{}
	if len(t.periods) > 0 {
		n.Series = make([]*account.Quantities, len(t.periods))
	}
	return n
}

// tellPerimeter says in an answer whose figures it has, and whose it has not.
func (t *table) tellPerimeter(a *Answer, apart []Apart) {
	if a.Apart = apart; len(apart) > 0 || t.perimeter != account.PerimeterHosts {
		a.Perimeter = t.perimeter
	}
}

// PerimeterNote tells people whose figures an answer has not, "" if it has all.
func (a *Answer) PerimeterNote() string {
	var notes []string
	for _, other := range a.Apart {
		energy := "energy that is not known"
		if other.Energy != nil {
			energy = other.Energy.String()
		}
		notes = append(notes, fmt.Sprintf("Figures of %s. Counted apart: %s of %s, which are among the same joules (--perimeter %s).",
			a.Perimeter, energy, other.Perimeter, other.Perimeter))
	}
	return strings.Join(notes, "\n")
}

// totals yields the totals of the slots of a stretch, by perimeter.
func (e *Engine) totals(ctx context.Context, s stretch) iter.Seq2[ledger.Row, error] {
	return func(yield func(ledger.Row, error) bool) {
		services, err := e.has(ctx, s.span, account.PerimeterServices)
		if err != nil {
			yield(ledger.Row{}, err)
			return
		}
		hosts := !services
		if services {
			if hosts, err = e.has(ctx, s.span, account.PerimeterHosts); err != nil {
				yield(ledger.Row{}, err)
				return
			}
		}
		var of account.Account
		if !hosts {
			of.Labels, _ = of.Labels.With(account.LabelPerimeter, string(account.PerimeterServices))
		}
		for slot, err := range e.ledger.Slots(ctx, s.span) {
			if !yield(ledger.Row{Period: slot.Slot, Account: of, Quantities: slot.Total}, err) || err != nil {
				return
			}
		}
		if services && hosts {
			e.takeOut(ctx, s, yield)
		}
	}
}

// takeOut yields the rows of services, by the step of the stretch, and what is to be
// taken out of the totals of slots for them, so that the hosts' are left.
func (e *Engine) takeOut(ctx context.Context, s stretch, yield func(ledger.Row, error) bool) {
	for row, err := range e.ledger.Rows(ctx, ledger.Query{Span: s.span, Step: s.step, Where: within(account.PerimeterServices)}) {
		if err == nil {
			out := ledger.Row{Period: row.Period}
			if out.Quantities, err = out.Sub(row.Quantities); err == nil && !yield(out, nil) {
				return
			}
		}
		if !yield(row, err) || err != nil {
			return
		}
	}
}

// has reports whether a ledger has anything of a perimeter in a span. Where it has, its
// newest hour mostly says so, which is less to read than months.
func (e *Engine) has(ctx context.Context, span account.Span, p account.Perimeter) (bool, error) {
	state, err := e.ledger.Status(ctx)
	if err != nil {
		return false, err
	}
	newest := span
	if newest.To.After(state.Last.To) {
		newest.To = state.Last.To
	}
	newest.From = newest.To.Add(-time.Hour)
	for _, q := range []ledger.Query{
		{Span: newest.Overlap(span), Step: account.StepHour, Where: within(p)}, {Span: span, Step: account.StepMonth, Where: within(p)},
	} {
		for _, err := range e.ledger.Rows(ctx, q) {
			return err == nil, err
		}
	}
	return false, nil
}
