package account

import (
	"cmp"
	"fmt"
	"time"

	"github.com/dendro-carbon/dendro/unit"
)

// IntensityKind says how good a carbon intensity is, best first: within one
// source the better kind always holds.
type IntensityKind uint8

// The kinds of intensities.
const (
	// IntensityActual is what the source states as final, or its best
	// knowledge of the past.
	IntensityActual IntensityKind = iota
	// IntensityEstimate is the source's estimate of the past.
	IntensityEstimate
	// IntensityForecast was stated before its time.
	IntensityForecast
	// IntensityAnnual is a mean over a year or more.
	IntensityAnnual
)

func intensityKindNames() [4]string {
	return [...]string{"actual", "estimate", "forecast", "annual"}
}

// String returns the word used in JSON and SQL.
func (k IntensityKind) String() string {
	if names := intensityKindNames(); int(k) < len(names) {
		return names[k]
	}
	return fmt.Sprintf("intensity kind(%d)", uint8(k))
}

// MarshalText writes the word.
func (k IntensityKind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads the word.
func (k *IntensityKind) UnmarshalText(text []byte) error {
	for i, name := range intensityKindNames() {
		if name == string(text) {
			*k = IntensityKind(i)
			return nil
		}
	}
	return fmt.Errorf("intensity kind %q: use actual, estimate, forecast or annual", text)
}

// Accounting is what an intensity counts. Figures of different accounting are
// never mixed in one total. It is comparable.
type Accounting struct {
	// Scope is "combustion" (what power stations emit while running) or
	// "lifecycle" (with building, fuel supply and disposal).
	Scope string `json:"scope"`
	// Approach is "location" (the grid's mix) or "market" (contracts).
	Approach string `json:"approach"`
}

// String returns scope and approach.
func (a Accounting) String() string { return a.Scope + ", " + a.Approach + "-based" }

// Intensity is the carbon intensity of a region's electricity in a span, as one
// source stated it at one time. Intensities are revised, never changed: of
// those with one source, region, span and kind, the one with the newest KnownAt
// holds.
type Intensity struct {
	// Region is the configured name of the place, such as "GB".
	Region string `json:"region"`
	// Span is the time that Value is the mean of.
	Span  Span           `json:"span"`
	Value unit.Intensity `json:"gco2e_per_kwh"`
	Kind  IntensityKind  `json:"kind"`
	// Accounting must be the same for all that meet in one total.
	Accounting Accounting `json:"accounting"`
	// Source is the configured name of the source; Version is what the source
	// says of its data, model or vintage, "" when it says nothing.
	Source  string `json:"source"`
	Version string `json:"version,omitempty"`
	// KnownAt is when the value became known to the ledger.
	KnownAt time.Time `json:"known_at,omitzero"`
}

// Compare orders intensities by region, source, start, end, kind and KnownAt.
func (i Intensity) Compare(other Intensity) int {
	return cmp.Or(cmp.Compare(i.Region, other.Region), cmp.Compare(i.Source, other.Source),
		i.Span.From.Compare(other.Span.From), i.Span.To.Compare(other.Span.To),
		cmp.Compare(i.Kind, other.Kind), i.KnownAt.Compare(other.KnownAt))
}

// SameAs reports whether other says the same, apart from when it became known.
func (i Intensity) SameAs(other Intensity) bool {
	return i.Region == other.Region && i.Source == other.Source && i.Span.Equal(other.Span) &&
		i.Kind == other.Kind && i.Value == other.Value && i.Version == other.Version &&
		i.Accounting == other.Accounting
}
