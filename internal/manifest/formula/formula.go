// Package formula says how a builtin made one value of one row: as a formula with
// the names of metrics, and with the row's numbers in their places.
//
// It is for explanations. What it knows of a plugin is its config; the numbers
// that count are those of package builtin, and a caller can see from
// [Formula.Result] whether the formula that is shown gives them. What a reader
// would get wrong: TimeSync, CSVImport, MockObservations and Shell have none,
// because they make rows and not values.
package formula

import (
	"cmp"
	"slices"
	"sort"
	"strings"

	"github.com/dendro-carbon/dendro/internal/manifest/builtin"
	"github.com/dendro-carbon/dendro/internal/manifest/curve"
	"github.com/dendro-carbon/dendro/internal/manifest/expr"
	"github.com/dendro-carbon/dendro/internal/value"
)

// Formula says how an instance makes a metric of one row: carbon is
// energy × grid/carbon-intensity, 0.5 × 400, which is 200.
type Formula struct {
	// Text has the names of metrics, Filled the row's numbers in their places.
	Text, Filled string
	// Inputs are the metrics of the row that are read, each once, in the order of
	// the text.
	Inputs []string
	// Result is what the formula gives, absent if that is not for a formula to
	// say: a text found in a table, the output of a program.
	Result value.Value
}

// Of returns the formula by which an instance makes a metric of a row, as the
// row was before it ran. ok is false if it does not write that metric, or makes
// rows of rows. What is missing in the row, or not a number, is shown as it is
// and never an error.
func Of(spec builtin.Spec, row *value.Map, metric string) (f Formula, ok bool) {
	a := &algebra{spec: spec, row: row, wanted: metric}
	if spec.Method == "SciEmbodied" {
		if t, isDefault := a.embodiedDefault(metric); isDefault {
			return t.formula(), true
		}
	}
	t, output, ok := a.formula()
	if !ok {
		return Formula{}, false
	}
	t, name := a.output(t, output)
	if name != metric {
		return Formula{}, false
	}
	return t.formula(), true
}

// formula returns the plugin's result, and the config key that names it.
func (a *algebra) formula() (t term, output string, ok bool) {
	list := func() []term { return a.metrics("input-parameters") }
	switch a.spec.Method {
	case "Sum":
		return sumOf(list()), "output-parameter", true
	case "Multiply":
		return productOf(list()), "output-parameter", true
	case "Subtract":
		return differenceOf(list()), "output-parameter", true
	case "Coefficient":
		return productOf([]term{a.param("input-parameter"), a.param("coefficient")}), "output-parameter", true
	case "Divide":
		return quotientOf(a.param("numerator"), a.param("denominator")), "output", true
	case "Exponent":
		return powerOf(a.param("input-parameter"), a.param("exponent")), "output-parameter", true
	case "Copy":
		return a.param("from"), "to", true
	case "Interpolation":
		return a.interpolation(), "output-parameter", true
	case "Sci":
		return a.score(), "", true
	case "SciEmbodied":
		return a.embodied(), "output-parameter", true
	case "TimeConverter":
		return a.conversion(), "output-parameter", true
	case "Regex":
		t := a.param("parameter")
		return textTerm("first match of "+a.text("match")+" in "+t.text, "first match in "+t.filled, t.inputs), "output", true
	case "CSVLookup":
		return a.lookup(), "output", true
	}
	return term{}, "", false
}

// output applies the expression that the output's name may be, and returns the
// metric that is written.
func (a *algebra) output(t term, key string) (term, string) {
	text := a.text(key)
	switch {
	case key == "":
		text = "sci"
	case a.spec.Method == "SciEmbodied" && text == "":
		text = "embodied-carbon"
	case a.spec.Method == "CSVLookup":
		return t, a.lookupOutput()
	}
	if !expr.Is(text) {
		return t, a.outName(text)
	}
	e, err := expr.Parse(text)
	if err != nil || len(e.Bind(noMetric).Names()) == 0 {
		return t, text
	}
	name := e.Bind(noMetric).Names()[0]
	return a.expression(e, name, &t), a.outName(name)
}

func noMetric(string) bool { return false }

// score is carbon per functional unit. Of no units there is none, or what Impact
// Framework takes for it; either is more than a formula.
func (a *algebra) score() term {
	units := a.param("functional-unit")
	t := quotientOf(a.metric("carbon"), units)
	if f, ok := units.value.Float(); ok && f == 0 {
		t.value = value.Value{}
	}
	return t
}

// interpolation shows the piece of a line on which the value lies, or the points
// of another curve.
func (a *algebra) interpolation() term {
	x, y := listNumbers(a.spec.Config.Get("x")), listNumbers(a.spec.Config.Get("y"))
	v := a.param("input-parameter")
	if len(x) != len(y) || len(x) < 2 {
		return v
	}
	sort.Stable(&points{x, y})
	method := cmp.Or(a.text("method"), "linear")
	at := func(v float64) value.Value { return value.OfNumber(curve.New(method, x, y).At(v)) }
	if s, _ := v.value.Str(); s == "off" {
		return term{text: "0 where " + v.text + " is off", filled: "0", value: value.OfNumber(0), inputs: v.inputs}
	}
	f, ok := v.value.Float()
	if !ok {
		return v
	}
	through := method + " curve through " + pointsText(x, y)
	if i := curve.LastNotAbove(x, f); method == "linear" && i >= 0 && i < len(x)-1 && x[i] != f {
		piece := sumOf([]term{numberTerm(y[i]), productOf([]term{
			differenceOf([]term{v, numberTerm(x[i])}),
			quotientOf(differenceOf([]term{numberTerm(y[i+1]), numberTerm(y[i])}), differenceOf([]term{numberTerm(x[i+1]), numberTerm(x[i])})),
		})})
		piece.text = through + " at " + v.text
		piece.value = at(f)
		return piece
	}
	return term{text: through + " at " + v.text, filled: "curve at " + v.filled, value: at(f), inputs: v.inputs}
}

