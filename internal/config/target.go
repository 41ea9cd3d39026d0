package config

import (
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/secret"
	"github.com/dendro-carbon/dendro/unit"
)

// target is the place in a Config where a setting goes. Its type knows how the
// setting is written.
type target interface {
	// read sets the place from a node of the file or of a variable. What is wrong
	// is added to the reader's problems.
	read(r *reader, n *yaml.Node)
	// node returns what is set, as it would be written.
	node() *yaml.Node
	// kind names what may be written, for the documentation.
	kind() string
}

// reader gathers problems of one document or variable.
type reader struct {
	file string
	// folder is where relative paths begin; empty is the working folder.
	folder   string
	problems diag.List
	path     string // of what is being read
}

// wrong notes a problem at a node.
func (r *reader) wrong(n *yaml.Node, format string, args ...any) *diag.Problem {
	p := diag.New("", "%s", fmt.Sprintf(format, args...))
	if r.path != "" {
		p.Text = r.path + ": " + p.Text
	}
	p.File, p.Line = r.file, n.Line
	r.problems = append(r.problems, p)
	return p
}

// in reads a part of what is being read.
func (r *reader) in(part string, read func()) {
	before := r.path
	r.path += part
	read()
	r.path = before
}

// text returns a scalar's text, and false with a problem for anything else.
func (r *reader) text(n *yaml.Node, kind string) (string, bool) {
	if n.Kind == yaml.ScalarNode && n.Tag != "!!null" {
		return n.Value, true
	}
	r.wrong(n, "%s where %s is expected", described(n), kind)
	return "", false
}

// described says what a node is, for messages.
func described(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.MappingNode:
		return "a map"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.Kind == yaml.AliasNode:
		return "an alias"
	case n.Tag == "!!null":
		return "nothing"
	}
	return fmt.Sprintf("%q", n.Value)
}

func scalar(text string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: text}
	var plain yaml.Node
	if err := yaml.Load([]byte(text), &plain); err != nil || len(plain.Content) != 1 || plain.Content[0].Tag != "!!str" {
		n.Style = yaml.DoubleQuotedStyle
	}
	return n
}

func bare(text string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Value: text} }

// value is a target for one scalar.
type value[T any] struct {
	to    *T
	what  string
	parse func(string) (T, error)
	show  func(T) *yaml.Node
}

func (v value[T]) read(r *reader, n *yaml.Node) {
	text, ok := r.text(n, v.what)
	if !ok {
		return
	}
	parsed, err := v.parse(text)
	if err != nil {
		r.wrong(n, "%q is not %s: %v", text, v.what, err)
		return
	}
	*v.to = parsed
}

func (v value[T]) node() *yaml.Node { return v.show(*v.to) }
func (v value[T]) kind() string     { return v.what }

func words(to *string, what string) target {
	return value[string]{to, what, func(s string) (string, error) { return s, nil }, scalar}
}

// location is a target for a file or folder. In a configuration file a relative path
// begins where that file is, so that it means the same wherever the program is
// started.
type location struct {
	to   *string
	what string
}

func (l location) read(r *reader, n *yaml.Node) {
	if text, ok := r.text(n, l.what); ok {
		*l.to = r.resolve(text)
	}
}

func (l location) node() *yaml.Node { return scalar(*l.to) }
func (l location) kind() string     { return l.what }

// resolve returns a path as it is to be opened.
func (r *reader) resolve(path string) string {
	if path == "" || r.folder == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(r.folder, path)
}

// address is a target for a URL, which is shown without the password in it.
func address(to *string) target {
	return value[string]{to, "a URL", func(s string) (string, error) { return s, nil }, func(s string) *yaml.Node {
		u, err := url.Parse(s)
		if err == nil && u.User != nil {
			u.User = url.User(u.User.Username())
			s = u.String()
		}
		return scalar(s)
	}}
}

func flag(to *bool) target {
	return value[bool]{to, "true or false", strconv.ParseBool, func(b bool) *yaml.Node { return bare(strconv.FormatBool(b)) }}
}

func number(to *int) target {
	return value[int]{to, "a whole number", func(s string) (int, error) {
		n, err := strconv.Atoi(s)
		if err != nil {
			return 0, fmt.Errorf("write digits alone")
		}
		return n, nil
	}, func(n int) *yaml.Node { return bare(strconv.Itoa(n)) }}
}

func ratio(to *unit.Ratio) target {
	return value[unit.Ratio]{to, "a number", unit.ParseRatio, func(q unit.Ratio) *yaml.Node { return bare(q.Decimal()) }}
}

func watts(to *unit.Power) target {
	return value[unit.Power]{to, "a number of watts", unit.ParsePower, func(q unit.Power) *yaml.Node { return bare(q.Decimal()) }}
}

// span is a target for a duration; days may be written with d.
func span(to *time.Duration) target {
	return value[time.Duration]{to, "a duration such as 90s, 30m, 6h or 7d", parseSpan, func(d time.Duration) *yaml.Node { return bare(formatSpan(d)) }}
}

func parseSpan(s string) (time.Duration, error) {
	if days, ok := strings.CutSuffix(s, "d"); ok {
		if n, err := strconv.ParseUint(days, 10, 16); err == nil {
			return time.Duration(n) * 24 * time.Hour, nil
		}
	}
	d, err := time.ParseDuration(s)
	if err != nil {
		return 0, fmt.Errorf("write it with its unit")
	}
	return d, nil
}

func formatSpan(d time.Duration) string {
	if d >= 24*time.Hour && d%(24*time.Hour) == 0 {
		return fmt.Sprintf("%dd", d/(24*time.Hour))
	}
	text := d.String()
	for _, zero := range []string{"m0s", "h0m"} {
		if strings.HasSuffix(text, zero) {
			text = text[:len(text)-2]
		}
	}
	return text
}

// choice is a target for one of a few words.
func choice[T ~string](to *T, allowed ...T) target {
	texts := make([]string, len(allowed))
	for i, a := range allowed {
		texts[i] = string(a)
	}
	what := "one of " + strings.Join(texts, ", ")
	return value[T]{to, what, func(s string) (T, error) {
		if !slices.Contains(texts, s) && s != string(*to) { // nothing is chosen where there is no default
			return *to, fmt.Errorf("there is no other")
		}
		return T(s), nil
	}, func(t T) *yaml.Node { return scalar(string(t)) }}
}

// unshown is a target for what is never shown. It may be written as
// {file: PATH}, whose content is then taken.
type unshown[T ~string] struct{ to *T }

func (s unshown[T]) read(r *reader, n *yaml.Node) {
	if n.Kind != yaml.MappingNode {
		if text, ok := r.text(n, s.kind()); ok {
			*s.to = T(text)
		}
		return
	}
	path := ""
	before := len(r.problems)
	r.object(n, []field{{name: "file", to: words(&path, "a file"), required: true}})
	if len(r.problems) > before {
		return
	}
	content, err := readSmall(r.resolve(path))
	if err != nil {
		r.wrong(n, "%v", err)
		return
	}
	*s.to = T(strings.TrimRight(string(content), "\r\n"))
}

func (s unshown[T]) node() *yaml.Node {
	if *s.to == "" {
		return scalar("")
	}
	return scalar(secret.Shown)
}

// flows says that a variable may hold YAML, though what is shown is a scalar.
func (s unshown[T]) flows() {}

func (s unshown[T]) kind() string { return "a text, or {file: PATH} for the content of a file" }
