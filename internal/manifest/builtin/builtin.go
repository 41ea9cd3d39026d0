package builtin

import (
	"strings"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/manifest/compat"
)

// methods is the one table of the builtins, in the order of their names.
func methods() []method {
	return []method{
		{name: "CSVImport", bind: bindCSVImport, reshapes: true},
		{name: "CSVLookup", bind: bindCSVLookup},
		{name: "Coefficient", bind: bindCoefficient, evaluates: true, expressions: []string{"input-parameter", "coefficient"}},
		{name: "Copy", bind: bindCopy, evaluates: true, expressions: []string{"from"}},
		{name: "Divide", bind: bindDivide, evaluates: true, expressions: []string{"numerator", "denominator"}},
		{name: "Exponent", bind: bindExponent, evaluates: true, expressions: []string{"input-parameter", "exponent"}},
		{name: "Interpolation", bind: bindInterpolation, evaluates: true, expressions: []string{"input-parameter"}, settle: settleCurve},
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
	return p.(*instance).problems()
}

// AfterRun returns an entry as it stands after a run that used it. By default it
// is as written. Impact Framework changes it: what its first component used is
// gone from the mapping, and without a mapping constant expressions have become
// numbers and the points of curves are sorted.
func AfterRun(spec Spec, opts compat.Options) Spec {
	for _, m := range methods() {
		if m.name == spec.Method {
			return newInstance(m, spec, opts).after()
		}
	}
	return spec
}
