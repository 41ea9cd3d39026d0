package plugin

import (
	"slices"

	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/manifest/expr"
	"github.com/dendro-carbon/dendro/internal/value"
)

// evaluate calculates the expressions in the inputs and, if that is to be done
// as Impact Framework does, those in the config.
func (p *Instance) evaluate(c *Call, b *binding) error {
	var inputs error
	rows := c.In.Len()
	if p.options.EvaluateInputText {
		c.In, rows, inputs = expr.ScriptInputs(c.In)
	} else {
		var after *frame.Frame
		if after, inputs = expr.Inputs(c.In); inputs == nil {
			noticeInputText(c, after)
			c.In = after
		}
	}
	if b.script == nil {
		return inputs
	}
	// A row's inputs are evaluated before its config, so what is wrong with the
	// config in an earlier row is found first.
	var err error
	if c.Evaluated, err = b.script.evaluate(c.In, rows); err != nil {
		return err
	}
	return inputs
}

// script is a config whose expressions are evaluated as text: for every row, of
// which the last counts.
type script struct {
	config *value.Map
	keys   []string // those that may be expressions
	reads  bool     // an expression depends on the row
	values *value.Map
	err    error // values and err are for any row, unless reads
}

func newScript(config *value.Map, keys []string) *script {
	s := &script{config: config}
	for key, v := range config.All() {
		if text, ok := v.Str(); ok && slices.Contains(keys, key) {
			s.keys = append(s.keys, key)
			s.reads = s.reads || expr.ScriptReads(text)
		}
	}
	if !s.reads && config.Len() > 0 {
		s.values, s.err = s.row(frame.New(1), 0)
	}
	return s
}

// check returns what can be said against the expressions before there are rows.
func (s *script) check() error {
	for _, key := range s.keys {
		text, _ := s.config.Get(key).Str()
		if _, err := expr.CheckScript(key, text, false); err != nil {
			problem := AsProblem(err)
			problem.Line = s.config.Line(key)
			return problem
		}
	}
	return nil
}

// evaluate returns the config with the values of its expressions after the first
// so many rows; nil if there are none.
func (s *script) evaluate(f *frame.Frame, rows int) (*value.Map, error) {
	if rows == 0 || s.config.Len() == 0 {
		return nil, nil
	}
	if !s.reads {
		if s.err != nil {
			return nil, own(AsProblem(s.err))
		}
		return s.values, nil
	}
	var values *value.Map
	for row := range rows {
		var err error
		if values, err = s.row(f, row); err != nil {
			return nil, AsProblem(err).AtRow(row)
		}
	}
	return values, nil
}

// row evaluates the expressions for one row.
func (s *script) row(f *frame.Frame, row int) (*value.Map, error) {
	out := s.config.Clone()
	lookup := func(name string) (value.Value, bool) { return f.At(row, name), f.Has(row, name) }
	for _, key := range s.keys {
		text, _ := s.config.Get(key).Str()
		if _, err := expr.CheckScript(key, text, false); err != nil {
			return nil, err
		}
		v, err := expr.ScriptValue(text, lookup)
		if err != nil {
			return nil, err
		}
		out.Set(key, v)
	}
	return out, nil
}

// noticeInputText tells of texts of the inputs that Impact Framework evaluates
// where the default does not, or to something else; after are the rows as the
// default has evaluated them.
func noticeInputText(c *Call, after *frame.Frame) {
	name, found := expr.AnyText(c.In, func(s string) bool { return expr.ScriptEvaluates(s) && !expr.Is(s) })
	if !found {
		name, found = scriptDiffers(c.In, after)
	}
	if found {
		c.Notice("input-text", "Impact Framework evaluates texts of "+name+" in another way")
	}
}

// scriptDiffers returns a column with an expression to which Impact Framework
// gives another value. Only rows with expressions are looked at.
func scriptDiffers(in, after *frame.Frame) (name string, differs bool) {
	if name, any := expr.AnyText(in, expr.Is); !any {
		return name, false
	}
	script, rows, err := expr.ScriptInputs(in)
	for _, col := range in.Columns() {
		for row := range in.Len() {
			s, ok := col.At(row).Str()
			if !ok || !expr.Is(s) || !in.Has(row, col.Name()) {
				continue
			}
			if err != nil && row >= rows || !value.Equal(script.At(row, col.Name()), after.At(row, col.Name())) {
				return col.Name(), true
			}
		}
	}
	return "", false
}

// noticeExpression tells of an expression of the config to which Impact Framework
// gives another value in some row.
func (c *Call) noticeExpression(p Param, result frame.Vec) {
	last := c.In.Len() - 1
	if last < 0 {
		return
	}
	same := false
	if _, err := expr.CheckScript(p.Key, p.Expr.String(), false); err == nil {
		v, err := expr.ScriptValue(p.Expr.String(), func(name string) (value.Value, bool) { return c.In.At(last, name), c.In.Has(last, name) })
		f, ok := v.Float()
		if !ok && p.number {
			f, ok = NumberOf(v), true
		}
		same = err == nil && ok && allEqual(result, f)
	}
	if !same {
		c.Notice("last-row-expression", "Impact Framework calculates "+p.Key+" ("+p.Expr.String()+
			") from the last row, as text, and uses it for all rows; here every row has its own value")
	}
}

func allEqual(v frame.Vec, f float64) bool {
	for row := range v.Len() {
		if v.At(row) != f {
			return false
		}
		if _, constant := v.Constant(); constant {
			return true
		}
	}
	return true
}
