package account

import "slices"

// LabelPerimeter is the label that tells accounts of services from those of hosts. Hosts
// have none. Services run on hosts: their joules are among those of the hosts, if the
// same ledger has both, so figures of the two are never added up.
const LabelPerimeter = "perimeter"

// Perimeter is what a count of energy is drawn around. Within one each joule is counted
// once.
type Perimeter string

// The perimeters.
const (
	// PerimeterHosts is machines, with what runs on them.
	PerimeterHosts Perimeter = "hosts"
	// PerimeterServices is services, by what they did or what their meters say.
	PerimeterServices Perimeter = "services"
)

// LabelService is the label that services alone have.
const LabelService = "service"

// Perimeters returns all perimeters, the one that most questions mean first.
func Perimeters() []Perimeter { return []Perimeter{PerimeterHosts, PerimeterServices} }

// Perimeter returns the perimeter of an account with the labels.
func (l Labels) Perimeter() Perimeter {
	if value := l.Get(LabelPerimeter); value != "" {
		return Perimeter(value)
	}
	return PerimeterHosts
}

// Choose returns which perimeter a view means: the one asked for; else services where a
// level or match names them, hosts elsewhere, and the other one if nothing is known of
// that. Root is the tree of a view with Perimeters. It returns the tree of the
// perimeter, nil if nothing is known of it, and those of the others, in order.
func (v View) Choose(root *Node, asked Perimeter) (chosen Perimeter, tree *Node, apart []*Node) {
	found := map[Perimeter]*Node{}
	for _, n := range root.Children {
		if !n.IsZero() {
			found[Perimeter(n.Name)] = n
		}
	}
	chosen = asked
	if asked == "" {
		chosen = v.means()
	}
	for _, p := range Perimeters() {
		if asked == "" && found[chosen] == nil && found[p] != nil {
			chosen = p
		}
	}
	for _, p := range Perimeters() {
		if n := found[p]; n != nil && p != chosen {
			apart = append(apart, n)
		}
	}
	return chosen, found[chosen], apart
}

// means returns the perimeter that the labels of a view say.
func (v View) means() Perimeter {
	if slices.Contains(v.By, LabelService) || slices.ContainsFunc(v.Where, func(m Match) bool { return m.Label == LabelService }) {
		return PerimeterServices
	}
	return PerimeterHosts
}
