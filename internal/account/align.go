package account

import "slices"

// Align gives two trees of one view the same nodes at the same places, so that
// they can be read side by side: a node that one of them lacks is added to it
// with nothing in it. Both must have been folded without a top; the view's order
// is that of the first tree, and its top, which both get now, too. It returns
// [unit.ErrOverflow].
func (v View) Align(first, second *Node) error {
	first.adopt(second)
	second.adopt(first)
	if v.Perimeters {
		return v.alignPerimeters(first, second)
	}
	order := func(a, b *Node) int { return v.Sort.compare(a, b) }
	slices.SortFunc(first.Children, order)
	place := make(map[nodeKey]int, len(first.Children))
	for i, c := range first.Children {
		place[c.key()] = i
	}
	slices.SortFunc(second.Children, func(a, b *Node) int { return place[a.key()] - place[b.key()] })
	for i := range first.Children {
		if err := v.Align(first.Children[i], second.Children[i]); err != nil {
			return err
		}
	}
	if err := first.capTop(v.Top); err != nil {
		return err
	}
	return second.capTop(v.Top)
}

// alignPerimeters aligns the tree of each perimeter.
func (v View) alignPerimeters(first, second *Node) error {
	slices.SortFunc(first.Children, SortName.compare)
	slices.SortFunc(second.Children, SortName.compare)
	v.Perimeters = false
	for i := range first.Children {
		if err := v.Align(first.Children[i], second.Children[i]); err != nil {
			return err
		}
	}
	return nil
}

func (n *Node) key() nodeKey { return nodeKey{n.Name, n.Kind} }

// adopt adds an empty child for each child that other has besides.
func (n *Node) adopt(other *Node) {
	has := make(map[nodeKey]bool, len(n.Children))
	for _, c := range n.Children {
		has[c.key()] = true
	}
	for _, c := range other.Children {
		if has[c.key()] {
			continue
		}
		added := &Node{Name: c.Name, Kind: c.Kind}
		if c.Series != nil {
			added.Series = make([]*Quantities, len(c.Series))
		}
		n.Children = append(n.Children, added)
	}
}
