package file

import (
	"fmt"
	"maps"
	"slices"
	"sort"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/diag"
)

// kinds is how many kinds of intensities there are.
const kinds = int(account.IntensityAnnual) + 1

// table is what a file holds. It does not change.
type table struct{ regions map[string]*series }

// series is the values of one region by kind, each in order of time and without
// overlaps.
type series [kinds][]row

// row is a value and the line it stands on.
type row struct {
	account.Intensity
	line int
}

func (t *table) names() []string { return slices.Sorted(maps.Keys(t.regions)) }

// add puts a value into its series.
func (t *table) add(r row) {
	s, ok := t.regions[r.Region]
	if !ok {
		s = &series{}
		t.regions[r.Region] = s
	}
	s[r.Kind] = append(s[r.Kind], r)
}

// finish sorts the series and returns the overlaps in them.
func (t *table) finish(file string) diag.List {
	var list diag.List
	for _, name := range t.names() {
		for _, rows := range t.regions[name] {
			slices.SortStableFunc(rows, func(a, b row) int { return a.Compare(b.Intensity) })
			for i := 1; i < len(rows); i++ {
				if p := overlap(rows[i-1], rows[i]); p != nil && len(list) < maxProblems {
					p.File = file
					list = append(list, p)
				}
			}
		}
	}
	list.Sort()
	return list
}

// overlap returns the problem of two neighbours of one kind, nil when there is
// none.
func overlap(a, b row) *diag.Problem {
	if !b.Span.From.Before(a.Span.To) {
		return nil
	}
	first, second := min(a.line, b.line), max(a.line, b.line)
	text := fmt.Sprintf("%s of %q from %v overlaps that of line %d", b.Kind, b.Region, b.Span, first)
	if a.Span.Equal(b.Span) {
		text = fmt.Sprintf("%s of %q for %v is given twice, first in line %d", b.Kind, b.Region, b.Span, first)
	}
	p := diag.New("", "%s", text).WithHint("keep one of them, or give them different kinds")
	p.Line = second
	return p
}

// within returns the values that overlap a span, in canonical order.
func (s *series) within(span account.Span) []account.Intensity {
	var out []account.Intensity
	if span.IsEmpty() {
		return nil
	}
	for _, rows := range s {
		from := sort.Search(len(rows), func(i int) bool { return rows[i].Span.To.After(span.From) })
		for _, r := range rows[from:] {
			if !r.Span.From.Before(span.To) {
				break
			}
			out = append(out, r.Intensity)
		}
	}
	slices.SortFunc(out, account.Intensity.Compare)
	return out
}
