package explain

import (
	"fmt"
	"math"

	"github.com/dendro-carbon/dendro/internal/manifest"
	"github.com/dendro-carbon/dendro/internal/manifest/builtin"
	"github.com/dendro-carbon/dendro/internal/manifest/formula"
	"github.com/dendro-carbon/dendro/internal/tree"
	"github.com/dendro-carbon/dendro/internal/value"
)

// spot is a row that a step made, and what had been done before.
type spot struct {
	node   *tree.Node
	step   manifest.Step
	before []manifest.Step
	row    int
}

// value returns what the row holds.
func (s spot) value(name string) value.Value { return s.step.Out.At(s.row, name) }

// old returns what the row held before the step.
func (s spot) old(name string) value.Value { return s.step.In.At(s.row, name) }

// defaulted reports whether a value came to the row between the step and the one
// before it.
func (s spot) defaulted(name string) bool {
	if len(s.before) == 0 {
		return false
	}
	out := s.before[len(s.before)-1].Out
	return s.row < out.Len() && out.At(s.row, name).IsNullish() && !s.old(name).IsNullish()
}

// step explains a value in a row as it was after the last of some steps: it goes
// back to the step that made it.
func (e *Explainer) step(n *tree.Node, steps []manifest.Step, row int, name string, depth int) *Figure {
	for last := len(steps) - 1; last >= 0; last-- {
		s := spot{n, steps[last], steps[:last], row}
		switch {
		case depth == 0:
			f := e.figure(n, name, timeAt(s.step.Out, row), s.value(name))
			f.Kind = Cut
			return f
		case e.reshapes(s):
			if f := e.reshaped(s, name, depth); f != nil {
				return f
			}
		case e.made(s, name):
			return e.byPlugin(s, name, depth)
		}
		if s.defaulted(name) {
			return e.fromDefaults(n, name, timeAt(s.step.In, row), s.old(name))
		}
	}
	return e.origin(n, row, name, depth)
}

// made reports whether a step that keeps rows wrote the value.
func (e *Explainer) made(s spot, name string) bool {
	in, out := s.step.In.Column(name), s.step.Out.Column(name)
	if out == nil || in == out {
		return false
	}
	if _, ok := e.formula(s, name); ok {
		return true
	}
	return in == nil || !value.Equal(s.old(name), s.value(name))
}

// formula returns the formula of a value. Under Impact Framework's options a
// mapping works for one component only; for the others it is left out.
func (e *Explainer) formula(s spot, name string) (formula.Formula, bool) {
	spec, in := e.plugin(s.step.Plugin).Spec, s.step.In.Row(s.row)
	f, ok := formula.Of(spec, in, name)
	if !ok && spec.Mapping.Len() > 0 && e.m.Options().MappingOnce {
		spec.Mapping = nil
		f, ok = formula.Of(spec, in, name)
	}
	return f, ok
}

// byPlugin explains a value by the plugin that made it.
func (e *Explainer) byPlugin(s spot, name string, depth int) *Figure {
	f := e.madeBy(s, name)
	made, ok := e.formula(s, name)
	if !ok {
		return e.unknown(f, s, depth)
	}
	f.Formula, f.Filled = made.Text, made.Filled
	if got, want := made.Result, f.Value; got.Kind() == value.Number && !near(got, want) {
		f.Notes = append(f.Notes, fmt.Sprintf("the formula gives %s for this row; the plugin gave %s", got, want))
	}
	for _, input := range made.Inputs {
		f.From = append(f.From, e.input(s, input, depth-1))
	}
	return f
}

// madeBy returns the figure of a value that a plugin made.
func (e *Explainer) madeBy(s spot, name string) *Figure {
	spec := e.plugin(s.step.Plugin)
	f := e.figure(s.node, name, timeAt(s.step.Out, s.row), s.value(name))
	f.Kind, f.Plugin, f.Builtin, f.Line = Plugin, spec.Name, spec.Method, spec.Line
	f.Config, f.Mapping = spec.Config, spec.Mapping
	return f
}

// input explains a value in the row that a step got.
func (e *Explainer) input(s spot, name string, depth int) *Figure {
	if s.defaulted(name) {
		return e.fromDefaults(s.node, name, timeAt(s.step.In, s.row), s.old(name))
	}
	if s.old(name).Kind() == value.Absent {
		f := e.figure(s.node, name, timeAt(s.step.In, s.row), value.Value{})
		f.Kind = Input
		f.Notes = []string{"the row does not have it"}
		return f
	}
	return e.step(s.node, s.before, s.row, name, depth)
}

// unknown explains a value of which no formula is known: an expression in the
// inputs, or what a plugin writes beside its result.
func (e *Explainer) unknown(f *Figure, s spot, depth int) *Figure {
	old := s.old(f.Metric)
	if text, ok := old.Str(); ok {
		f.Formula = fmt.Sprintf("%q, evaluated in this row", text)
	}
	if old.Kind() != value.Absent {
		f.From = append(f.From, e.input(s, f.Metric, depth-1))
	}
	return f
}

