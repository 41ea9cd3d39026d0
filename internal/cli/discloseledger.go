package cli

import (
	"context"
	"errors"

	"github.com/dendro-carbon/dendro/internal/disclosure"
)

func (f *discloseFlags) ofLedger(ctx context.Context, s *streams, r disclosure.Request) error {
	return errors.New("not yet")
}
