package facility

import (
	"encoding/json"
	"errors"
	"io"
	"math"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// params are the parameters of a URL. Ones that nobody knows are passed over, as the
// original does.
type params struct{ url.Values }

func newParams(text string) (params, error) {
	values, err := url.ParseQuery(text)
	if err != nil {
		return params{}, unprocessable("the query cannot be read: %v", err)
	}
	for name, all := range values {
		if len(all) > 1 {
			return params{}, unprocessable("%s: given %d times", name, len(all))
		}
	}
	return params{values}, nil
}

// whole returns a whole number within bounds, a default where it is not given.
func (p params) whole(name string, fallback, low, high int) (int, error) {
	text := p.Get(name)
	if text == "" {
		return fallback, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < low || n > high {
		return 0, unprocessable("%s: %q is not a whole number from %d to %d", name, text, low, high)
	}
	return n, nil
}

// amount returns a number that is not below zero, a default where it is not given. A
// negative default says that it has to be.
func (p params) amount(name string, fallback float64) (float64, error) {
	text := p.Get(name)
	if text == "" {
		if fallback < 0 {
			return 0, unprocessable("%s: required", name)
		}
		return fallback, nil
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0, unprocessable("%s: %q is not a number", name, text)
	}
	return v, sensible(name, v)
}

// most bounds what is reckoned with: more than all processors of the world do in a year.
const most = 1e17

// sensible refuses what no machine did.
func sensible(name string, v float64) error {
	if math.IsNaN(v) || v < 0 || v > most {
		return unprocessable("%s: %v is not from 0 to %g", name, v, float64(most))
	}
	return nil
}

// date returns a date in one of the layouts of the original, a default where it is not
// given.
func (p params) date(name, layout string, fallback time.Time) (time.Time, error) {
	text := p.Get(name)
	if text == "" {
		return fallback, nil
	}
	t, err := time.Parse(layout, text)
	if err != nil || t.Year() < 1970 || t.Year() > 2199 {
		return t, unprocessable("%s: %q is not of the form %s", name, text, strings.NewReplacer("2006", "YYYY", "01", "MM", "02", "DD").Replace(layout))
	}
	return t, nil
}

// choice returns one of some words, which has to be given.
func (p params) choice(name string, words ...string) (string, error) {
	for _, w := range words {
		if p.Get(name) == w {
			return w, nil
		}
	}
	return "", unprocessable("%s: %q is not one of %s", name, p.Get(name), strings.Join(words, ", "))
}

// body reads a JSON object. Fields that nobody knows are passed over.
func (a *asked) body(to any) error {
	text, err := io.ReadAll(io.LimitReader(a.Body, 1<<20))
	if err != nil {
		return unprocessable("the body cannot be read: %v", err)
	}
	if err := json.Unmarshal(text, to); err != nil {
		if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok && wrong.Field != "" {
			return unprocessable("%s: a %s is not %s", wrong.Field, wrong.Value, wanted(wrong.Type.Kind()))
		}
		return unprocessable("the body is not the JSON object that is asked for: %v", err)
	}
	return nil
}

// wanted names what a field holds, for whoever writes a client in whatever language.
func wanted(k reflect.Kind) string {
	switch k {
	case reflect.Float64:
		return "a number"
	case reflect.Int:
		return "a whole number"
	case reflect.String:
		return "a text"
	}
	return "what is asked for"
}
