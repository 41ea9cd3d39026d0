package plugin

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/manifest/expr"
	"github.com/dendro-carbon/dendro/internal/value"
)

// Timestamp is the key of a row's time.
const Timestamp = "timestamp"

// Cell is what every row must hold under one name.
type Cell struct {
	Name   string // what the plugin calls it
	Label  string // what messages call it, when not by its name
	Schema Schema
	// within, if set, says that numbers within these bounds are right: a column
	// of them needs no look at its values one by one.
	within   *Bounds
	Optional bool // the row may lack it
}

// Numeric returns a cell of numbers within the bounds.
func Numeric(name string, b Bounds) Cell {
	return Cell{Name: name, Schema: Number(b), within: &b}
}

// Override adds a cell; one of the same name gives way to it and leaves it its
// place.
func Override(cells []Cell, by Cell) []Cell {
	for i := range cells {
		if cells[i].Name == by.Name {
			cells[i] = by
			return cells
		}
	}
	return append(cells, by)
}

func (c Cell) path() string {
	if c.Label != "" {
		return c.Label
	}
	return c.Name
}

// RowCheck is what the rows of a plugin's input must hold.
type RowCheck struct {
	Cells []Cell
	// Indexed says that messages name the row, counting from 0.
	Indexed bool
	// Refine says more of a row whose types are right; nil when there is no
	// more to say.
	Refine func(row int, r *Report)
}

// CheckRows returns a problem at the first row that is not right, nil if all
// are.
func (c *Call) CheckRows(check RowCheck) error {
	if check.Refine == nil && c.ColumnsFit(check.Cells) {
		return nil
	}
	var found *diag.Problem
	var first string
	for row := range c.In.Len() {
		r := c.checkRow(check, row)
		switch {
		case r.OK():
		case found == nil:
			first = r.text("")
			found = c.rowProblem(check, row, &r)
		case r.text("") == first:
			found.Rows++
		}
	}
	if found != nil {
		return found
	}
	return nil
}

func (c *Call) checkRow(check RowCheck, row int) Report {
	var r Report
	ok := true
	for _, cell := range check.Cells {
		v := c.At(row, cell.Name)
		if cell.Optional && v.Kind() == value.Absent {
			continue
		}
		ok = cell.Schema(v, cell.path(), &r) && ok
	}
	if ok && check.Refine != nil {
		check.Refine(row, &r)
	}
	return r
}

// rowProblem says where a row is wrong and what to do about the first issue.
func (c *Call) rowProblem(check RowCheck, row int, r *Report) *diag.Problem {
	at := ""
	if check.Indexed {
		at = " at index " + strconv.Itoa(row)
	}
	problem := r.Problem(at).AtRow(row)
	for _, cell := range check.Cells {
		if cell.path() == r.issues[0].path {
			name := c.Name(cell.Name)
			problem.Metric = name
			problem.Hint = c.Hint(row, name, c.At(row, cell.Name))
		}
	}
	return problem
}

// Hint says what to do about a value that is not what it should be.
func (c *Call) Hint(row int, name string, v value.Value) string {
	switch v.Kind() {
	case value.Absent:
		return fmt.Sprintf("give %q in the inputs or in defaults, or let an earlier plugin of the pipeline write it; the row has %s",
			name, c.columnNames(row))
	case value.Null:
		return fmt.Sprintf("give %q a value, or leave it out and give it in defaults", name)
	case value.Text:
		s, _ := v.Str()
		if f := value.ToNumber(s); f == f && s != "" {
			return fmt.Sprintf("write the number without quotes: %s: %s", name, strings.TrimSpace(s))
		}
	}
	return fmt.Sprintf("%s is %s here", name, Describe(v))
}

// columnNames lists what a row has, not all if that is much.
func (c *Call) columnNames(row int) string {
	const most = 12
	var names []string
	for _, k := range c.In.Keys(row) {
		if len(names) == most {
			return strings.Join(names, ", ") + ", …"
		}
		names = append(names, c.In.Columns()[k].Name())
	}
	if len(names) == 0 {
		return "nothing"
	}
	return strings.Join(names, ", ")
}

// ColumnsFit reports whether whole columns show that every row is right.
func (c *Call) ColumnsFit(cells []Cell) bool {
	for _, cell := range cells {
		v, ok := c.Vec(cell.Name)
		if !ok && cell.Optional && c.In.Find(c.Name(cell.Name)) < 0 {
			continue
		}
		if !ok || cell.within == nil || !AllWithin(v, *cell.within) {
			return false
		}
	}
	return true
}

// AllWithin reports whether every number is within the bounds.
func AllWithin(v frame.Vec, b Bounds) bool {
	if f, ok := v.Constant(); ok {
		return b.holds(f)
	}
	nums := v.Floats()
	switch {
	case b.open:
		for _, f := range nums {
			if f != f {
				return false
			}
		}
	case b.closed:
		for _, f := range nums {
			if !(f >= b.least) {
				return false
			}
		}
	default:
		for _, f := range nums {
			if !(f > b.least) {
				return false
			}
		}
	}
	return true
}

// Describe prints a value for a message.
func Describe(v value.Value) string { return expr.Describe(v) }

// Plural writes a count of things.
func Plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
