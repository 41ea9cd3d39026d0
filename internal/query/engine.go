package query

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/derive"
	"github.com/dendro-carbon/dendro/internal/ledger"
)

// Ledger is what questions are answered from: a store that may be open for
// reading only.
type Ledger interface {
	ledger.Knowledge
	Status(ctx context.Context) (ledger.Status, error)
}

// Open is what is known so far of a slot that is not closed.
type Open struct {
	Slot    account.Span
	Entries []account.Entry
}

// Options are what an engine knows besides the ledger. The zero value is for a
// ledger that nobody writes to.
type Options struct {
	// Open returns the open slots, in order of time; nil when there are none.
	Open func(ctx context.Context) ([]Open, error)
	// Simulated marks every answer as not measured.
	Simulated bool
	// Policies are those that can be asked for by name, beside the ledger's own.
	Policies []derive.Policy
	// Names, if given, shows people by pseudonyms: when a question asks for them,
	// and with Pseudonyms always.
	Names      account.Renamer
	Pseudonyms bool
}

// Engine answers questions. Its methods may be called from several goroutines.
type Engine struct {
	ledger Ledger
	opts   Options
}

// New returns an engine over a ledger.
func New(l Ledger, o Options) *Engine { return &Engine{ledger: l, opts: o} }

// Calendar returns the calendar in which questions are to be parsed.
func (e *Engine) Calendar() account.Calendar { return e.ledger.Calendar() }

// attempts is how often an answer is made again because the ledger changed
// meanwhile. The last one is good too: each slot in it is from one revision.
const attempts = 3

// Ask answers a question. It returns an error that wraps [ErrQuestion] when the
// answer would be too large, [unit.ErrOverflow] for sums that do not fit, and
// the errors of the ledger.
func (e *Engine) Ask(ctx context.Context, q Question) (*Answer, error) {
	before, err := e.ledger.Status(ctx)
	for range attempts {
		if err != nil {
			return nil, fmt.Errorf("query: %w", err)
		}
		var a *Answer
		if a, err = e.answer(ctx, q, before); errors.Is(err, ErrQuestion) {
			return nil, err // it names the parameter by itself
		}
		if err != nil {
			return nil, fmt.Errorf("query: %w", err)
		}
		var after ledger.Status
		if after, err = e.ledger.Status(ctx); err == nil && after.LastKnownAt.Equal(before.LastKnownAt) {
			return a, nil
		}
		before = after
	}
	return e.answer(ctx, q, before)
}

// answer makes an answer of what the ledger holds at this moment.
func (e *Engine) answer(ctx context.Context, q Question, state ledger.Status) (*Answer, error) {
	var err error
	if q.View.Names, err = e.names(q.Pseudonyms); err != nil {
		return nil, err
	}
	q.View.Perimeters = true
	t := newTable(e.ledger.Calendar(), q)
	if err := e.fits(ctx, t, state.Accounts); err != nil {
		return nil, err
	}
	notes, err := e.notes(ctx, q)
	if err != nil {
		return nil, err
	}
	derives, err := e.derives(ctx, q)
	if err != nil {
		return nil, err
	}
	newest := state.LastKnownAt
	if !q.At.IsZero() {
		newest = q.At
	}
	if derives {
		err = e.readDerived(ctx, t, newest)
	} else {
		err = e.readNewest(ctx, t, notes, state.Accounts)
	}
	if err != nil {
		return nil, err
	}
	if err := e.tellMissing(ctx, t, notes, derives); err != nil {
		return nil, err
	}
	apart := t.choose()
	a := t.answer()
	t.tellPerimeter(a, apart)
	a.Simulated = e.opts.Simulated
	a.Warnings = notes.warnings()
	if !newest.IsZero() {
		a.AsKnownAt = &newest
	}
	return a, nil
}

// readNewest folds the newest revision of closed slots, then open ones.
func (e *Engine) readNewest(ctx context.Context, t *table, n *notes, accounts int64) error {
	fold := account.NewFold(t.question.View, len(t.periods))
	for part := range t.stretches() {
		for row, err := range e.rows(ctx, t, part, accounts) {
			if err != nil {
				return err
			}
			if err := fold.Add(row.Account, t.period(row.Period.From), row.Quantities); err != nil {
				return err
			}
		}
	}
	if err := e.addOpen(ctx, t, fold); err != nil {
		return err
	}
	for _, a := range fold.Seen() {
		n.see(a)
	}
	var err error
	t.root, err = fold.Tree()
	return err
}

// rows yields what is known of a stretch: the sums of its accounts, or the totals of
// its slots where nothing else is asked for and they are fewer.
func (e *Engine) rows(ctx context.Context, t *table, s stretch, accounts int64) iter.Seq2[ledger.Row, error] {
	view := &t.question.View
	slots := int64(s.span.Duration() / t.calendar.Grid().Step())
	if len(view.By) > 0 || len(view.Where) > 0 || accounts*int64(s.periods) <= slots {
		return e.ledger.Rows(ctx, ledger.Query{Span: s.span, Step: s.step, Where: view.Stored()})
	}
	return e.totals(ctx, s)
}

// addOpen adds the slots that are not closed. One that was closed meanwhile is
// left out: it may be among the rows that were read before.
func (e *Engine) addOpen(ctx context.Context, t *table, fold *account.Fold) error {
	if e.opts.Open == nil {
		return nil
	}
	open, err := e.opts.Open(ctx)
	if err != nil {
		return fmt.Errorf("open slots: %w", err)
	}
	for _, o := range open {
		if !t.question.Span.Covers(o.Slot) {
			continue
		}
		closed, err := e.closed(ctx, o.Slot)
		if err != nil {
			return err
		}
		if closed {
			continue
		}
		t.markOpen(o.Slot)
		for _, entry := range o.Entries {
			if err := fold.Add(entry.Account, t.period(o.Slot.From), entry.Quantities); err != nil {
				return err
			}
		}
	}
	return nil
}

// closed reports whether a slot is closed.
func (e *Engine) closed(ctx context.Context, slot account.Span) (bool, error) {
	for _, err := range e.ledger.Slots(ctx, slot) {
		return err == nil, err
	}
	return false, nil
}

// maxValues is the most nodes times periods of one answer: about half a gigabyte.
const maxValues = 2_000_000

// fits refuses answers that would not fit into memory. Nodes are only counted
// where so many accounts could have too many.
func (e *Engine) fits(ctx context.Context, t *table, accounts int64) error {
	if (1+int(accounts)*len(t.question.View.By))*len(t.periods) <= maxValues {
		return nil
	}
	all := t.question.View
	all.Top, all.Perimeters = 0, false
	root, err := ledger.FoldTotal(ctx, e.ledger, all, t.question.Span)
	if err != nil {
		return err
	}
	nodes := 1
	for range root.Walk() {
		nodes++
	}
	if nodes*len(t.periods) <= maxValues {
		return nil
	}
	return refuse("step", fmt.Sprintf("%d nodes with %d periods each are more than one answer holds", nodes, len(t.periods)),
		"use a longer step, a shorter window, fewer levels, or where")
}
