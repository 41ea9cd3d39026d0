package aggregate

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/tree"
	"github.com/dendro-carbon/dendro/internal/value"
)

// The classes of errors. All but the alignment's are Impact Framework's names.
const (
	classMissing  = "MissingAggregationParamError"
	classMethod   = "InvalidAggregationMethodError"
	classManifest = "ManifestValidationError"
	classInput    = "InputValidationError"
	classType     = "TypeError" // JavaScript's own, on what Impact Framework does not check
	classAlign    = "AlignmentError"
)

// finding is a problem with the place at which Impact Framework would meet it.
type finding struct {
	row, child, item int
	problem          *diag.Problem
}

// inOrder returns the problems as Impact Framework would meet them: row by row,
// in a row child by child, in a child metric by metric.
func inOrder(found []finding) diag.List {
	slices.SortStableFunc(found, func(a, b finding) int {
		return cmp.Or(cmp.Compare(a.row, b.row), cmp.Compare(a.child, b.child), cmp.Compare(a.item, b.item))
	})
	list := make(diag.List, len(found))
	for i, f := range found {
		list[i] = f.problem
	}
	return list
}

// UnknownMetric returns the problem of a metric that has to be added up and that
// nobody says how, with what to write in the parameter-metadata of a plugin:
// side is inputs or outputs.
func UnknownMetric(name, side string) *diag.Problem {
	return diag.New(classMethod, "%s has no known aggregation method.", name).WithMetric(name).WithHint(
		"say how it is added up in the parameter-metadata of a plugin: parameter-metadata: {%s: {%s: "+
			"{unit: UNIT, description: TEXT, aggregation-method: {time: sum, component: sum}}}} "+
			"(each method is one of sum, avg, copy, none)", side, yamlKey(name))
}

// yamlKey quotes a name that a flow mapping could misread.
func yamlKey(name string) string {
	for _, c := range name {
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("-_/.", c)) {
			return fmt.Sprintf("%q", name)
		}
	}
	return name
}

func weightOfNothing(name string) *diag.Problem {
	return diag.New(classManifest, "\"aggregation.weights\" names %s, which is not among the metrics.", name).
		WithMetric(name).WithHint("add it to aggregation.metrics, or take it out of aggregation.weights")
}

// weightOfSum refuses what would make a mean of a total: 20 kWh would become 3.
func weightOfSum(name, weight string) *diag.Problem {
	return diag.New(classManifest, "\"aggregation.weights\" weighs %s by %s, but it is added up over time and no average.", name, weight).
		WithMetric(name).WithHint("take it out of aggregation.weights, or give it the method avg in parameter-metadata")
}

func unusedSkip(entry string) *diag.Problem {
	return diag.New(classManifest, "\"aggregation.skip-components\" names %s, which is no component below the root.", entry).
		WithHint("give a component's name, the end of its path (group/name), or its whole path (tree.children.group.children.name)")
}

// missingKey is a key that rows of a component lack.
func missingKey(f *frame.Frame, need need, index int) *diag.Problem {
	name := need.name
	p := diag.New(classMissing, "Aggregation metric %s is not found in inputs[%d].", name, index).WithMetric(name)
	if need.item == needWeight {
		p.Text = fmt.Sprintf("%s, which aggregation.weights names, is not found in inputs[%d].", name, index)
		if f.Find(name) < 0 {
			return p.WithHint("no row of the component has it (they have %s): correct aggregation.weights, or add a plugin that makes it", keys(f))
		}
		return p.WithHint("other rows of the component have it: give it a default, or weigh by another metric in aggregation.weights")
	}
	if f.Find(name) >= 0 {
		return p.WithHint("other rows of the component have it: give it a default, or take it out of aggregation.metrics")
	}
	return p.WithHint("no row of the component has it (they have %s): add a plugin that makes it, or name the component "+
		"in aggregation.skip-components", keys(f))
}

// keys lists the keys of a frame's rows.
func keys(f *frame.Frame) string {
	const most = 12
	var names []string
	for _, c := range f.Columns() {
		names = append(names, c.Name())
	}
	switch {
	case len(names) == 0:
		return "no keys"
	case len(names) > most:
		return strings.Join(names[:most], ", ") + ", …"
	}
	return strings.Join(names, ", ")
}

// notNumber is a value that cannot be added.
func notNumber(path, name string, v value.Value) *diag.Problem {
	p := diag.New(classInput, "\"%s\" parameter is expected number, received %v. Error code: invalid_type.", name, v.Kind()).
		WithMetric(name)
	p.Component = path
	if text, ok := v.Str(); ok && value.ParseFloat(text) == value.ParseFloat(text) {
		return p.WithHint("%q is text that begins with a number: write the number alone and without quotes", text)
	}
	return p.WithHint("correct the value, or give the metric the method copy or none in parameter-metadata")
}

func negativeWeight(name string, f float64) *diag.Problem {
	return diag.New(classInput, "\"%s\" parameter is number must be greater than or equal to 0. Error code: too_small.", name).
		WithMetric(name).WithHint("%v cannot weigh a value; choose another weight in aggregation.weights", f)
}

// undefined returns how JavaScript calls the outputs that a node does not have.
func undefined(node *tree.Node) string {
	if node.Attrs.Get(tree.KeyOutputs).Kind() == value.Null {
		return "null"
	}
	return "undefined"
}

// unreadable is what Impact Framework fails with where it reads a property of
// something that is not there.
func unreadable(path, what, property string) *diag.Problem {
	p := diag.New(classType, "Cannot read properties of %s (reading '%s')", what, property)
	p.Component = path
	return p
}

func noOutputs(node *tree.Node, property string) *diag.Problem {
	return unreadable(node.Path, undefined(node), property).
		WithHint("the component has no outputs: give it inputs and a pipeline that computes, or remove it")
}

func noChildren(node *tree.Node) *diag.Problem {
	return unreadable(node.Path, "undefined", "outputs").
		WithHint("the group has no components: give it some, or remove its children key")
}

func tooShort(node *tree.Node, key string, rows, want int) *diag.Problem {
	p := diag.New(classType, "Cannot use 'in' operator to search for '%s' in undefined", key).
		WithHint("the component has %d rows, the first of its group has %d: give all the same time steps", rows, want)
	p.Component = node.Path
	return p
}
