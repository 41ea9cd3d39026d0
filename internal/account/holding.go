package account

import (
	"cmp"
	"time"
)

// Holding says who held a host, from when to when, known since when. Holdings
// are revised, never changed: of those with one ID the one with the newest
// KnownAt holds.
type Holding struct {
	// ID is the directory's own identity of the holding, stable over revisions.
	ID string `json:"id"`
	// Host is the normalised key of the host.
	Host string `json:"host"`
	// From is when it began and To when it ended, zero while it has not.
	From time.Time `json:"from"`
	To   time.Time `json:"to,omitzero"`
	// Holder is what the holding adds to the labels of the host: the owner, as
	// user, workspace and so on.
	Holder Labels `json:"holder"`
	// Shared is the further parties with access; whether they share is the
	// policy's to say.
	Shared []Labels `json:"shared,omitempty"`
	// Reserved is what the holder reserved, in any one unit, such as
	// processors, for policies that divide by reservation. 0 is unknown.
	Reserved uint64 `json:"reserved,omitempty"`
	// Withdrawn marks the revision that says the holding never was.
	Withdrawn bool `json:"withdrawn,omitempty"`
	// KnownAt is when the revision became known to the ledger.
	KnownAt time.Time `json:"known_at"`
}

// Span returns the time of the holding, without end while it has none.
func (h Holding) Span() Span {
	if h.To.IsZero() {
		return Span{h.From, endOfTime()}
	}
	return Span{h.From, h.To}
}

// endOfTime is later than any instant that is asked for.
func endOfTime() time.Time { return time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC) }

// Compare orders holdings by host, From, ID and KnownAt.
func (h Holding) Compare(other Holding) int {
	return cmp.Or(cmp.Compare(h.Host, other.Host), h.From.Compare(other.From),
		cmp.Compare(h.ID, other.ID), h.KnownAt.Compare(other.KnownAt))
}

// SameAs reports whether other says the same, apart from when it became known.
func (h Holding) SameAs(other Holding) bool {
	if len(h.Shared) != len(other.Shared) {
		return false
	}
	for i := range h.Shared {
		if h.Shared[i] != other.Shared[i] {
			return false
		}
	}
	return h.ID == other.ID && h.Host == other.Host && h.From.Equal(other.From) && h.To.Equal(other.To) &&
		h.Holder == other.Holder && h.Reserved == other.Reserved && h.Withdrawn == other.Withdrawn
}
