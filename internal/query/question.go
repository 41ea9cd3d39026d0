package query

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/diag"
)

// ErrQuestion reports a question that cannot be answered as it is asked: an
// unknown parameter, a window that holds nothing, a step that nobody sums by.
var ErrQuestion = errors.New("the question is not valid")

// fault is one thing wrong with a question, of a parameter.
type fault struct{ diag.Problem }

func (f *fault) Is(target error) bool { return target == ErrQuestion }

// Unwrap gives the problem to whoever collects them.
func (f *fault) Unwrap() error { return &f.Problem }

// refusal is all that is wrong with a question.
type refusal struct{ diag.List }

func (r refusal) Is(target error) bool { return target == ErrQuestion }

// Unwrap gives the problems to whoever lists them.
func (r refusal) Unwrap() error { return r.List }

// all returns the problems of several errors as one, nil when there are none.
func all(errs ...error) error {
	var list diag.List
	for _, err := range errs {
		list.Add(err)
	}
	if len(list) == 0 {
		return nil
	}
	return refusal{list}
}

// refuse returns an error about a parameter that says what to do.
func refuse(parameter, what, hint string) error {
	return &fault{diag.Problem{Text: parameter + ": " + what, Hint: hint}}
}

// Asked is a question in the words of the flags of dendro query and of the
// parameters of the API, which have the same names.
type Asked struct {
	// By and Where may be given several times, By also as a list with commas.
	By    []string
	Where []string // key=value; several values of one key are alternatives
	Window
	Step      string // slot, 1h, 1d, 1mo, or the length of a slot
	Sort      string // carbon, energy, name
	Top       string
	AsKnownAt string
	// Policy and Compare name policies; see [Question].
	Policy, Compare string
	// Perimeter is hosts or services; see [Question].
	Perimeter string
	// Pseudonyms is true or false; empty is what the engine does anyway.
	Pseudonyms string
}

// Question is a question that can be answered. Make one with [Asked.Parse].
type Question struct {
	Span account.Span
	// Step makes series; empty makes none.
	Step account.Step
	View account.View
	// At is the instant of knowledge; zero is now.
	At time.Time
	// Policy names the policy by which wholes are divided; empty is the ledger's
	// own. Compare names one whose figures stand beside. Both are derived from
	// facts then, so slots that are not closed are not among them.
	Policy, Compare string
	// Perimeter is whose figures are asked for. Empty is services where a level or match
	// names them, else hosts, and what the ledger has if it has one of the two alone.
	Perimeter account.Perimeter
	// Pseudonyms shows people by pseudonyms, also where the engine would not.
	Pseudonyms bool
}

// Parse returns the question that is meant in a calendar at an instant, or all
// that is wrong with it, as an error that wraps [ErrQuestion].
func (a Asked) Parse(c account.Calendar, now time.Time) (Question, error) {
	q := Question{Policy: a.Policy, Compare: a.Compare}
	var errs [9]error
	q.Span, errs[0] = a.Span(c, now)
	q.Step, errs[1] = step(a.Step, c.Grid().Step())
	q.View.By, errs[2] = levels(a.By)
	q.View.Where, errs[3] = Filter("where", a.Where)
	q.View.Sort, errs[4] = order(a.Sort)
	q.View.Top, errs[5] = top(a.Top)
	if a.AsKnownAt != "" {
		q.At, errs[6] = Instant(c, "as_known_at", a.AsKnownAt)
	}
	q.Pseudonyms, errs[7] = Pseudonyms(a.Pseudonyms)
	q.Perimeter, errs[8] = perimeter(a.Perimeter)
	err := all(errs[:]...)
	if err == nil {
		err = q.tooMany(c)
	}
	return q, err
}

// maxPeriods is the most periods of one series, about five years of half hours.
const maxPeriods = 100_000

// tooMany refuses steps that are very short for the window.
func (q Question) tooMany(c account.Calendar) error {
	if q.Step == "" {
		return nil
	}
	period := c.Period(q.Step, q.Span.From)
	if n := q.Span.Duration() / period.Duration(); n > maxPeriods {
		return refuse("step", fmt.Sprintf("%s makes a series of %d periods of this window", q.Step, n), "use a longer step or a shorter window")
	}
	return nil
}

