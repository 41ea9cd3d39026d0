package account

import (
	"cmp"
	"fmt"
	"slices"
)

// Sort is an order of siblings in a tree.
type Sort string

// The orders. Ties go by name; rests come after accounts, in the order of their
// kinds.
const (
	SortCarbon Sort = "carbon"
	SortEnergy Sort = "energy"
	SortName   Sort = "name"
)

// View is a question to entries: which levels, which accounts, in which order.
type View struct {
	// By is the labels that make the levels of the tree, from the top.
	By []string
	// Where keeps the accounts that it holds for.
	Where Filter
	// Sort is the order of siblings; empty is by carbon, largest first.
	Sort Sort
	// Top keeps that many accounts under each node and folds the others into one
	// of [KindOther]; 0 keeps all. Other rests are always kept.
	Top int
	// Perimeters has the root's children be perimeters, by name, with a tree each; the
	// root itself has no quantities then, since those of perimeters have no sum.
	Perimeters bool
	// Names, if given, replaces values of labels before the view looks at them,
	// for levels and filter alike: accounts that have the same labels then are
	// one.
	Names Renamer
}

// Renamer shows labels under other values, such as pseudonyms. Its methods may be
// called from several goroutines.
type Renamer interface {
	// Renames reports whether values of a label are replaced.
	Renames(label string) bool
	// Rename returns labels as they are shown.
	Rename(Labels) Labels
}

// Stored returns the matches of the view that hold for accounts as a store has
// them: those on labels that the view does not rename.
func (v View) Stored() Filter {
	if v.Names == nil {
		return v.Where
	}
	var f Filter
	for _, m := range v.Where {
		if !v.Names.Renames(m.Label) {
			f = append(f, m)
		}
	}
	return f
}

// Node is one node of a tree. Its quantities are the exact sum of its
// children's, in total and in each period.
type Node struct {
	// Name is the value of the node's label, or the word of its kind.
	Name string
	Kind Kind
	Quantities
	// Series has one element for each period of the fold, nil where nothing
	// is known. It is nil when the fold has no periods.
	Series []*Quantities
	// Children are sorted as the view asks.
	Children []*Node
}

// Fold adds entries up into a tree. It is the one place where figures of a view
// are summed, whatever store they come from. Make one with [NewFold]. It is not
// safe for concurrent use.
type Fold struct {
	view    View
	periods int
	root    *building
	// leaves remembers the way to the leaf of each account of the roll; nil for
	// those that the view leaves out.
	roll   Roll
	leaves []*building
}

// building is a node under construction; only leaves hold quantities.
type building struct {
	node     Node
	series   []Quantities
	children map[nodeKey]*building
}

type nodeKey struct {
	name string
	kind Kind
}

// NewFold returns the empty fold of a view. With periods above 0, nodes get
// series of that length.
func NewFold(v View, periods int) *Fold {
	return &Fold{view: v, periods: periods, root: &building{}}
}

// Add adds quantities of an account. Period is the index of the series, which is
// ignored without periods. Accounts that the view leaves out are skipped. It
// returns [unit.ErrOverflow], and an error for a period that does not exist.
func (f *Fold) Add(a Account, period int, q Quantities) error {
	number, isNew := f.roll.Number(a)
	if isNew {
		f.leaves = append(f.leaves, f.shown(a))
	}
	leaf := f.leaves[number]
	if leaf == nil {
		return nil
	}
	into := &leaf.node.Quantities
	if f.periods > 0 {
		if period < 0 || period >= f.periods {
			return fmt.Errorf("fold %v: no period %d of %d", a, period, f.periods)
		}
		into = leaf.period(f.periods, period)
	}
	if err := into.accumulate(&q); err != nil {
		return fmt.Errorf("fold %v: %w", a, err)
	}
	return nil
}

// Seen returns the accounts that were added so far, those that the view leaves out
// among them, in the order of their first rows.
func (f *Fold) Seen() []Account { return f.roll.Seen() }

// shown returns the leaf of an account as the view shows it, nil if the view leaves
// it out.
func (f *Fold) shown(a Account) *building {
	if f.view.Names != nil {
		a.Labels = f.view.Names.Rename(a.Labels)
	}
	if !f.view.Where.Holds(a.Labels) {
		return nil
	}
	return f.leaf(a)
}

// period returns the sum of a leaf in one period.
func (b *building) period(periods, period int) *Quantities {
	if b.series == nil {
		b.node.Series = make([]*Quantities, periods)
		b.series = make([]Quantities, periods) // one piece of memory for all
	}
	b.node.Series[period] = &b.series[period]
	return &b.series[period]
}

// leaf walks down the levels. A missing label is a rest: of the account's own
// kind when that is a rest; else unattributed where the label would say whose it
// is, and unknown elsewhere.
func (f *Fold) leaf(a Account) *building {
	at := f.root
	if f.view.Perimeters {
		at = at.child(nodeKey{name: string(a.Labels.Perimeter())})
	}
	for _, level := range f.view.By {
		key := nodeKey{name: a.Labels.Get(level)}
		if key.name == "" {
			key.kind = restOf(a.Kind, level)
			key.name = key.kind.String()
		}
		at = at.child(key)
	}
	return at
}

// restOf returns the kind of a level at which an account has no label.
func restOf(k Kind, level string) Kind {
	switch {
	case k != KindAccount:
		return k
	case IsPartyLabel(level):
		return KindUnattributed
	}
	return KindUnknown
}

