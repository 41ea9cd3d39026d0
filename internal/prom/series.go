package prom

import (
	"bytes"
	"cmp"
	"iter"
	"math"
	"slices"
)

// Sample is a value at a time, in milliseconds since 1970 UTC.
type Sample struct {
	At    int64
	Value float64
}

// staleNaN is the NaN with which Prometheus marks the end of a series
// (model/value, StaleNaN). It is no value.
const staleNaN = 0x7ff0000000000002

// Series is a series with some samples. It and all that it returns is valid only
// until the function that got it returns.
type Series struct {
	// Samples are in order of time, one for each time, within the window that
	// was asked for. Stale markers are left out; other NaN are not.
	Samples []Sample

	labels []label
}

type label struct{ name, value []byte }

// Labels yields the labels in order of their names, without empty ones. The
// metric's name is __name__.
func (s *Series) Labels() iter.Seq2[[]byte, []byte] {
	return func(yield func([]byte, []byte) bool) {
		for _, l := range s.labels {
			if !yield(l.name, l.value) {
				return
			}
		}
	}
}

// Get returns the value of a label, nil when there is none.
func (s *Series) Get(name string) []byte {
	for _, l := range s.labels {
		if string(l.name) == name {
			return l.value
		}
	}
	return nil
}

// sortLabels puts labels into the order of their names and drops empty ones.
func (s *Series) sortLabels() {
	s.labels = slices.DeleteFunc(s.labels, func(l label) bool { return len(l.value) == 0 })
	byName := func(a, b label) int { return bytes.Compare(a.name, b.name) }
	if !slices.IsSortedFunc(s.labels, byName) {
		slices.SortStableFunc(s.labels, byName)
	}
}

// trim keeps the samples within a window and makes their times rise. Chunks of
// blocks that overlap come unordered and with the same times twice; of two values
// at one time the larger is kept, so that the result does not depend on the order
// of the blocks.
func (s *Series) trim(w Window) {
	kept, rising := s.Samples[:0], true
	for _, x := range s.Samples {
		if x.At < w.From || x.At > w.To || math.Float64bits(x.Value) == staleNaN {
			continue
		}
		rising = rising && (len(kept) == 0 || kept[len(kept)-1].At < x.At)
		kept = append(kept, x)
	}
	if !rising {
		slices.SortFunc(kept, func(a, b Sample) int {
			return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(b.Value, a.Value))
		})
		kept = slices.CompactFunc(kept, func(a, b Sample) bool { return a.At == b.At })
	}
	s.Samples = kept
}
