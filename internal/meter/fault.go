package meter

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/dendro-carbon/dendro/internal/fetch"
	"github.com/dendro-carbon/dendro/internal/prom"
)

// Fault returns the error of a request as that of the port: it wraps [ErrReply] where
// an answer came that is not one of a meter, else [ErrUnavailable], unless the context
// has ended.
func Fault(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if errors.Is(err, ErrReply) {
		return err
	}
	if kind, ours := prom.KindOf(err); ours && kind == prom.Invalid {
		return fmt.Errorf("%w: %w", ErrReply, err)
	}
	if fault, ok := errors.AsType[*fetch.Error](err); ok && fault.Status == http.StatusOK && fault.Reached {
		return fmt.Errorf("%w: %w", ErrReply, err)
	}
	return fmt.Errorf("%w: %w", ErrUnavailable, err)
}
