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

// Total is the figures of everything.
type Total struct {
	account.Figures
	// Provisional says that a slot which is not closed is among them.
	Provisional bool    `json:"provisional,omitempty"`
	Series      []Point `json:"series,omitempty"`
}

// Node is the figures of one node of the tree.
type Node struct {
	// Path is the names from the top down to the node, one for each level. A
	// rest has the word of its kind as name.
	Path []string     `json:"path"`
	Kind account.Kind `json:"kind"`
	account.Figures
	Provisional bool    `json:"provisional,omitempty"`
	Series      []Point `json:"series,omitempty"`
}

// Point is the figures of one period; all are nil where nothing is known.
type Point struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
	account.Figures
	Provisional bool `json:"provisional,omitempty"`
}

// answer turns the tree into its JSON shape.
func (t *table) answer() *Answer {
	a := &Answer{
		From: t.question.Span.From, To: t.question.Span.To, TimeZone: t.calendar.Zone().String(),
		By:    slices.Concat([]string{}, t.question.View.By),
		Total: Total{Figures: t.root.Figures(), Provisional: t.isOpen, Series: t.series(t.root)},
		Nodes: []Node{},
	}
	for path, n := range t.root.Walk() {
		a.Nodes = append(a.Nodes, Node{
			Path: slices.Clone(path), Kind: n.Kind, Figures: n.Figures(), Provisional: t.isOpen, Series: t.series(n),
		})
	}
	return a
}

func (t *table) series(n *account.Node) []Point {
	if len(t.periods) == 0 {
		return nil
	}
	points := make([]Point, len(t.periods))
	for i, p := range t.periods {
		points[i] = Point{From: p.From, To: p.To, Provisional: t.open[i]}
		if q := n.Series[i]; q != nil {
			points[i].Figures = q.Figures()
		}
	}
	return points
}
