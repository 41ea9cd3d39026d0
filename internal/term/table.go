package term

import (
	"fmt"
	"strings"
)

// treeTable is a tree with columns beside it.
type treeTable struct {
	screen  Screen
	lines   []line
	title   string
	blocks  []*block
	dropped []string    // the metrics for which there was no room
	noShare [2][]string // the metrics without shares: not summed, or not adding up
	names   int         // width of the first column
}

// block is the columns of one metric, one text per line of the tree.
type block struct {
	name, unit string
	values     []string
	shares     []string // nil when there are none
	sparks     []string // nil when there are none

	valueWidth, shareWidth, sparkWidth int
}

// gap parts the columns of different metrics, thinGap those of one.
const (
	gap     = "   "
	thinGap = "  "
)

func widest(texts []string) int {
	n := 0
	for _, s := range texts {
		n = max(n, width(s))
	}
	return n
}

// measure sets the widths of a block's columns.
func (b *block) measure() {
	b.valueWidth, b.shareWidth, b.sparkWidth = widest(b.values), widest(b.shares), widest(b.sparks)
	if heading := max(width(b.name), width(b.unit)); heading > b.width() {
		b.valueWidth += heading - b.width()
	}
}

func (b *block) width() int {
	n := b.valueWidth
	if b.shares != nil {
		n += len(thinGap) + b.shareWidth
	}
	if b.sparks != nil {
		n += len(thinGap) + b.sparkWidth
	}
	return n
}

// leastName is how much of the names of components is left before columns are
// dropped.
const leastName = 12

// fit makes the table as narrow as the screen: first without spark lines, then
// without shares, then with shorter names, then with fewer metrics.
func (t *treeTable) fit() {
	t.names = width(t.title)
	for i := range t.lines {
		t.names = max(t.names, width(t.label(i)))
	}
	t.measure()
	for _, narrow := range []func(*block){func(b *block) { b.sparks = nil }, func(b *block) { b.shares = nil }} {
		for i := len(t.blocks) - 1; i >= 0 && t.excess() > 0; i-- {
			narrow(t.blocks[i])
			t.measure()
		}
	}
	t.shorten(leastName)
	for t.excess() > 0 && len(t.blocks) > 1 {
		last := len(t.blocks) - 1
		t.dropped = append([]string{t.blocks[last].name}, t.dropped...)
		t.blocks = t.blocks[:last]
	}
	t.shorten(1) // and if that is too wide, lines are longer than the screen: figures are never cut
}

// shorten makes the names as short as the screen wants, but no shorter than
// least.
func (t *treeTable) shorten(least int) {
	if excess := t.excess(); excess > 0 {
		t.names = min(t.names, max(least, t.names-excess))
	}
}

func (t *treeTable) measure() {
	for _, b := range t.blocks {
		b.measure()
	}
}

// excess returns by how many columns the table is too wide.
func (t *treeTable) excess() int {
	if t.screen.Width == 0 {
		return 0
	}
	n := t.names
	for _, b := range t.blocks {
		n += len(gap) + b.width()
	}
	return n - t.screen.Width
}

// label returns the branch and the name of a line.
func (t *treeTable) label(i int) string {
	if i == 0 && t.lines[0].node.Name == "" {
		return "tree"
	}
	return t.lines[i].branch + printable(t.lines[i].node.Name) + t.lines[i].mark
}

func (t *treeTable) render() string {
	var b strings.Builder
	t.heading(&b, t.title, func(x *block) string { return x.name }, bold)
	if t.hasUnits() {
		t.heading(&b, "", func(x *block) string { return x.unit }, dim)
	}
	for i := range t.lines {
		t.line(&b, i)
	}
	for _, note := range t.notes() {
		b.WriteString(t.screen.paint(dim, note) + "\n")
	}
	return b.String()
}

// notes says why something is not shown.
func (t *treeTable) notes() []string {
	var notes []string
	for i, why := range []string{"they are not summed over components", "the components do not add up to their groups, as where some are skipped or missing"} {
		if names := t.noShare[i]; len(names) > 0 && len(t.lines) > 1 {
			notes = append(notes, fmt.Sprintf("No shares of %s: %s.", strings.Join(names, ", "), why))
		}
	}
	if len(t.dropped) > 0 {
		notes = append(notes, fmt.Sprintf("Not shown for want of room: %s.", strings.Join(t.dropped, ", ")))
	}
	return notes
}

func (t *treeTable) hasUnits() bool {
	for _, b := range t.blocks {
		if b.unit != "" {
			return true
		}
	}
	return false
}

// heading writes a line of headings, each above the first column of its block.
func (t *treeTable) heading(b *strings.Builder, first string, text func(*block) string, st style) {
	row := padRight(truncate(first, t.names), t.names)
	for _, x := range t.blocks {
		row += gap + padRight(padLeft(text(x), x.valueWidth), x.width())
	}
	b.WriteString(t.screen.paint(st, strings.TrimRight(row, " ")) + "\n")
}

func (t *treeTable) line(b *strings.Builder, i int) {
	row := padRight(truncate(t.label(i), t.names), t.names)
	for _, x := range t.blocks {
		row += gap + padLeft(x.values[i], x.valueWidth)
		if x.shares != nil {
			row += t.screen.paint(dim, thinGap+padLeft(x.shares[i], x.shareWidth))
		}
		if x.sparks != nil {
			row += t.screen.paint(green, thinGap+x.sparks[i]) + blanks(x.sparkWidth-width(x.sparks[i]))
		}
	}
	b.WriteString(strings.TrimRight(row, " ") + "\n")
}
