package intensity

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/dendro-carbon/dendro/internal/diag"
)

// NoRegion returns the error of a source that does not have a region. It wraps
// [ErrRegion] and tells which of the known regions are most like the one asked
// for. Upper and lower case do not matter.
func NoRegion(source, region string, known []string) error {
	near := nearest(region, known)
	switch {
	case region == "":
		return fmt.Errorf("%w: %s: no region is given; name one, such as %s", ErrRegion, source, first(known))
	case len(near) == 0:
		return fmt.Errorf("%w: %s has no %q; its %d regions have names such as %s", ErrRegion, source, region, len(known), first(known))
	}
	return fmt.Errorf("%w: %s has no %q; did you mean %s?", ErrRegion, source, region, strings.Join(near, " or "))
}

// first returns the first known name as an example.
func first(known []string) string {
	if len(known) == 0 {
		return "none"
	}
	return fmt.Sprintf("%q", known[0])
}

// nearest returns, quoted, at most three of the names that are like a text: those
// that hold it, and those that a third of its letters changed would make.
func nearest(text string, names []string) []string {
	const most = 3
	type candidate struct {
		name  string
		apart int
	}
	text = strings.ToLower(text)
	var near []candidate
	for _, name := range names {
		lower := strings.ToLower(name)
		apart := diag.Distance(text, lower)
		if len(text) > 2 && strings.Contains(lower, text) {
			apart = min(apart, 1)
		}
		if apart <= max(1, len(text)/3) {
			near = append(near, candidate{name, apart})
		}
	}
	slices.SortFunc(near, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.apart, b.apart), cmp.Compare(a.name, b.name))
	})
	var quoted []string
	for _, c := range near[:min(most, len(near))] {
		quoted = append(quoted, fmt.Sprintf("%q", c.name))
	}
	return quoted
}
