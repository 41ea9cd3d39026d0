package builtin

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/manifest/expr"
	"github.com/dendro-carbon/dendro/internal/value"
)

// timestamp is the key of a row's time.
const timestamp = "timestamp"

// cell is what every row must hold under one name.
type cell struct {
	name   string // what the plugin calls it
	label  string // what messages call it, when not by its name
	schema schema
	// within, if set, says that numbers within these bounds are right: a column
	// of them needs no look at its values one by one.
	within   *bounds
	optional bool // the row may lack it
}

// numeric returns a cell of numbers within the bounds.
func numeric(name string, b bounds) cell {
	return cell{name: name, schema: number(b), within: &b}
}

// override adds a cell; one of the same name gives way to it and leaves it its
// place.
func override(cells []cell, by cell) []cell {
	for i := range cells {
		if cells[i].name == by.name {
			cells[i] = by
			return cells
		}
	}
	return append(cells, by)
}

func (c cell) path() string {
	if c.label != "" {
		return c.label
	}
	return c.name
}

// rowCheck is what the rows of a plugin's input must hold.
type rowCheck struct {
	cells []cell
	// indexed says that messages name the row, counting from 0.
	indexed bool
	// refine says more of a row whose types are right; nil when there is no
	// more to say.
	refine func(row int, r *report)
}

// checkRows returns a problem at the first row that is not right, nil if all
// are.
func (c *call) checkRows(check rowCheck) error {
	if check.refine == nil && c.columnsFit(check.cells) {
		return nil
	}
	var found *diag.Problem
	var first string
	for row := range c.in.Len() {
		r := c.checkRow(check, row)
		switch {
		case r.ok():
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

func (c *call) checkRow(check rowCheck, row int) report {
	var r report
	ok := true
	for _, cell := range check.cells {
		v := c.at(row, cell.name)
		if cell.optional && v.Kind() == value.Absent {
			continue
		}
		ok = cell.schema(v, cell.path(), &r) && ok
	}
	if ok && check.refine != nil {
		check.refine(row, &r)
	}
	return r
}

// rowProblem says where a row is wrong and what to do about the first issue.
func (c *call) rowProblem(check rowCheck, row int, r *report) *diag.Problem {
	at := ""
	if check.indexed {
		at = " at index " + strconv.Itoa(row)
	}
	problem := r.problem(at).AtRow(row)
	for _, cell := range check.cells {
		if cell.path() == r.issues[0].path {
			name := c.name(cell.name)
			problem.Metric = name
			problem.Hint = c.hint(row, name, c.at(row, cell.name))
		}
	}
	return problem
}

// hint says what to do about a value that is not what it should be.
func (c *call) hint(row int, name string, v value.Value) string {
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
	return fmt.Sprintf("%s is %s here", name, describe(v))
}

// columnNames lists what a row has, not all if that is much.
func (c *call) columnNames(row int) string {
	const most = 12
	var names []string
	for _, k := range c.in.Keys(row) {
		if len(names) == most {
			return strings.Join(names, ", ") + ", …"
		}
		names = append(names, c.in.Columns()[k].Name())
	}
	if len(names) == 0 {
		return "nothing"
	}
	return strings.Join(names, ", ")
}

// columnsFit reports whether whole columns show that every row is right.
func (c *call) columnsFit(cells []cell) bool {
	for _, cell := range cells {
		v, ok := c.vec(cell.name)
		if !ok && cell.optional && c.in.Find(c.name(cell.name)) < 0 {
			continue
		}
		if !ok || cell.within == nil || !allWithin(v, *cell.within) {
			return false
		}
	}
	return true
}

// allWithin reports whether every number is within the bounds.
func allWithin(v frame.Vec, b bounds) bool {
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

// describe prints a value for a message.
func describe(v value.Value) string { return expr.Describe(v) }

// plural writes a count of things.
func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
