package expr

import (
	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/value"
)

// ScriptInputs returns the rows with all texts that Impact Framework takes for
// arithmetic replaced by their values; a text without a value disappears. At an
// error it returns the rows before it and their number.
func ScriptInputs(in *frame.Frame) (out *frame.Frame, rows int, err error) {
	if _, any := AnyText(in, ScriptEvaluates); !any {
		return in, in.Len(), nil
	}
	b := frame.NewBuilder(in.Len())
	for row := range in.Len() {
		m, err := scriptRow(in.Row(row))
		if err != nil {
			return b.Frame(), row, located(err, row)
		}
		b.Row(m)
	}
	return b.Frame(), in.Len(), nil
}

// scriptRow evaluates a row's texts from left to right: an expression sees the
// values of what stands before it and the texts of what follows. A key whose
// text has no value stays, with an absent value, until the row is finished.
func scriptRow(row *value.Map) (*value.Map, error) {
	for i, key := range row.Keys() {
		s, ok := row.At(i).Str()
		if !ok || key == timestamp || !ScriptEvaluates(s) {
			continue
		}
		v, err := ScriptValue(s, func(name string) (value.Value, bool) { return row.Get(name), row.Has(name) })
		if err != nil {
			return nil, err
		}
		row.Set(key, v)
	}
	return row, nil
}

// located returns an error of this package with its row.
func located(err error, row int) error {
	if p, ok := err.(*diag.Problem); ok {
		return p.AtRow(row)
	}
	return err
}
