package formula

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/dendro-carbon/dendro/internal/manifest/builtin"
	"github.com/dendro-carbon/dendro/internal/manifest/expr"
	"github.com/dendro-carbon/dendro/internal/value"
)

// term is a part of a formula: as text with names and with numbers, and as what
// it comes to in the row.
type term struct {
	text, filled string
	value        value.Value // absent if it has no number
	inputs       []string
	loose        bool // a sum or a difference, which needs parentheses in a product
}

func (t term) formula() Formula {
	var inputs []string
	for _, name := range t.inputs {
		if !slices.Contains(inputs, name) {
			inputs = append(inputs, name)
		}
	}
	return Formula{Text: t.text, Filled: t.filled, Inputs: inputs, Result: t.value}
}

func numberTerm(f float64) term {
	s := numberText(f)
	return term{text: s, filled: s, value: value.OfNumber(f)}
}

// numberText returns a number as it stands between operators.
func numberText(f float64) string {
	if f < 0 {
		return parenthesized(value.NumberText(f))
	}
	return value.NumberText(f)
}

// settingTerm is a number of the config under its key.
func settingTerm(name string, f float64) term {
	t := numberTerm(f)
	t.text = name
	return t
}

// textTerm is a term that is no calculation.
func textTerm(text, filled string, inputs []string) term {
	return term{text: text, filled: filled, inputs: inputs}
}

// joinTerms makes one term of several, with an operator between them.
func joinTerms(terms []term, operator string, result float64, loose bool) term {
	var out term
	var texts, filled []string
	ok := true
	for _, t := range terms {
		text, numbers := t.text, t.filled
		if t.loose && (!loose || operator == " − ") {
			text, numbers = parenthesized(text), parenthesized(numbers)
		}
		texts, filled = append(texts, text), append(filled, numbers)
		out.inputs = append(out.inputs, t.inputs...)
		_, isNumber := t.value.Float()
		ok = ok && isNumber
	}
	out.text, out.filled, out.loose = strings.Join(texts, operator), strings.Join(filled, operator), loose && len(terms) > 1
	if ok {
		out.value = value.OfNumber(result)
	}
	return out
}

func parenthesized(s string) string { return "(" + s + ")" }

func numberIn(t term) float64 {
	if f, ok := t.value.Float(); ok {
		return f
	}
	return math.NaN()
}

func sumOf(terms []term) term {
	if len(terms) == 0 {
		return numberTerm(0)
	}
	total := 0.0
	for _, t := range terms {
		total += numberIn(t)
	}
	return joinTerms(terms, " + ", total, true)
}

func productOf(terms []term) term {
	if len(terms) == 0 {
		return numberTerm(1)
	}
	product := 1.0
	for _, t := range terms {
		product *= numberIn(t)
	}
	return joinTerms(terms, " × ", product, false)
}

func differenceOf(terms []term) term {
	if len(terms) == 0 {
		return term{text: "nothing", filled: "nothing"}
	}
	rest := numberIn(terms[0])
	for _, t := range terms[1:] {
		rest -= numberIn(t)
	}
	return joinTerms(terms, " − ", rest, true)
}

func quotientOf(above, below term) term {
	below.loose = below.loose || strings.ContainsAny(below.text, "×÷") // a ÷ (b × c)
	return joinTerms([]term{above, below}, " ÷ ", numberIn(above)/numberIn(below), false)
}

func powerOf(base, exponent term) term {
	base.loose = base.loose || strings.ContainsAny(base.text, "×÷")
	return joinTerms([]term{base, exponent}, " ^ ", expr.Pow(numberIn(base), numberIn(exponent)), false)
}

// algebra makes terms of the config of an instance and a row.
type algebra struct {
	spec   builtin.Spec
	row    *value.Map
	wanted string // the metric that is asked for
}

func (a *algebra) text(key string) string {
	s, _ := a.spec.Config.Get(key).Str()
	return s
}

// outName returns the metric that the plugin writes under a name of its own.
func (a *algebra) outName(name string) string {
	if data, ok := a.spec.Mapping.Get(name).Str(); ok {
		return data
	}
	return name
}

// metric returns what the row holds under a name of the plugin.
func (a *algebra) metric(name string) term {
	if data := a.outName(name); a.row.Has(data) {
		name = data
	}
	v := a.row.Get(name)
	t := term{text: name, filled: "missing", value: v, inputs: []string{name}}
	switch v.Kind() {
	case value.Absent:
	case value.Text:
		s, _ := v.Str()
		t.filled = strconv.Quote(s)
	case value.Number:
		f, _ := v.Float()
		t.filled = numberText(f)
	default:
		t.filled = v.String()
	}
	return t
}

// metrics returns a list of names in the config.
func (a *algebra) metrics(key string) []term {
	var terms []term
	for _, item := range a.spec.Config.Get(key).List() {
		name, _ := item.Str()
		terms = append(terms, a.metric(name))
	}
	return terms
}

// param returns a config value: a number, the name of a metric or an expression.
func (a *algebra) param(key string) term {
	v := a.spec.Config.Get(key)
	if f, ok := v.Float(); ok {
		return settingTerm(key, f)
	}
	s, ok := v.Str()
	if !ok {
		return term{text: key, filled: v.String()}
	}
	e, err := expr.Parse(s)
	if err == nil && (expr.Is(s) || len(e.Bind(noMetric).Names()) == 0) {
		return a.expression(e, "", nil)
	}
	return a.metric(s)
}

// expression returns an expression with what it comes to. The name self, if
// there is one, stands for the term own.
func (a *algebra) expression(e *expr.Expr, self string, own *term) term {
	text := strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(e.String()), "="))
	formula := e.Bind(func(name string) bool { return name == self || a.metric(name).value.Kind() != value.Absent })
	out := term{text: parenthesized(text)}
	known := true
	var filled []string
	for _, name := range formula.Names() {
		t := a.metric(name)
		if name == self {
			t = *own
			out.text = text + " with " + self + " = " + own.text
		}
		filled = append(filled, name+" = "+t.filled)
		out.inputs = append(out.inputs, t.inputs...)
		_, isNumber := t.value.Float()
		known = known && isNumber
	}
	out.filled = parenthesized(text)
	if len(filled) > 0 {
		out.filled = parenthesized(text + " with " + strings.Join(filled, ", "))
	}
	if !known {
		return out
	}
	result, ok := formula.Row(func(name string) float64 {
		if name == self {
			return numberIn(*own)
		}
		return numberIn(a.metric(name))
	})
	if ok {
		out.value = value.OfNumber(result)
	}
	return out
}
