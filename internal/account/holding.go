package account

import (
	"cmp"
	"slices"
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
	// Experiments are those that its parties are members of, in the order of
	// [Experiment.Compare]. Which of them the host was held for is the method's
	// to say.
	Experiments []Experiment `json:"experiments,omitempty"`
	// HostLabels is what the directory knows of the host itself, for slots in
	// which no source has seen it. What a source says goes before it.
	HostLabels Labels `json:"host_labels,omitzero"`
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
	return h.ID == other.ID && h.Host == other.Host && h.From.Equal(other.From) && h.To.Equal(other.To) && h.sameParties(other)
}

// sameParties reports whether other says the same of who held the host and for
// what, whatever it says of when.
func (h Holding) sameParties(other Holding) bool {
	return h.Holder == other.Holder && h.HostLabels == other.HostLabels && h.Reserved == other.Reserved &&
		h.Withdrawn == other.Withdrawn && slices.Equal(h.Shared, other.Shared) &&
		slices.EqualFunc(h.Experiments, other.Experiments, Experiment.SameAs)
}

// Clone returns a holding that shares no memory with h, with instants in UTC and
// to the microsecond.
func (h Holding) Clone() Holding {
	h.From, h.To, h.KnownAt = instantOrZero(h.From), instantOrZero(h.To), instantOrZero(h.KnownAt)
	h.Shared = slices.Clone(h.Shared)
	h.Experiments = slices.Clone(h.Experiments)
	for i := range h.Experiments {
		e := &h.Experiments[i]
		e.Members = slices.Clone(e.Members)
		e.From, e.To = instantOrZero(e.From), instantOrZero(e.To)
	}
	return h
}

func instantOrZero(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return Instant(t)
}

// Changed returns the time for which a revision says something else than the one
// before it: nothing else has to be derived again. The spans are in order and do
// not overlap.
func (h Holding) Changed(before Holding) []Span {
	old, now := before.held(), h.held()
	if h.Host != before.Host || !h.sameParties(before) {
		return JoinSpans(slices.Concat(old, now))
	}
	return JoinSpans(slices.Concat(outside(old, now), outside(now, old)))
}

// held returns the time of a holding, none when it is withdrawn or empty.
func (h Holding) held() []Span {
	if s := h.Span(); !h.Withdrawn && !s.IsEmpty() {
		return []Span{s}
	}
	return nil
}

// outside returns what of one span is not in another; both lists have at most
// one.
func outside(these, those []Span) []Span {
	if len(these) == 0 || len(those) == 0 {
		return these
	}
	s, other := these[0], those[0]
	var out []Span
	for _, part := range []Span{{s.From, minTime(s.To, other.From)}, {maxTime(s.From, other.To), s.To}} {
		if !part.IsEmpty() {
			out = append(out, part)
		}
	}
	return out
}

func minTime(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func maxTime(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
