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
	seen   map[account.Account]bool
	labels map[string]bool // all there are
	joined []derive.LabelRule
	parts  map[joint]string
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
		levels: q.View.By, names: q.View.Names, seen: map[account.Account]bool{}, labels: map[string]bool{}, parts: map[joint]string{},
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

// see takes notice of an account.
func (n *notes) see(a account.Account) {
	if n.seen[a] {
		return
	}
	n.seen[a] = true
	a.Labels = renamed(n.names, a.Labels)
	asked := n.where.Holds(a.Labels)
	for name, value := range a.Labels.All() {
		n.labels[name] = true
		if asked && len(n.where) > 0 {
			n.found[match{name, value}] = true
		}
	}
	for _, rule := range n.joined {
		value := a.Labels.Get(rule.Label)
		if value == "" {
			continue
		}
		n.name(joint{rule.Label, value}, parts(a.Labels, rule.From))
	}
}

// name notes what a joined name is made of.
func (n *notes) name(j joint, of string) {
	before, known := n.parts[j]
	switch {
	case !known:
		n.parts[j] = of
	case before != of && !strings.HasPrefix(before, "\x00"):
		n.parts[j] = "\x00" // told once
		n.shared = append(n.shared, fmt.Sprintf("%s %q stands for %s and for %s: ask by those labels to tell them apart",
			j.label, j.value, min(before, of), max(before, of)))
	}
}

// parts writes the labels that a name is made of.
func parts(labels account.Labels, names []string) string {
	texts := make([]string, len(names))
	for i, name := range names {
		texts[i] = fmt.Sprintf("%s %q", name, labels.Get(name))
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
