package file

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/dendro-carbon/dendro/internal/diag"
)

// row is one entry of a list: a map of YAML, or a line of CSV.
type row struct {
	line   int
	fields map[string]field
}

// field is a value with its line.
type field struct {
	texts []string // several when it is written as a list
	list  bool
	line  int
}

// wrong notes what is wrong in a file.
func (r *reader) wrong(line int, format string, args ...any) *diag.Problem {
	p := diag.New("", format, args...)
	p.File, p.Line = r.name, line
	r.problems = append(r.problems, p)
	return p
}

// yaml reads a document with one or several lists.
func (r *reader) yaml(content []byte) {
	var docs []yaml.Node
	if err := yaml.Load(content, &docs, yaml.WithAllDocuments()); err != nil {
		text, line := err.Error(), 0
		if one, ok := errors.AsType[*yaml.LoadError](err); ok {
			text, line = one.Message, one.Mark.Line
		}
		r.wrong(line, "not YAML: %s", text)
		return
	}
	if len(docs) == 0 || len(docs[0].Content) == 0 {
		return
	}
	if len(docs) > 1 {
		r.wrong(docs[1].Line, "a second document").WithHint("put all lists into the first")
	}
	root := docs[0].Content[0]
	if root.Kind == yaml.ScalarNode && root.Tag == "!!null" {
		return
	}
	if root.Kind != yaml.MappingNode {
		r.wrong(root.Line, "no map of lists").WithHint("write %s: with a list below", listHoldings)
		return
	}
	for key, item := range r.pairs(root) {
		if !slices.Contains(lists(), key) {
			r.wrong(item.Line, "unknown list %q", key).WithHint("use %s", strings.Join(lists(), ", "))
			continue
		}
		r.sequence(key, item)
	}
}

// sequence reads one list.
func (r *reader) sequence(list string, n *yaml.Node) {
	if n.Kind == yaml.ScalarNode && n.Tag == "!!null" {
		return
	}
	if n.Kind != yaml.SequenceNode {
		r.wrong(n.Line, "%s: not a list", list)
		return
	}
	for _, item := range n.Content {
		if item.Kind != yaml.MappingNode {
			r.wrong(item.Line, "%s: an entry is not a map of names and values", list)
			continue
		}
		one := row{line: item.Line, fields: map[string]field{}}
		for key, value := range r.pairs(item) {
			if f, ok := r.field(key, value); ok {
				one.fields[key] = f
			}
		}
		r.add(list, one)
	}
}

// field reads a scalar or a list of scalars.
func (r *reader) field(key string, n *yaml.Node) (field, bool) {
	f := field{line: n.Line}
	items := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		items, f.list = n.Content, true
	}
	for _, item := range items {
		switch {
		case item.Kind != yaml.ScalarNode:
			r.wrong(item.Line, "%s: neither a value nor a list of values", key).WithHint("write it out, without maps and aliases")
			return f, false
		case item.Tag == "!!null":
		default:
			f.texts = append(f.texts, strings.TrimSpace(item.Value))
		}
	}
	return f, true
}

// pairs yields the keys of a map, each once.
func (r *reader) pairs(n *yaml.Node) func(yield func(string, *yaml.Node) bool) {
	return func(yield func(string, *yaml.Node) bool) {
		seen := map[string]bool{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			key := n.Content[i]
			if key.Kind != yaml.ScalarNode || seen[key.Value] {
				r.wrong(key.Line, "key %q stands twice, or is no name", key.Value)
				continue
			}
			seen[key.Value] = true
			if !yield(key.Value, n.Content[i+1]) {
				return
			}
		}
	}
}

// csv reads a table with one list.
func (r *reader) csv(list string, content []byte) {
	table := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(content, []byte("\ufeff"))))
	table.TrimLeadingSpace = true
	header, err := table.Read()
	if err != nil {
		if errors.Is(err, io.EOF) {
			r.wrong(1, "no line with the names of the columns")
			return
		}
		r.badLine(err)
		return
	}
	for i := range header {
		header[i] = strings.TrimSpace(header[i])
		if slices.Contains(header[:i], header[i]) {
			r.wrong(1, "column %q stands twice", header[i])
		}
	}
	for {
		record, err := table.Read()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			if !r.badLine(err) {
				return
			}
			continue
		}
		one := row{fields: map[string]field{}}
		for i, text := range record {
			line, _ := table.FieldPos(i)
			if i == 0 {
				one.line = line
			}
			if text = strings.TrimSpace(text); text != "" {
				one.fields[header[i]] = field{texts: []string{text}, line: line}
			}
		}
		r.add(list, one)
	}
}

// badLine notes a line that is no CSV and reports whether the next one can be read.
func (r *reader) badLine(err error) bool {
	parse, ok := errors.AsType[*csv.ParseError](err)
	if !ok {
		r.wrong(0, "%v", err)
		return false
	}
	r.wrong(parse.StartLine, "not CSV: %v", parse.Err)
	return errors.Is(err, csv.ErrFieldCount)
}

// described writes a value for a message.
func described(f field) string {
	if f.list {
		return fmt.Sprintf("%q", f.texts)
	}
	return fmt.Sprintf("%q", strings.Join(f.texts, " "))
}
