package query

import (
	"slices"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
)

// Answer is the figures of a view over a window, in the shape of the JSON that
// dendro query and the API give.
type Answer struct {
	// From and To are the half-open window that the figures are of.
	From     time.Time `json:"from"`
	To       time.Time `json:"to"`
	TimeZone string    `json:"time_zone"`
	By       []string  `json:"by"`
	// AsKnownAt is the instant of knowledge: the one asked for, or that of the
	// newest change of the ledger. Asking as known at it gives the same figures
	// of closed slots again. It is nil for an empty ledger.
	AsKnownAt *time.Time `json:"as_known_at"`
	// Policy names the policy of the figures; empty is the ledger's own. Compare
	// names the one whose figures stand beside; empty is none.
	Policy  string `json:"policy,omitempty"`
	Compare string `json:"compare,omitempty"`
	// Perimeter is whose figures these are, where there may be doubt: hosts or services.
	// Empty is hosts. Apart are the totals of the others under the same filter, which
	// are counts of joules that may be the same, so nothing is the sum of both.
	Perimeter account.Perimeter `json:"perimeter,omitempty"`
	Apart     []Apart           `json:"apart,omitempty"`
	// Simulated says that nobody measured this.
	Simulated bool `json:"simulated,omitempty"`
	// Warnings are for people: a label that no account has, a name that two
	// groups share.
	Warnings []string `json:"warnings,omitempty"`
	// Total is the sum of the nodes without a parent.
	Total Total `json:"total"`
	// Nodes are the tree in depth-first order: parents before their children,
	// siblings as the question sorts them, rests last.
	Nodes []Node `json:"nodes"`
}

// Apart is the total of another perimeter.
type Apart struct {
	Perimeter account.Perimeter `json:"perimeter"`
	account.Figures
}

// Total is the figures of everything.
type Total struct {
	account.Figures
	// Provisional says that a slot which is not closed is among them.
	Provisional bool      `json:"provisional,omitempty"`
	Compared    *Compared `json:"compared,omitempty"`
	Series      []Point   `json:"series,omitempty"`
}

// Node is the figures of one node of the tree.
type Node struct {
	// Path is the names from the top down to the node, one for each level. A
	// rest has the word of its kind as name.
	Path []string     `json:"path"`
	Kind account.Kind `json:"kind"`
	account.Figures
	Provisional bool      `json:"provisional,omitempty"`
	Compared    *Compared `json:"compared,omitempty"`
	Series      []Point   `json:"series,omitempty"`
}

// Point is the figures of one period; all are nil where nothing is known.
type Point struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
	account.Figures
	Provisional bool      `json:"provisional,omitempty"`
	Compared    *Compared `json:"compared,omitempty"`
}

// answer turns the tree into its JSON shape.
func (t *table) answer() *Answer {
	q := &t.question
	a := &Answer{
		From: q.Span.From, To: q.Span.To, TimeZone: t.calendar.Zone().String(),
		By: slices.Concat([]string{}, q.View.By), Policy: q.Policy, Compare: q.Compare,
		Nodes: []Node{},
	}
	a.Total.Figures, a.Total.Compared, a.Total.Series = t.shown(t.root, t.other)
	a.Total.Provisional = t.isOpen
	t.add(a, nil, t.root, t.other)
	return a
}

// add adds the nodes below one, whose twin under the other policy is nil without a
// comparison.
func (t *table) add(a *Answer, path []string, n, twin *account.Node) {
	for i, c := range n.Children {
		var of *account.Node
		if twin != nil {
			of = twin.Children[i]
		}
		node := Node{Path: append(slices.Clone(path), c.Name), Kind: c.Kind, Provisional: t.isOpen}
		node.Figures, node.Compared, node.Series = t.shown(c, of)
		a.Nodes = append(a.Nodes, node)
		t.add(a, node.Path, c, of)
	}
}

// shown returns what is shown of a node and its twin.
func (t *table) shown(n, twin *account.Node) (account.Figures, *Compared, []Point) {
	if twin == nil {
		return n.Figures(), nil, t.series(n, nil)
	}
	figures, compared := beside(&n.Quantities, &twin.Quantities)
	return figures, compared, t.series(n, twin)
}

func (t *table) series(n, twin *account.Node) []Point {
	if len(t.periods) == 0 {
		return nil
	}
	points := make([]Point, len(t.periods))
	for i, p := range t.periods {
		points[i] = Point{From: p.From, To: p.To, Provisional: t.open[i]}
		switch q := n.Series[i]; {
		case twin != nil:
			points[i].Figures, points[i].Compared = beside(q, twin.Series[i])
		case q != nil:
			points[i].Figures = q.Figures()
		}
	}
	return points
}
