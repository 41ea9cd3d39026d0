package ledger

import (
	"context"
	"time"
)

// Turn is the work of learning something, or of deriving and committing, in a
// store that several processes write to. It is done by one of them at a time, so
// that no commit leaves out what was known at its time.
const Turn = "turn"

// Grant is the answer to a claim.
type Grant struct {
	// Held says that the work is the caller's, until the term ends or it is
	// released.
	Held bool
	// Fresh says that it was not so before this claim.
	Fresh bool
	// LastKnownAt is that of [Status] if others write to the store too, and
	// zero if nobody else can.
	LastKnownAt time.Time
}

// Lease is a piece of work and who has it.
type Lease struct {
	Work   string `json:"work"`
	Holder string `json:"holder"`
	// Own says that the holder is the process that was asked.
	Own   bool      `json:"own,omitempty"`
	Since time.Time `json:"since"`
	Until time.Time `json:"until"`
}

// Leases divides work between processes on one store. In a store that has one
// writer at a time, that writer is granted everything and holds nothing.
//
// A lease ends after its term by the clock of the store, whatever happens to its
// holder. It divides work and protects nothing, but for [Turn]: once a store was
// granted the turn, each of its writes fails with [ErrLease] if the turn is not
// its own any more, until it claims it again or releases it.
type Leases interface {
	// Claim takes or prolongs a lease, unless somebody else has it.
	Claim(ctx context.Context, work string, term time.Duration) (Grant, error)
	// Release gives a lease back. Without one it does nothing.
	Release(ctx context.Context, work string) error
	// Leases returns who has what, in order of work.
	Leases(ctx context.Context) ([]Lease, error)
}
