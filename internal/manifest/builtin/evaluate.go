package builtin

import (
	"slices"

	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/manifest/expr"
	"github.com/dendro-carbon/dendro/internal/value"
)

// evaluate calculates the expressions in the inputs and, if that is to be done
// as Impact Framework does, those in the config.
func (p *instance) evaluate(c *call, b *binding) error {
	var inputs error
	rows := c.in.Len()
	if p.options.EvaluateInputText {
		c.in, rows, inputs = expr.ScriptInputs(c.in)
	} else {
		noticeInputText(c)
		c.in, inputs = expr.Inputs(c.in)
	}
	if !scripted(p.options) {
		return inputs
	}
	// A row's inputs are evaluated before its config, so what is wrong with the
	// config in an earlier row is found first.
	var err error
	if c.evaluated, err = scriptConfig(b.config, p.method.expressions, c.in.Slice(0, rows)); err != nil {
		return err
	}
	return inputs
}

// scriptConfig returns the config with the values of its expressions, which
// Impact Framework calculates for every row and keeps for the last.
func scriptConfig(config *value.Map, keys []string, rows *frame.Frame) (*value.Map, error) {
	if config.Len() == 0 || rows.Len() == 0 {
		return nil, nil
	}
	out := config.Clone()
	for row := range rows.Len() {
		changes := false
		for i := range config.Len() {
			key := config.Key(i)
			s, ok := config.At(i).Str()
			if !ok || !slices.Contains(keys, key) {
				continue
			}
			if row == 0 {
				if _, err := expr.CheckScript(key, s, false); err != nil {
					return nil, asProblem(err)
				}
			}
			v, err := expr.ScriptValue(s, func(name string) (value.Value, bool) {
				return rows.At(row, name), rows.Has(row, name)
			})
			if err != nil {
				return nil, asProblem(err).AtRow(row)
			}
			out.Set(key, v)
			changes = changes || expr.ScriptReads(s)
		}
		if !changes {
			break
		}
	}
	return out, nil
}

// noticeInputText tells of texts that Impact Framework would evaluate.
func noticeInputText(c *call) {
	name, found := expr.AnyText(c.in, func(s string) bool { return expr.ScriptEvaluates(s) && !expr.Is(s) })
	if found {
		c.notice("input-text", "Impact Framework evaluates texts of "+name+" as arithmetic; here they are texts")
	}
}