// points are pairs to sort by x.
type points struct{ x, y []float64 }

func (p *points) Len() int           { return len(p.x) }
func (p *points) Less(i, j int) bool { return p.x[i] < p.x[j] }
func (p *points) Swap(i, j int) {
	p.x[i], p.x[j] = p.x[j], p.x[i]
	p.y[i], p.y[j] = p.y[j], p.y[i]
}

func listNumbers(v value.Value) []float64 {
	var nums []float64
	for _, item := range v.List() {
		f, _ := item.Float()
		nums = append(nums, f)
	}
	return nums
}

// maxPairs is how many points of a curve are shown.
const maxPairs = 12

func pointsText(x, y []float64) string {
	var points []string
	for i := range x {
		if i == maxPairs {
			points = append(points, "…")
			break
		}
		points = append(points, "("+value.NumberText(x[i])+", "+value.NumberText(y[i])+")")
	}
	return strings.Join(points, " ")
}

// embodiedDefault returns the value that SciEmbodied writes where a row lacks
// one.
func (a *algebra) embodiedDefault(metric string) (term, bool) {
	for name, f := range embodiedDefaults() {
		if a.outName(name) == metric && a.metric(name).value.IsNullish() {
			return term{text: "default of SciEmbodied", filled: value.NumberText(f), value: value.OfNumber(f)}, true
		}
	}
	return term{}, false
}

func embodiedDefaults() map[string]float64 {
	return map[string]float64{"vCPUs": 1, "memory": 16, "ssd": 0, "hdd": 0, "gpu": 0, "usage-ratio": 1}
}

func (a *algebra) embodied() term {
	of := func(name string) term {
		t := a.metric(name)
		if f, has := embodiedDefaults()[name]; has && t.value.IsNullish() {
			return numberTerm(f)
		}
		return t
	}
	set := func(key string) term {
		if f, ok := builtin.EmbodiedSetting(key); ok && !a.spec.Config.Has(key) {
			return settingTerm(key, f)
		}
		return a.param(key)
	}
	product := func(terms ...term) term { return productOf(terms) }
	difference := func(terms ...term) term { return differenceOf(terms) }
	seconds := of("time")
	if !seconds.value.Truthy() {
		seconds = of("duration")
	}
	memory := quotientOf(product(set("memory-emissions-constant"), set("baseline-memory")), numberTerm(16))
	total := sumOf([]term{
		set("baseline-emissions"),
		product(difference(of("vCPUs"), set("baseline-vcpus")), set("vcpu-emissions-constant")),
		product(difference(of("memory"), set("baseline-memory")), memory, numberTerm(1000)),
		product(of("ssd"), set("ssd-emissions-constant")),
		product(of("hdd"), set("hdd-emissions-constant")),
		product(of("gpu"), set("gpu-emissions-constant")),
	})
	return product(total, of("usage-ratio"), quotientOf(seconds, set("lifespan")))
}

func (a *algebra) conversion() term {
	from := settingTerm("seconds of "+a.text("original-time-unit"), builtin.SecondsIn(a.text("original-time-unit")))
	to := a.metric("duration")
	if unit := a.text("new-time-unit"); unit != "duration" {
		to = settingTerm("seconds of "+unit, builtin.SecondsIn(unit))
	}
	return productOf([]term{quotientOf(a.param("input-parameter"), from), to})
}

// lookup says in which record a value was found. The plugin may write several
// metrics; each comes from a column.
func (a *algebra) lookup() term {
	var where, filled, inputs []string
	for column, v := range a.spec.Config.Get("query").Map().All() {
		key, _ := v.Str()
		t := a.metric(key)
		where = append(where, column+" is "+t.text)
		filled = append(filled, column+" = "+t.filled)
		inputs = append(inputs, t.inputs...)
	}
	record := " of the record of " + a.text("filepath") + " where "
	return textTerm("column "+a.column()+record+strings.Join(where, " and "), strings.Join(filled, " and "), slices.Compact(inputs))
}

// lookupOutput returns the metric that is asked for if the lookup writes it.
func (a *algebra) lookupOutput() string {
	out := a.spec.Config.Get("output")
	if all, _ := out.Str(); all == "*" || a.outName(all) == a.wanted {
		return a.wanted
	}
	for _, pair := range lookupPairs(out) {
		if a.outName(pair[1]) == a.wanted {
			return a.wanted
		}
	}
	return ""
}

// column returns the column from which the metric comes that is asked for.
func (a *algebra) column() string {
	for _, pair := range lookupPairs(a.spec.Config.Get("output")) {
		if a.outName(pair[1]) == a.wanted {
			return pair[0]
		}
	}
	return a.wanted
}

// lookupPairs returns the columns that an output names, each with its metric.
func lookupPairs(v value.Value) [][2]string {
	name := func(v value.Value) string { s, _ := v.Str(); return s }
	list := v.List()
	switch {
	case len(list) == 0:
		return nil
	case list[0].Kind() == value.List:
		var all [][2]string
		for _, item := range list {
			all = append(all, lookupPairs(item)...)
		}
		return all
	case len(list) == 1:
		return [][2]string{{name(list[0]), name(list[0])}}
	}
	return [][2]string{{name(list[0]), name(list[1])}}
}