// step reads a step; the length of a slot is one.
func step(text string, slot time.Duration) (account.Step, error) {
	switch s := account.Step(text); s {
	case "", account.StepSlot, account.StepHour, account.StepDay, account.StepMonth:
		return s, nil
	}
	if d, err := time.ParseDuration(text); err == nil && d == slot {
		return account.StepSlot, nil
	}
	return "", refuse("step", fmt.Sprintf("%q is not a step", text),
		fmt.Sprintf("use slot (%s here), 1h, 1d or 1mo", diag.Duration(slot)))
}

// levels reads the labels of a view.
func levels(texts []string) ([]string, error) {
	by := []string{}
	for _, text := range texts {
		for name := range strings.SplitSeq(text, ",") {
			if name = strings.TrimSpace(name); name == "" {
				continue
			}
			if name == account.LabelPerimeter {
				return nil, refuse("by", "perimeter is no level: services run on hosts, and the sum of both would count energy twice",
					"ask for each with perimeter, which is hosts or services")
			}
			if slices.Contains(by, name) {
				return nil, refuse("by", fmt.Sprintf("%q is named twice", name), "name each level once")
			}
			by = append(by, name)
		}
	}
	return by, nil
}

// Filter reads matches key=value. Several values of one key are alternatives, an
// empty value stands for accounts without the label. What is wrong wraps
// [ErrQuestion] and names the parameter.
func Filter(parameter string, texts []string) (account.Filter, error) {
	var f account.Filter
	for _, text := range texts {
		key, value, ok := strings.Cut(text, "=")
		if !ok || key == "" {
			return nil, refuse(parameter, fmt.Sprintf("%q is not a label with its value", text), "write it as group=IDAaaS_Muon")
		}
		i := slices.IndexFunc(f, func(m account.Match) bool { return m.Label == key })
		if i < 0 {
			i = len(f)
			f = append(f, account.Match{Label: key})
		}
		if !slices.Contains(f[i].Values, value) {
			f[i].Values = append(f[i].Values, value)
		}
	}
	return f, nil
}

// Pseudonyms reads whether people are to be shown by pseudonyms; empty is no. What is
// wrong wraps [ErrQuestion].
func Pseudonyms(text string) (bool, error) {
	switch text {
	case "", "false":
		return false, nil
	case "true":
		return true, nil
	}
	return false, refuse("pseudonyms", fmt.Sprintf("%q is not true or false", text), "use true, or leave it out")
}

func order(text string) (account.Sort, error) {
	switch s := account.Sort(text); s {
	case account.SortCarbon, account.SortEnergy, account.SortName:
		return s, nil
	case "":
		return account.SortCarbon, nil
	}
	return "", refuse("sort", fmt.Sprintf("%q is not an order", text), "use carbon, energy or name")
}

func top(text string) (int, error) {
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return 0, refuse("top", fmt.Sprintf("%q is not a number of accounts", text), "write a number from 0 up; 0 keeps all")
	}
	return n, nil
}

// parameters lists where each parameter of a URL goes.
func (a *Asked) parameters() map[string]*string {
	return map[string]*string{
		"from": &a.From, "to": &a.To, "month": &a.Month, "quarter": &a.Quarter,
		"step": &a.Step, "sort": &a.Sort, "top": &a.Top, "as_known_at": &a.AsKnownAt,
		"policy": &a.Policy, "compare": &a.Compare, "perimeter": &a.Perimeter, "pseudonyms": &a.Pseudonyms,
	}
}

// FromValues reads the parameters of a URL: those of [Asked] with underscores. It
// returns an error that wraps [ErrQuestion] for an unknown parameter and for
// one given twice that has one value.
func FromValues(values url.Values) (Asked, error) {
	a := Asked{By: values["by"], Where: values["where"]}
	into := a.parameters()
	var errs []error
	for _, name := range sortedKeys(values) {
		target, ok := into[name]
		switch {
		case name == "by" || name == "where":
		case !ok:
			errs = append(errs, refuse(name, "not a parameter of a query", "use by, where, "+strings.Join(sortedKeys(into), ", ")))
		case len(values[name]) > 1:
			errs = append(errs, refuse(name, "given more than once", "give it once"))
		default:
			*target = values[name][0]
		}
	}
	return a, all(errs...)
}

// Values is the inverse of [FromValues].
func (a Asked) Values() url.Values {
	values := url.Values{}
	for name, text := range a.parameters() {
		if *text != "" {
			values.Set(name, *text)
		}
	}
	for _, by := range a.By {
		values.Add("by", by)
	}
	for _, where := range a.Where {
		values.Add("where", where)
	}
	return values
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
