// Package intensity is the port to sources of carbon intensities. The suite in
// intensitytest proves an adapter; the ledger keeps what adapters return.
package intensity

import (
	"context"
	"errors"
	"fmt"

	"github.com/dendro-carbon/dendro/internal/account"
)

var (
	// ErrRegion reports a region that the source does not have. Asking again
	// is of no use.
	ErrRegion = errors.New("region is not known to the intensity source")
	// ErrUnavailable reports a source that cannot answer now: it is down, slow,
	// or limits the rate. Asking later may help.
	ErrUnavailable = errors.New("intensity source is not available")
	// ErrReply reports an answer that is not what the source documents.
	ErrReply = errors.New("intensity source gave an invalid answer")
	// ErrChain reports sources that cannot be used together.
	ErrChain = errors.New("intensity sources cannot be one chain")
)

// Info says what a source is.
type Info struct {
	// Name is its configured name; chains and bases refer to it.
	Name string
	// Accounting is what all its values count.
	Accounting account.Accounting
	// Revises is whether values of the past may change, so that they are worth
	// asking for again.
	Revises bool
	// Forecasts is whether it answers for the future.
	Forecasts bool
	// Licence and Credit are what its terms ask to be shown with figures.
	Licence, Credit string
}

// Source tells carbon intensities. Its methods may be called from several
// goroutines.
type Source interface {
	// Info returns what the source is; always the same.
	Info() Info
	// Fetch returns all that the source now knows of a region in a span, in
	// canonical order: every value whose span overlaps the one asked for,
	// whole, and no other. Values of one kind do not overlap. Each has the region
	// as asked for, the name and accounting of Info, a value of at least 0 and
	// no KnownAt, which is the ledger's to set. What the source does not know
	// (its null) is left out, never 0; knowing nothing is an empty result and
	// no error. An empty span asks for nothing.
	//
	// How a span is cut into requests is the adapter's affair: two halves
	// together give what the whole does. The result is complete or there is an
	// error, which wraps [ErrRegion], [ErrUnavailable] or [ErrReply], or is
	// that of the context. The caller may change the result.
	Fetch(ctx context.Context, region string, span account.Span) ([]account.Intensity, error)
}

// CheckChain returns an error that wraps [ErrChain] for sources that must not
// answer for one another: no source, two of one name, or different accounting.
// Combustion-only and life-cycle factors, or location- and market-based ones,
// would otherwise be mixed in one total.
func CheckChain(sources []Info) error {
	if len(sources) == 0 {
		return fmt.Errorf("%w: there is none", ErrChain)
	}
	seen := map[string]bool{}
	for _, s := range sources {
		switch {
		case seen[s.Name]:
			return fmt.Errorf("%w: %q is named twice", ErrChain, s.Name)
		case s.Accounting != sources[0].Accounting:
			return fmt.Errorf("%w: %q counts %v, but %q counts %v; use sources that count the same",
				ErrChain, sources[0].Name, sources[0].Accounting, s.Name, s.Accounting)
		}
		seen[s.Name] = true
	}
	return nil
}
