package prom

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Op compares a label with a value.
type Op uint8

// The operators of PromQL, numbered as remote read does.
const (
	Equal Op = iota
	NotEqual
	Match
	NotMatch
)

func operators() [4]string { return [...]string{"=", "!=", "=~", "!~"} }

// Matcher selects series by one label. A label that a series does not have
// compares as the empty text.
type Matcher struct {
	Label string
	Op    Op
	Value string
}

var errMatcher = errors.New(`write it as in PromQL: label="value", or with !=, =~ or !~`)

// ParseMatcher reads a matcher as PromQL writes it, such as
// cloud_project_name=~"IDA.*".
func ParseMatcher(text string) (Matcher, error) {
	text = strings.TrimSpace(text)
	i := strings.IndexAny(text, "=!")
	if i < 0 {
		return Matcher{}, fmt.Errorf("matcher %q: %w", text, errMatcher)
	}
	m := Matcher{Label: strings.TrimSpace(text[:i])}
	rest, found := "", false
	for _, op := range []Op{Match, NotMatch, NotEqual, Equal} { // the longer first
		if rest, found = strings.CutPrefix(text[i:], operators()[op]); found {
			m.Op = op
			break
		}
	}
	value, err := unquote(strings.TrimSpace(rest))
	if !found || err != nil {
		return Matcher{}, fmt.Errorf("matcher %q: %w", text, errMatcher)
	}
	m.Value = value
	return m, m.Validate()
}

// unquote reads a literal of PromQL: in double or single quotes with escapes, or
// in backticks without.
func unquote(s string) (string, error) {
	if len(s) >= 2 && s[0] == '\'' && s[len(s)-1] == '\'' {
		inner := strings.ReplaceAll(s[1:len(s)-1], `\'`, `'`)
		s = `"` + escapeQuotes(inner) + `"`
	}
	return strconv.Unquote(s)
}

// escapeQuotes puts a backslash before each double quote that has none.
func escapeQuotes(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s):
			b.WriteByte(s[i])
			i++
		case s[i] == '"':
			b.WriteByte('\\')
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// Validate returns an error that says what is wrong with the matcher.
func (m Matcher) Validate() error {
	switch {
	case !ValidLabel(m.Label):
		return fmt.Errorf("matcher of label %q: not a label name (letters, digits and underscores)", m.Label)
	case !utf8.ValidString(m.Value):
		return fmt.Errorf("matcher of label %q: value %q is not UTF-8", m.Label, m.Value)
	case m.Op > NotMatch:
		return fmt.Errorf("matcher of label %q: unknown operator", m.Label)
	}
	if m.Op == Match || m.Op == NotMatch {
		if _, err := regexp.Compile(m.Value); err != nil {
			return fmt.Errorf("matcher of label %q: %w", m.Label, err)
		}
	}
	return nil
}

// String returns the matcher in PromQL; the value cannot end its literal.
func (m Matcher) String() string { return m.Label + operators()[m.Op] + strconv.Quote(m.Value) }

// MarshalText returns what [Matcher.String] does.
func (m Matcher) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalText reads what [ParseMatcher] does.
func (m *Matcher) UnmarshalText(text []byte) error {
	read, err := ParseMatcher(string(text))
	if err == nil {
		*m = read
	}
	return err
}

// ValidLabel reports whether a label name can be written in PromQL of every
// version.
func ValidLabel(name string) bool { return validName(name, false) }

// ValidMetric reports whether a metric name can be written in PromQL of every
// version.
func ValidMetric(name string) bool { return validName(name, true) }

func validName(name string, colons bool) bool {
	for i, r := range name {
		switch {
		case r == '_', r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r == ':' && colons:
		case r >= '0' && r <= '9' && i > 0:
		default:
			return false
		}
	}
	return name != ""
}

const nameLabel = "__name__"

// Selector selects series.
type Selector []Matcher

// Metric returns the selector of all series of some metrics.
func Metric(names ...string) Selector { return Selector{AnyOf(nameLabel, names)} }

// And returns the selector with more conditions.
func (s Selector) And(m ...Matcher) Selector { return slices.Concat(s, m) }

// AnyOf returns the matcher of some exact values of a label, whatever
// characters they hold.
func AnyOf(label string, values []string) Matcher {
	if len(values) == 1 {
		return Matcher{label, Equal, values[0]}
	}
	return Matcher{label, Match, alternatives(values)}
}

// NoneOf returns the matcher of all but some exact values of a label.
func NoneOf(label string, values []string) Matcher {
	return Matcher{label, NotMatch, alternatives(values)}
}

// alternatives returns the regular expression, which Prometheus anchors, of
// exact values. Of no values it is the empty one, which matches no label.
func alternatives(values []string) string {
	quoted := make([]string, len(values))
	for i, v := range values {
		quoted[i] = regexp.QuoteMeta(v)
	}
	return strings.Join(quoted, "|")
}

// String returns the selector in PromQL.
func (s Selector) String() string {
	parts := make([]string, len(s))
	for i, m := range s {
		parts[i] = m.String()
	}
	return "{" + strings.Join(parts, ",") + "}"
}

// Window is the time from From to To, both included, in milliseconds since 1970
// UTC: what Prometheus keeps.
type Window struct{ From, To int64 }

// WindowOf returns the window of two times, cut to milliseconds.
func WindowOf(from, to time.Time) Window { return Window{from.UnixMilli(), to.UnixMilli()} }

// seconds writes milliseconds as the API reads times.
func seconds(ms int64) string { return strconv.FormatFloat(float64(ms)/1000, 'f', 3, 64) }
