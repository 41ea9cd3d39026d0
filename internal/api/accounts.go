package api

import (
	"context"

	"github.com/dendro-carbon/dendro/internal/account"
)

// seen returns the accounts with figures in a span, in order.
func (s *Server) seen(ctx context.Context, span account.Span) ([]accountSeen, error) {
	found, err := s.Engine.Accounts(ctx, span)
	if err != nil {
		return nil, err
	}
	out := make([]accountSeen, len(found))
	for i, a := range found {
		out[i] = accountSeen{Labels: a.Labels, Kind: a.Kind.String()}
	}
	return out, nil
}
