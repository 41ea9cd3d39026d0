package api

import (
	"cmp"
	"context"
	"slices"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/ledger"
)

// seen returns the accounts with figures in a span, in order.
func (s *Server) seen(ctx context.Context, span account.Span) ([]accountSeen, error) {
	found := make(map[account.Account]bool)
	for row, err := range s.Store.Rows(ctx, ledger.Query{Span: span, Step: account.StepMonth}) {
		if err != nil {
			return nil, err
		}
		found[row.Account] = true
	}
	out := make([]accountSeen, 0, len(found))
	for a := range found {
		out = append(out, accountSeen{Labels: a.Labels, Kind: a.Kind.String()})
	}
	slices.SortFunc(out, func(a, b accountSeen) int {
		return cmp.Or(a.Labels.Compare(b.Labels), cmp.Compare(a.Kind, b.Kind))
	})
	return out, nil
}
