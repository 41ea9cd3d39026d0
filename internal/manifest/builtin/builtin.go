package builtin

import (
	"strings"

	"github.com/dendro-carbon/dendro/internal/manifest/plugin"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/manifest/compat"
)

// methods is the one table of the builtins, in the order of their names.
func methods() []plugin.Method {
	return []plugin.Method{
		{Name: "CSVImport", Bind: bindCSVImport, Reshapes: true},
		{Name: "CSVLookup", Bind: bindCSVLookup},
		{Name: "Coefficient", Bind: bindCoefficient, Evaluates: true, Expressions: []string{"input-parameter", "coefficient"}},
		{Name: "Copy", Bind: bindCopy, Evaluates: true, Expressions: []string{"from"}},
		{Name: "Divide", Bind: bindDivide, Evaluates: true, Expressions: []string{"numerator", "denominator"}},
		{Name: "Exponent", Bind: bindExponent, Evaluates: true, Expressions: []string{"input-parameter", "exponent"}},
		{Name: "Interpolation", Bind: bindInterpolation, Evaluates: true, Expressions: []string{"input-parameter"}, Settle: settleCurve},
		{Name: "MockObservations", Bind: bindMock, Reshapes: true},
		{Name: "Multiply", Bind: bindMultiply, Evaluates: true},
		{Name: "Regex", Bind: bindRegex},
		{Name: "Sci", Bind: bindSci, Evaluates: true, Expressions: []string{"functional-unit"}},
		{Name: "SciEmbodied", Bind: bindSciEmbodied, Evaluates: true, Expressions: embodiedKeys()},
		{Name: "Shell", Bind: bindShell, Reshapes: true},
		{Name: "Subtract", Bind: bindSubtract, Evaluates: true},
		{Name: "Sum", Bind: bindSum, Evaluates: true},
		{Name: "TimeConverter", Bind: bindTimeConverter, Evaluates: true, Expressions: []string{"input-parameter"}},
		{Name: "TimeSync", Bind: bindTimeSync, Reshapes: true},
	}
}

// New returns the plugin of an entry of initialize.plugins. The only error, a
// [*diag.Problem], is that of an unknown method: what is wrong in the config is
// reported by the plugin when it runs, and by [Check].
func New(spec plugin.Spec, opts compat.Options) (plugin.Plugin, error) {
	all := methods()
	for _, m := range all {
		if m.Name == spec.Method {
			return plugin.NewInstance(m, spec, opts), nil
		}
	}
	names := make([]string, len(all))
	for i, m := range all {
		names[i] = m.Name
	}
	problem := diag.New("PluginInitializationError", "There is no builtin method `%s`.", spec.Method)
	if opts.ScriptErrors {
		problem = diag.New("TypeError", "plugin is not a function")
	}
	return nil, problem.WithHint("take one of the builtin methods: %s", strings.Join(names, ", "))
}

// Check returns what can be said against an entry without running it: an
// unknown method, a config that is incomplete or of wrong types, expressions
// and patterns that cannot be read.
func Check(spec plugin.Spec, opts compat.Options) diag.List {
	var problems diag.List
	p, err := New(spec, opts)
	if err != nil {
		problems.Add(err)
		return problems
	}
	return p.(*plugin.Instance).Problems()
}

// AfterRun returns an entry as it stands after a run that used it. By default it
// is as written. Impact Framework changes it: what its first component used is
// gone from the mapping, and without a mapping constant expressions have become
// numbers and the points of curves are sorted.
func AfterRun(spec plugin.Spec, opts compat.Options) plugin.Spec {
	for _, m := range methods() {
		if m.Name == spec.Method {
			return plugin.NewInstance(m, spec, opts).After()
		}
	}
	return spec
}
