// Package diag describes what is wrong with a document, for the person who has
// to repair it: what, where (file, line, component, plugin, row, metric) and
// what to do.
//
// A reader of an error list should be able to repair everything in one go, so
// code that checks a document collects problems and goes on; see [List].
package diag

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Problem is one thing that is wrong. Fields that do not apply are empty.
type Problem struct {
	// Class is the name of the error on compatible surfaces, such as
	// InputValidationError; scripts look for it.
	Class string
	// Text says what is wrong. On compatible surfaces it is the original's
	// wording, so that what scripts look for is found.
	Text string
	// Hint says what to do.
	Hint string

	File      string
	Line      int    // counting from 1; 0 when unknown
	Component string // path, such as tree.children.web.children.db
	Plugin    string // the instance's name in the manifest
	Row       int    // counting from 1; 0 when it is not about a row
	Time      string // the row's timestamp as written
	Metric    string
	Rows      int // how many more rows have the same problem

	// Outside is set when the document is not to blame, such as for a file that
	// is not there: a run that meets it has failed, and nothing is invalid.
	Outside bool
}

// New returns a problem with a class and a text.
func New(class, format string, args ...any) *Problem {
	return &Problem{Class: class, Text: fmt.Sprintf(format, args...)}
}

// WithHint returns the problem with advice added.
func (p *Problem) WithHint(format string, args ...any) *Problem {
	p.Hint = fmt.Sprintf(format, args...)
	return p
}

// WithMetric returns the problem with its metric named.
func (p *Problem) WithMetric(name string) *Problem {
	p.Metric = name
	return p
}

// AtRow returns the problem located at a row, given by its index from 0.
func (p *Problem) AtRow(index int) *Problem {
	p.Row = index + 1
	return p
}

// Short returns class and text alone: the form of execution.error.
func (p *Problem) Short() string {
	if p.Class == "" {
		return p.Text
	}
	return p.Class + ": " + p.Text
}

// Error returns the place, the class and the text in one line, and the hint in
// a second one.
func (p *Problem) Error() string {
	var b strings.Builder
	if p.File != "" {
		b.WriteString(p.File)
		if p.Line > 0 {
			fmt.Fprintf(&b, ":%d", p.Line)
		}
		b.WriteString(": ")
	}
	if where := p.where(); where != "" {
		b.WriteString(where + ": ")
	}
	b.WriteString(p.Short())
	switch {
	case p.Rows == 1:
		b.WriteString(" (and 1 more row)")
	case p.Rows > 1:
		fmt.Fprintf(&b, " (and %d more rows)", p.Rows)
	}
	if p.Hint != "" {
		b.WriteString("\n  Try: " + p.Hint)
	}
	return b.String()
}

func (p *Problem) where() string {
	var parts []string
	if p.Component != "" {
		parts = append(parts, p.Component)
	}
	if p.Plugin != "" {
		parts = append(parts, fmt.Sprintf("plugin %q", p.Plugin))
	}
	if p.Row > 0 {
		row := fmt.Sprintf("row %d", p.Row)
		if p.Time != "" {
			row += " (" + p.Time + ")"
		}
		parts = append(parts, row)
	}
	if p.Metric != "" {
		parts = append(parts, fmt.Sprintf("metric %q", p.Metric))
	}
	return strings.Join(parts, ", ")
}

// List is all that is wrong, an error when it is not empty.
type List []*Problem

// Add appends the problems of an error: those of a List, a Problem, or an
// error of any other type as a problem without a place. A nil error adds none.
func (l *List) Add(err error) {
	if err == nil {
		return
	}
	var list List
	var one *Problem
	switch {
	case errors.As(err, &list):
		*l = append(*l, list...)
	case errors.As(err, &one):
		*l = append(*l, one)
	default:
		*l = append(*l, &Problem{Text: err.Error()})
	}
}

// Err returns the list as an error, nil when it is empty.
func (l List) Err() error {
	if len(l) == 0 {
		return nil
	}
	return l
}

// Error returns one problem after another, each on lines of its own.
func (l List) Error() string {
	texts := make([]string, len(l))
	for i, p := range l {
		texts[i] = p.Error()
	}
	return strings.Join(texts, "\n")
}

// Sort puts the problems in the order of files and lines; those without a line
// keep their order behind the others of their file.
func (l List) Sort() {
	slices.SortStableFunc(l, func(a, b *Problem) int {
		if c := cmp.Compare(a.File, b.File); c != 0 {
			return c
		}
		return cmp.Compare(uint(a.Line)-1, uint(b.Line)-1)
	})
}
