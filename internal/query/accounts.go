package query

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/ledger"
)

// Accounts returns the accounts with figures in a span, in order, with pseudonyms
// where answers have them.
func (e *Engine) Accounts(ctx context.Context, span account.Span) ([]account.Account, error) {
	names, err := e.names(false)
	if err != nil {
		return nil, err
	}
	var shown account.Roll // several may be shown alike
	for a, err := range e.accounts(ctx, span) {
		if err != nil {
			return nil, fmt.Errorf("accounts: %w", err)
		}
		a.Labels = renamed(names, a.Labels)
		shown.Number(a)
	}
	out := shown.Seen()
	slices.SortFunc(out, account.Account.Compare)
	return out, nil
}

// Values are the values of each label.
type Values map[string]map[string]bool

func (v Values) add(l account.Labels) {
	for name, value := range l.All() {
		known := v[name]
		if known == nil {
			known = map[string]bool{}
			v[name] = known
		}
		if !known[value] {
			known[value] = true
		}
	}
}

// Values returns the values of all labels of accounts with figures in the months of a
// span, with pseudonyms where answers have them.
func (e *Engine) Values(ctx context.Context, span account.Span) (Values, error) {
	names, err := e.names(false)
	if err != nil {
		return nil, err
	}
	return e.values(ctx, span, names)
}

// values returns the values of all labels as they are shown.
func (e *Engine) values(ctx context.Context, span account.Span, names account.Renamer) (Values, error) {
	known := Values{}
	for a, err := range e.accounts(ctx, span) {
		if err != nil {
			return nil, fmt.Errorf("values of labels: %w", err)
		}
		known.add(renamed(names, a.Labels))
	}
	return known, nil
}

// accounts yields each account with figures in the months of a span once.
func (e *Engine) accounts(ctx context.Context, span account.Span) iter.Seq2[account.Account, error] {
	return func(yield func(account.Account, error) bool) {
		var read account.Roll
		for row, err := range e.ledger.Rows(ctx, ledger.Query{Span: span, Step: account.StepMonth}) {
			if err != nil {
				yield(account.Account{}, err)
				return
			}
			if _, isNew := read.Number(row.Account); isNew && !yield(row.Account, nil) {
				return
			}
		}
	}
}
