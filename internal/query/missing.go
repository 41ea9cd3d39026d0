package query

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/diag"
)

// match is one value that a filter asks a label for.
type match struct{ label, value string }

func (m match) String() string { return fmt.Sprintf("%s %q", m.label, m.value) }

// matches returns the values of a filter. The empty value stands for accounts without
// the label and is not a name that could be mistyped.
func matches(f account.Filter) []match {
	var out []match
	for _, m := range f {
		for _, value := range m.Values {
			if value != "" {
				out = append(out, match{m.Label, value})
			}
		}
	}
	return out
}

// tellMissing notes the values of the filter that no figure of the answer has: an empty
// table looks the same for a quiet account and for a name that nobody has.
func (e *Engine) tellMissing(ctx context.Context, t *table, n *notes, derived bool) error {
	q := &t.question
	missing := slices.DeleteFunc(matches(q.View.Where), func(m match) bool { return n.found[m] })
	// Accounts of derived figures are not seen one by one.
	if derived && (len(t.root.Children) > 0 || !t.root.IsZero()) {
		return nil
	}
	if len(missing) == 0 {
		return nil
	}
	known, err := e.values(ctx, q.Span, n.names)
	if err != nil {
		return err
	}
	for _, a := range n.seen { // also of slots that are not closed
		known.add(renamed(n.names, a.Labels))
	}
	var quiet []string
	for _, m := range missing {
		switch values := known[m.label]; {
		case values[m.value]:
			quiet = append(quiet, m.String())
		case len(known) == 0: // nothing at all is known of the window
		case len(values) == 0:
			n.missing = append(n.missing, fmt.Sprintf("no account around the window has the label %q; there are %s", m.label, strings.Join(sortedKeys(known), ", ")))
		default:
			n.missing = append(n.missing, fmt.Sprintf("no account around the window has %v: %s", m, suggest(m.value, sortedKeys(values))))
		}
	}
	if len(quiet) > 0 && len(n.missing) == 0 {
		n.missing = append(n.missing, "there are no figures in the window for "+strings.Join(quiet, " and ")+", though there are such accounts")
	}
	return nil
}

// meant says what could have been meant by the values of a filter that no account around a
// slot has, to stand behind what is wrong; "" if nothing could.
func (e *Engine) meant(ctx context.Context, where account.Filter, slot account.Span, names account.Renamer) (string, error) {
	known, err := e.values(ctx, slot, names)
	if err != nil {
		return "", err
	}
	text := ""
	for _, m := range matches(where) {
		switch values := known[m.label]; {
		case values[m.value] || len(known) == 0:
		case len(values) == 0:
			text += fmt.Sprintf("; there is no label %q, but %s", m.label, strings.Join(sortedKeys(known), ", "))
		default:
			text += fmt.Sprintf("; %s %q: %s", m.label, m.value, suggest(m.value, sortedKeys(values)))
		}
	}
	return text, nil
}

const (
	maxNear   = 3
	maxListed = 12
)

// suggest says what could have been meant by a name.
func suggest(name string, all []string) string {
	type candidate struct {
		name string
		gap  int
	}
	var near []candidate
	wanted := strings.ToLower(name)
	limit := max(1, len([]rune(name))/3)
	for _, other := range all {
		lower := strings.ToLower(other)
		gap := diag.Distance(wanted, lower)
		if strings.Contains(lower, wanted) {
			gap = min(gap, 1)
		}
		if gap <= limit {
			near = append(near, candidate{other, gap})
		}
	}
	slices.SortStableFunc(near, func(a, b candidate) int { return cmp.Compare(a.gap, b.gap) })
	near = slices.DeleteFunc(near, func(c candidate) bool { return c.gap > near[0].gap+1 })
	switch {
	case len(near) > 0:
		names := []string{}
		for _, c := range near[:min(len(near), maxNear)] {
			names = append(names, fmt.Sprintf("%q", c.name))
		}
		return "did you mean " + strings.Join(names, " or ") + "?"
	case len(all) <= maxListed:
		return "there are " + strings.Join(all, ", ")
	}
	return fmt.Sprintf("there are %d others, among them %s", len(all), strings.Join(all[:maxNear], ", "))
}
