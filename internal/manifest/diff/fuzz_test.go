package diff_test

import (
	"testing"

	"github.com/dendro-carbon/dendro/internal/manifest/compat"
	"github.com/dendro-carbon/dendro/internal/manifest/diff"
)

// FuzzCompare compares any two documents: a document equals itself, the order
// of the sides does not matter, a tolerance never adds differences, and nothing
// panics.
func FuzzCompare(f *testing.F) {
	f.Add(withTree("outputs: [{timestamp: 2024-01-01T00:00:00Z, s: 1}, {s: .nan}]"), withTree("outputs: [{s: '*'}]", "aggregated: {s: 1}"))
	f.Add(withTree("outputs: [{timestamp: '2024-01-01T00:00Z', s: 1, l: [1, {a: b}]}]"), withTree("outputs: [{timestamp: '2024-01-01T00:01Z', s: 1}]"))
	f.Add(withTree("children: {a: {}, 1: null}"), withTree("children: {1: {inputs: [{a: 1}, {b: 2}]}}"))
	f.Add(withTree("inputs: {from: a.csv}"), withTree("inputs: 5", "outputs: null"))
	f.Add(withTree("k: {outputs: [{a: 1}]}"), withTree("k: {outputs: []}"))
	f.Fuzz(func(t *testing.T, first, second string) {
		a, err := readSide(first, compat.Options{})
		if err != nil {
			t.Skip()
		}
		b, err := readSide(second, compat.Options{})
		if err != nil {
			t.Skip()
		}
		mirrored(t, a, b, diff.Options{})
		exact := diff.Compare(a, b, diff.Options{}).Count
		if loose := diff.Compare(a, b, diff.Options{Relative: 1e-3, Absolute: 1}).Count; loose > exact {
			t.Errorf("%d differences with a tolerance, %d without", loose, exact)
		}
		if lines := diff.FirstIF11(a, b); len(lines) != 0 && len(lines) != 3 {
			t.Errorf("if-diff's report has %d lines", len(lines))
		}
	})
}