// near reports whether a formula gives a plugin's value: their roundings may
// differ by a few units in the last place.
func near(a, b value.Value) bool {
	x, okX := a.Float()
	y, okY := b.Float()
	return okX && okY && (x == y || x != x && y != y || math.Abs(x-y) <= 1e-12*max(math.Abs(x), math.Abs(y)))
}

// origin explains a value by the inputs or the defaults.
func (e *Explainer) origin(n *tree.Node, row int, name string, depth int) *Figure {
	source := e.trace.Source(n.Path)
	if source == nil {
		f := e.figure(n, name, timeAt(n.Outputs, row), n.Outputs.At(row, name))
		f.Kind = Kept
		return f
	}
	if source.Path != n.Path {
		return e.beforeRegroup(n, source, row, name, depth)
	}
	v := source.Rows.At(row, name)
	if fallback := source.Defaults.Get(name); v.IsNullish() && !fallback.IsNullish() {
		return e.fromDefaults(n, name, timeAt(source.Rows, row), fallback)
	}
	return e.fromInputs(n, source, row, name)
}

func (e *Explainer) fromInputs(n *tree.Node, source *manifest.Source, row int, name string) *Figure {
	f := e.figure(n, name, timeAt(source.Rows, row), source.Rows.At(row, name))
	f.Kind = Input
	if source.From != "" {
		f.File, f.Line = source.From, 0
		f.Notes = []string{fmt.Sprintf("row %d of the file", row+1)}
	} else if line := source.Line(row); line > 0 {
		f.Line = line
	}
	return f
}

// fromDefaults explains a value that the row lacked.
func (e *Explainer) fromDefaults(n *tree.Node, name, at string, v value.Value) *Figure {
	f := e.figure(n, name, at, v)
	f.Kind = Default
	if source := e.trace.Source(n.Path); source != nil {
		if line := source.Defaults.Line(name); line > 0 {
			f.Line = line
		}
	}
	return f
}

// beforeRegroup explains a value of a component that was made by regroup, in
// the one that it was made of. Rows keep their order.
func (e *Explainer) beforeRegroup(n *tree.Node, source *manifest.Source, row int, name string, depth int) *Figure {
	steps := e.trace.Steps(source.Path)
	rows := source.Rows
	if len(steps) > 0 {
		rows = steps[len(steps)-1].Out
	}
	old := *n
	old.Path = source.Path
	at := nthInGroups(rows.WithDefaults(source.Defaults), row, source.Regroup, groupsOf(n.Path, source.Path))
	if fallback := source.Defaults.Get(name); rows.At(at, name).IsNullish() && !fallback.IsNullish() {
		return e.fromDefaults(&old, name, timeAt(rows, at), fallback)
	}
	return e.step(&old, steps, at, name, depth)
}

// reshapes reports whether a step makes other rows than it got.
func (e *Explainer) reshapes(s spot) bool {
	switch e.plugin(s.step.Plugin).Method {
	case "TimeSync", "CSVImport", "MockObservations", "Shell":
		return true
	}
	return s.step.In.Len() != s.step.Out.Len()
}

// reshaped explains a value in a row that a step made. It returns nil if the row
// is one that the step got, in the same place.
func (e *Explainer) reshaped(s spot, name string, depth int) *Figure {
	f := e.madeBy(s, name)
	spec := e.plugin(s.step.Plugin).Spec
	got, made := s.step.In.Len(), s.step.Out.Len()
	switch {
	case spec.Method == "TimeSync":
		e.synced(f, s, depth)
	case spec.Method == "CSVImport" && s.row < got:
		return nil
	case spec.Method == "CSVImport":
		f.Formula = fmt.Sprintf("record %d of %s", s.row-got+1, fileOf(spec))
	default:
		f.Formula = fmt.Sprintf("row %d of the %d that the plugin made of %d", s.row+1, made, got)
		e.wholeRow(f, s)
	}
	return f
}

// wholeRow adds what the plugin got in the place of a row, for plugins of which
// nothing else is known.
func (e *Explainer) wholeRow(f *Figure, s spot) {
	if s.step.In.Len() != s.step.Out.Len() {
		return
	}
	for _, k := range s.step.In.Keys(s.row) {
		if len(f.From) == maxParts {
			f.More++
			continue
		}
		col := s.step.In.Columns()[k]
		part := e.figure(s.node, col.Name(), f.Time, col.At(s.row))
		part.Kind = Part
		f.From = append(f.From, part)
	}
}

func fileOf(spec builtin.Spec) string {
	file, _ := spec.Config.Get("filepath").Str()
	return file
}
