package builtin

import (
	"context"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/manifest/pattern"
	"github.com/dendro-carbon/dendro/internal/value"
)

// regex takes the part of a text that a pattern matches.
type regex struct {
	parameter string
	match     string // with slashes, as messages show it
	output    string
	pattern   *pattern.Pattern
}

func bindRegex(s *settings) runner {
	s.require()
	s.check(field{"parameter", text(1)}, field{"match", text(1)}, field{"output", text(0)})
	if s.problem != nil {
		return &regex{}
	}
	match := pattern.Slashed(s.text("match"))
	p := &regex{parameter: s.text("parameter"), match: match, output: s.text("output")}
	var err error
	if s.options.RegexGroups {
		if p.pattern, err = pattern.ParseScript(match); err != nil {
			s.failLate(asProblem(err), "match")
		}
		return p
	}
	if p.pattern, err = pattern.Parse(s.text("match")); err != nil {
		s.fail(asProblem(err), "match")
	}
	return p
}

func (p *regex) check(c *call) error {
	col := c.column(p.parameter)
	if col != nil && c.in.Complete(c.name(p.parameter)) && allTexts(col) {
		return nil
	}
	var found *diag.Problem
	for row := range c.in.Len() {
		problem := p.checkCell(c, row)
		if problem == nil {
			continue
		}
		if found != nil {
			if problem.Text == found.Text {
				found.Rows++
			}
			continue
		}
		found = problem
	}
	if found != nil {
		return found
	}
	return nil
}

// allTexts reports whether a column shows that it holds texts, none empty.
func allTexts(col *frame.Column) bool {
	if v, ok := col.Constant(); ok {
		return v.Kind() == value.Text && v.Truthy()
	}
	if _, layout := col.Times(); col.Rep() == frame.Times {
		return layout != value.NoLayout
	}
	for _, s := range col.Texts() {
		if s == "" {
			return false
		}
	}
	return col.Rep() == frame.Texts
}

func (p *regex) checkCell(c *call, row int) *diag.Problem {
	v := c.at(row, p.parameter)
	name := c.name(p.parameter)
	var problem *diag.Problem
	switch {
	case !v.Truthy():
		problem = diag.New("MissingInputDataError", "%s is missing from the input array, or has nullish value.", p.parameter)
	case v.Kind() == value.Text || c.options.ScriptErrors:
		return nil // a number fails when it comes to matching
	default:
		var r report
		text(0)(v, p.parameter, &r)
		problem = r.problem("")
	}
	problem.Hint = c.hint(row, name, v)
	return problem.AtRow(row).WithMetric(name)
}

func (p *regex) compute(_ context.Context, c *call) (*frame.Frame, error) {
	if c.in.Len() == 0 {
		return c.in, nil
	}
	if !c.options.RegexGroups && p.pattern.Groups() {
		c.notice("regex-groups", "Impact Framework gives the match and all groups of "+p.match+"; here it is the first group")
	}
	out := c.outName(p.output)
	col := c.column(p.parameter)
	if v, ok := col.Constant(); ok {
		s, err := p.one(c, 0, v)
		if err != nil {
			err.Rows = c.in.Len() - 1
			return nil, err
		}
		return c.in.With(frame.NewConstant(out, c.in.Len(), value.OfText(s))), nil
	}
	return p.each(c, col, out)
}

// each matches row by row; rows with the text of the row before are not matched
// again.
func (p *regex) each(c *call, col *frame.Column, out string) (*frame.Frame, error) {
	texts := make([]string, c.in.Len())
	before := ""
	var failed *diag.Problem
	for row := range texts {
		v := col.At(row)
		s, ok := v.Str()
		if row > 0 && ok && s == before && failed == nil {
			texts[row] = texts[row-1]
			continue
		}
		before = s
		found, err := p.one(c, row, v)
		switch {
		case err == nil:
			texts[row] = found
		case failed == nil:
			failed = err
		default:
			failed.Rows++
		}
	}
	if failed != nil {
		return nil, failed
	}
	return c.in.With(frame.NewTexts(out, texts)), nil
}

func (p *regex) one(c *call, row int, v value.Value) (string, *diag.Problem) {
	s, ok := v.Str()
	if !ok {
		return "", diag.New("TypeError", "input[parameter].match is not a function").
			AtRow(row).WithMetric(c.name(p.parameter)).WithHint("%s is %s, not a text", p.parameter, v.Kind())
	}
	found, ok := p.pattern.Find(s)
	if !ok {
		return "", diag.New("RegexMismatchError", "`%s` does not match the %s regex expression", s, p.match).
			AtRow(row).WithMetric(c.name(p.parameter))
	}
	return found, nil
}