// child returns the child of a key, a new one when there is none.
func (b *building) child(key nodeKey) *building {
	c, ok := b.children[key]
	if !ok {
		if b.children == nil {
			b.children = map[nodeKey]*building{}
		}
		c = &building{node: Node{Name: key.name, Kind: key.kind}}
		b.children[key] = c
	}
	return c
}

// Merge adds what another fold of the same view and periods was given. The other
// fold is used up. It returns [unit.ErrOverflow].
func (f *Fold) Merge(other *Fold) error {
	if f.periods != other.periods {
		return fmt.Errorf("merge folds: %d periods and %d", f.periods, other.periods)
	}
	// The leaves that f remembers stay where they are: nodes are only added.
	return f.root.merge(other.root, f.periods)
}

func (b *building) merge(other *building, periods int) error {
	if err := b.node.accumulate(&other.node.Quantities); err != nil {
		return fmt.Errorf("merge %q: %w", b.node.Name, err)
	}
	for i, q := range other.node.Series {
		if q == nil {
			continue
		}
		if err := b.period(periods, i).accumulate(q); err != nil {
			return fmt.Errorf("merge %q: %w", b.node.Name, err)
		}
	}
	for key, child := range other.children {
		if err := b.child(key).merge(child, periods); err != nil {
			return err
		}
	}
	return nil
}

// Tree sums up the levels and returns the root, whose name is empty and whose
// quantities are the total. It returns [unit.ErrOverflow]. The fold is used up:
// the nodes, which are the caller's, are made of it.
func (f *Fold) Tree() (*Node, error) {
	root := f.root
	f.root, f.roll, f.leaves = &building{}, Roll{}, nil
	if !f.view.Perimeters {
		return f.finish(root)
	}
	n := &root.node
	for _, child := range root.children {
		c, err := f.finish(child)
		if err != nil {
			return nil, err
		}
		n.Children = append(n.Children, c)
	}
	slices.SortFunc(n.Children, SortName.compare)
	return n, nil
}

func (f *Fold) finish(b *building) (*Node, error) {
	n := &b.node
	if n.Series == nil && f.periods > 0 {
		n.Series = make([]*Quantities, f.periods)
	}
	if len(b.children) == 0 {
		return n, n.sumSeries()
	}
	n.Children = make([]*Node, 0, len(b.children))
	for _, child := range b.children {
		c, err := f.finish(child)
		if err != nil {
			return nil, err
		}
		n.Children = append(n.Children, c)
	}
	slices.SortFunc(n.Children, f.view.Sort.compare)
	if err := n.sumChildren(); err != nil {
		return nil, err
	}
	return n, n.capTop(f.view.Top)
}

// sumSeries sets the quantities of a leaf to the sum of its series, if any.
func (n *Node) sumSeries() error {
	for _, q := range n.Series {
		if q == nil {
			continue
		}
		if err := n.accumulate(q); err != nil {
			return fmt.Errorf("sum of %q: %w", n.Name, err)
		}
	}
	return nil
}

// sumChildren sets a node's quantities and series to the sums of its children's.
func (n *Node) sumChildren() error {
	sums := make([]Quantities, len(n.Series))
	for _, c := range n.Children {
		if err := n.accumulate(&c.Quantities); err != nil {
			return fmt.Errorf("sum of %q: %w", n.Name, err)
		}
		for i, q := range c.Series {
			if q == nil {
				continue
			}
			n.Series[i] = &sums[i]
			if err := sums[i].accumulate(q); err != nil {
				return fmt.Errorf("sum of %q: %w", n.Name, err)
			}
		}
	}
	return nil
}

// capTop folds the accounts after the first ones into one node. What was under
// them is not kept.
func (n *Node) capTop(top int) error {
	accounts := 0
	for accounts < len(n.Children) && n.Children[accounts].Kind == KindAccount {
		accounts++
	}
	if top <= 0 || accounts <= top {
		return nil
	}
	other := &Node{
		Name: KindOther.String(), Kind: KindOther, Children: n.Children[top:accounts],
	}
	if n.Series != nil {
		other.Series = make([]*Quantities, len(n.Series))
	}
	if err := other.sumChildren(); err != nil {
		return err
	}
	other.Children = nil
	kept := slices.Clone(n.Children[:top])
	kept = append(kept, n.Children[accounts:]...)
	n.Children = append(kept, other)
	return nil
}

// compare orders siblings; accounts before rests, rests by kind.
func (s Sort) compare(a, b *Node) int {
	if c := cmp.Compare(a.Kind, b.Kind); c != 0 {
		return c
	}
	c := 0
	switch s {
	case SortName:
	case SortEnergy:
		c = cmp.Compare(b.Energy, a.Energy)
	default:
		c = cmp.Compare(b.Operational, a.Operational)
	}
	return cmp.Or(c, cmp.Compare(a.Name, b.Name))
}

// Walk yields every node under n in depth-first order with its path, not n
// itself. The path is valid until the next step.
func (n *Node) Walk() func(yield func(path []string, node *Node) bool) {
	return func(yield func([]string, *Node) bool) {
		n.walk(nil, yield)
	}
}

func (n *Node) walk(path []string, yield func([]string, *Node) bool) bool {
	for _, c := range n.Children {
		p := append(path, c.Name)
		if !yield(p, c) || !c.walk(p, yield) {
			return false
		}
	}
	return true
}
