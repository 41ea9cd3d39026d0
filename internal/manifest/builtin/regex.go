package builtin

import (
	"context"

	"github.com/dendro-carbon/dendro/internal/manifest/plugin"

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

func bindRegex(s *plugin.Settings) plugin.Runner {
	s.Require()
	s.Check(plugin.Key("parameter", plugin.Text(1)), plugin.Key("match", plugin.Text(1)), plugin.Key("output", plugin.Text(0)))
	if s.Problem != nil {
		return &regex{}
	}
	match := pattern.Slashed(s.Text("match"))
	p := &regex{parameter: s.Text("parameter"), match: match, output: s.Text("output")}
	var err error
	if s.Options.RegexGroups {
		if p.pattern, err = pattern.ParseScript(match); err != nil {
			s.FailLate(plugin.AsProblem(err), "match")
		}
		return p
	}
	if p.pattern, err = pattern.Parse(s.Text("match")); err != nil {
		s.Fail(plugin.AsProblem(err), "match")
	}
	return p
}

func (p *regex) Check(c *plugin.Call) error {
	col := c.Column(p.parameter)
	if col != nil && c.In.Complete(c.Name(p.parameter)) && allTexts(col) {
		return nil
	}
	var found *diag.Problem
	for row := range c.In.Len() {
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

func (p *regex) checkCell(c *plugin.Call, row int) *diag.Problem {
	v := c.At(row, p.parameter)
	name := c.Name(p.parameter)
	var problem *diag.Problem
	switch {
	case !v.Truthy():
		problem = diag.New("MissingInputDataError", "%s is missing from the input array, or has nullish value.", p.parameter)
	case v.Kind() == value.Text || c.Options.ScriptErrors:
		return nil // a number fails when it comes to matching
	default:
		var r plugin.Report
		plugin.Text(0)(v, p.parameter, &r)
		problem = r.Problem("")
	}
	problem.Hint = c.Hint(row, name, v)
	return problem.AtRow(row).WithMetric(name)
}

func (p *regex) Compute(_ context.Context, c *plugin.Call) (*frame.Frame, error) {
	if c.In.Len() == 0 {
		return c.In, nil
	}
	if !c.Options.RegexGroups && p.pattern.Differs() {
		c.Notice("regex-groups", "Impact Framework gives the match of "+p.match+" with all groups, and empty matches beside others")
	}
	out := c.OutName(p.output)
	col := c.Column(p.parameter)
	if v, ok := col.Constant(); ok {
		s, err := p.one(c, 0, v)
		if err != nil {
			err.Rows = c.In.Len() - 1
			return nil, err
		}
		return c.In.With(frame.NewConstant(out, c.In.Len(), value.OfText(s))), nil
	}
	return p.each(c, col, out)
}

// maxRemembered bounds how many texts of a column are remembered with what was
// found in them: labels come again and again.
const maxRemembered = 4096

// each matches row by row.
func (p *regex) each(c *plugin.Call, col *frame.Column, out string) (*frame.Frame, error) {
	results := make([]value.Value, c.In.Len())
	known := make(map[string]value.Value)
	var failed *diag.Problem
	for row := range results {
		v := col.At(row)
		s, ok := v.Str()
		if found, seen := known[s]; ok && seen {
			results[row] = found
			continue
		}
		found, err := p.one(c, row, v)
		switch {
		case err == nil:
			results[row] = value.OfText(found)
			if len(known) < maxRemembered {
				known[s] = results[row]
			}
		case failed == nil:
			failed = err
		default:
			failed.Rows++
		}
	}
	if failed != nil {
		return nil, failed
	}
	return c.In.With(frame.NewColumn(out, results)), nil
}

func (p *regex) one(c *plugin.Call, row int, v value.Value) (string, *diag.Problem) {
	s, ok := v.Str()
	if !ok {
		return "", diag.New("TypeError", "input[parameter].match is not a function").
			AtRow(row).WithMetric(c.Name(p.parameter)).WithHint("%s is %s, not a text", p.parameter, v.Kind())
	}
	found, ok := p.pattern.Find(s)
	if !ok {
		return "", diag.New("RegexMismatchError", "`%s` does not match the %s regex expression", p.shown(c, s), p.match).
			AtRow(row).WithMetric(c.Name(p.parameter))
	}
	return found, nil
}

// shown returns the beginning of a text that is too long for a message.
func (p *regex) shown(c *plugin.Call, s string) string {
	if plugin.Scripted(c.Options) {
		return s
	}
	const most = 80
	runes := 0
	for i := range s {
		if runes == most {
			return s[:i] + "…"
		}
		runes++
	}
	return s
}
