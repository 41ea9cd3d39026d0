package builtin

import (
	"strings"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/manifest/compat"
	"github.com/dendro-carbon/dendro/internal/value"
)

// method is what one builtin has of its own. What all have in common is in
// [instance].
type method struct {
	name string
	// bind reads the config and returns what runs; what is wrong goes to s.
	bind func(s *settings) runner
	// evaluates says that input texts and the name of the output may be
	// expressions, and that the values of the keys in expressions may be.
	evaluates   bool
	expressions []string
	// reshapes says that the result may have more or fewer rows than the input.
	reshapes bool
}

// methods is the one table of the builtins, in the order of their names.
func methods() []method {
	return []method{
		{name: "CSVImport", bind: bindCSVImport, reshapes: true},
		{name: "CSVLookup", bind: bindCSVLookup},
		{name: "Coefficient", bind: bindCoefficient, evaluates: true, expressions: []string{"input-parameter", "coefficient"}},
		{name: "Copy", bind: bindCopy, evaluates: true, expressions: []string{"from"}},
		{name: "Divide", bind: bindDivide, evaluates: true, expressions: []string{"numerator", "denominator"}},
		{name: "Exponent", bind: bindExponent, evaluates: true, expressions: []string{"input-parameter", "exponent"}},
		{name: "Interpolation", bind: bindInterpolation, evaluates: true, expressions: []string{"input-parameter"}},
		{name: "MockObservations", bind: bindMock, reshapes: true},
		{name: "Multiply", bind: bindMultiply, evaluates: true},
		{name: "Regex", bind: bindRegex},
		{name: "Sci", bind: bindSci, evaluates: true, expressions: []string{"functional-unit"}},
		{name: "SciEmbodied", bind: bindSciEmbodied, evaluates: true, expressions: embodiedKeys()},
		{name: "Shell", bind: bindShell, reshapes: true},
		{name: "Subtract", bind: bindSubtract, evaluates: true},
		{name: "Sum", bind: bindSum, evaluates: true},
		{name: "TimeConverter", bind: bindTimeConverter, evaluates: true, expressions: []string{"input-parameter"}},
		{name: "TimeSync", bind: bindTimeSync, reshapes: true},
	}
}

// New returns the plugin of an entry of initialize.plugins. The only error, a
// [*diag.Problem], is that of an unknown method: what is wrong in the config is
// reported by the plugin when it runs, and by [Check].
func New(spec Spec, opts compat.Options) (Plugin, error) {
	all := methods()
	for _, m := range all {
		if m.name == spec.Method {
			return newInstance(m, spec, opts), nil
		}
	}
	names := make([]string, len(all))
	for i, m := range all {
		names[i] = m.name
	}
	problem := diag.New("PluginInitializationError", "There is no builtin method `%s`.", spec.Method)
	if opts.ScriptErrors {
		problem = diag.New("TypeError", "plugin is not a function")
	}
	return nil, problem.WithHint("there is no builtin method %q; there are %s", spec.Method, strings.Join(names, ", "))
}

// Check returns what can be said against an entry without running it: an
// unknown method, a config that is incomplete or of wrong types, expressions
// and patterns that cannot be read.
func Check(spec Spec, opts compat.Options) diag.List {
	var problems diag.List
	p, err := New(spec, opts)
	if err != nil {
		problems.Add(err)
		return problems
	}
	i := p.(*instance)
	for _, problem := range []*diag.Problem{i.first.problem, i.first.late} {
		if problem != nil {
			problems.Add(problem)
		}
	}
	if len(problems) == 0 && scripted(opts) {
		problems.Add(i.checkScripts())
	}
	return problems
}

// AfterRun returns an entry as it stands after a run that used it. By default it
// is as written. Impact Framework changes it: what its first component used is
// gone from the mapping, and without a mapping constant expressions have become
// numbers and the points of curves are sorted.
func AfterRun(spec Spec, opts compat.Options) Spec {
	for _, m := range methods() {
		if m.name != spec.Method {
			continue
		}
		if opts.MappingOnce {
			_, spec.Mapping, _ = mapConfig(spec.Config, spec.Mapping) // an error would have ended the run
		}
		if spec.Mapping == nil && spec.Config != nil && m.evaluates && scripted(opts) {
			spec.Config, _ = simplified(spec.Config)
			for _, key := range spec.Config.Keys() {
				if spec.Config.Get(key).Kind() == value.Absent {
					spec.Config.Delete(key) // arithmetic without a value
				}
			}
		}
		if spec.Mapping == nil && spec.Method == "Interpolation" && opts.SortedCurves {
			spec.Config = sortedApart(spec.Config)
		}
	}
	return spec
}
