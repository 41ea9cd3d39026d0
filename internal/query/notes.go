package query

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/derive"
	"github.com/dendro-carbon/dendro/internal/ledger"
)

// notes finds what a reader of an answer has to be told: levels that no account
// has, values that the filter asks for and nothing has, and names that are made of several
// labels and mean more than one thing.
// IDA_B with Muon and IDA with B_Muon are both called IDA_B_Muon.
type notes struct {
	levels []string
	names  account.Renamer // nil shows people as they are called
	seen   []account.Account
	labels map[string]bool // all there are
	joined []derive.LabelRule
	parts  map[joint][]string // values of those labels in the first account that has the name
	told   map[joint]bool
	shared []string
	where  account.Filter
	found  map[match]bool // values of where that figures have
	// missing is what is told of the others.
	missing []string
}

// joint is a name that a rule made of several labels.
type joint struct{ label, value string }

// notes returns the notes of a question under the newest method.
func (e *Engine) notes(ctx context.Context, q Question) (*notes, error) {
	n := &notes{
		levels: q.View.By, names: q.View.Names, labels: map[string]bool{}, parts: map[joint][]string{}, told: map[joint]bool{},
		where: q.View.Where, found: map[match]bool{},
	}
	method, err := ledger.MethodAt(ctx, e.ledger, q.At)
	if errors.Is(err, ledger.ErrNoMethod) {
		return n, nil
	}
	if err != nil {
		return nil, err
	}
	asked := slices.Clone(q.View.By)
	for _, m := range q.View.Where {
		asked = append(asked, m.Label)
	}
	for _, rule := range method.Names {
		if len(rule.From) > 1 && slices.Contains(asked, rule.Label) {
			n.joined = append(n.joined, rule)
		}
	}
	return n, nil
}

// see takes notice of an account. It is called once for each.
func (n *notes) see(a account.Account) {
	n.seen = append(n.seen, a)
	a.Labels = renamed(n.names, a.Labels)
	asked := n.where.Holds(a.Labels)
	for name, value := range a.Labels.All() {
		if !n.labels[name] {
			n.labels[name] = true
		}
		if asked && len(n.where) > 0 {
			n.found[match{name, value}] = true
		}
	}
	for _, rule := range n.joined {
		if value := a.Labels.Get(rule.Label); value != "" {
			n.name(joint{rule.Label, value}, a.Labels, rule.From)
		}
	}
}

// name notes what a joined name is made of, and tells once if it is not always the same.
func (n *notes) name(j joint, labels account.Labels, from []string) {
	first, known := n.parts[j]
	if !known {
		n.parts[j] = valuesOf(labels, from)
		return
	}
	if n.told[j] {
		return
	}
	for i, name := range from {
		if labels.Get(name) != first[i] {
			n.told[j] = true
			n.tell(j, parts(from, first), parts(from, valuesOf(labels, from)))
			return
		}
	}
}

// tell notes that a name stands for two things.
func (n *notes) tell(j joint, one, other string) {
	n.shared = append(n.shared, fmt.Sprintf("%s %q stands for %s and for %s: ask by those labels to tell them apart",
		j.label, j.value, min(one, other), max(one, other)))
}

// valuesOf returns the values of some labels.
func valuesOf(labels account.Labels, names []string) []string {
	values := make([]string, len(names))
	for i, name := range names {
		values[i] = labels.Get(name)
	}
	return values
}

// parts writes the labels that a name is made of.
func parts(names, values []string) string {
	texts := make([]string, len(names))
	for i, name := range names {
		texts[i] = fmt.Sprintf("%s %q", name, values[i])
	}
	return strings.Join(texts, " with ")
}

// warnings returns what is to be told, in a fixed order.
func (n *notes) warnings() []string {
	var out []string
	if len(n.seen) > 0 {
		for _, level := range n.levels {
			if !n.labels[level] {
				out = append(out, fmt.Sprintf("no account of the window has the label %q; there are %s",
					level, strings.Join(sortedKeys(n.labels), ", ")))
			}
		}
	}
	slices.Sort(n.shared)
	return slices.Concat(out, n.missing, n.shared)
}
