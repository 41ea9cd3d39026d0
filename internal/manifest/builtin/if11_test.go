package builtin_test

import (
	"bufio"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/manifest/builtin"
	"github.com/dendro-carbon/dendro/internal/manifest/compat"
	"github.com/dendro-carbon/dendro/internal/value"
)

// TestImpactFramework runs what testdata/builtins-if11.js has recorded: random
// configs and rows, with the result or the error of Impact Framework 1.1.0. Both
// must be the same to the last bit and letter.
func TestImpactFramework(t *testing.T) {
	t.Parallel()
	for i, line := range recordedLines(t, "testdata/builtins-if11.ndjson.gz") {
		c := ordered(t, line).Map()
		got, want := replay(t, c)
		if got != want && !otherWords(got, want) {
			t.Errorf("case %d: %s\n got %s\nwant %s", i+1, line, got, want)
		}
	}
}

func recordedLines(t testing.TB, path string) [][]byte {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	unpacked, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	var lines [][]byte
	scanner := bufio.NewScanner(unpacked)
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		lines = append(lines, []byte(scanner.Text()))
	}
	if err := scanner.Err(); err != nil || len(lines) < 1000 {
		t.Fatalf("%d recorded cases: %v", len(lines), err)
	}
	return lines
}

// replay runs a case and returns what comes of it and what should.
func replay(t testing.TB, c *value.Map) (got, want string) {
	method, _ := c.Get("method").Str()
	spec := builtin.Spec{Name: "p", Method: method, Config: c.Get("config").Map(), Mapping: c.Get("mapping").Map()}
	p, err := builtin.New(spec, compat.IF11())
	if err != nil {
		t.Fatal(err)
	}
	if want, failed := c.Get("error").Str(); failed {
		return outcome(p, c.Get("components").List()), want
	}
	after := builtin.AfterRun(spec, compat.IF11())
	got = outcome(p, c.Get("components").List()) + show(optional(after.Config)) + show(optional(after.Mapping))
	then := c.Get("after").Map()
	return got, show(c.Get("outputs")) + show(then.Get("config")) + show(then.Get("mapping"))
}

func optional(m *value.Map) value.Value {
	if m == nil {
		return value.Value{}
	}
	return value.OfMap(m)
}

// outcome runs the components one after another: all results, or the error.
func outcome(p builtin.Plugin, components []value.Value) string {
	var out []value.Value
	for i, rows := range components {
		env := &builtin.Env{Options: compat.IF11(), First: i == 0}
		f, err := p.Run(context.Background(), env, rowsOf(rows))
		if err != nil {
			var problem *diag.Problem
			errors.As(err, &problem)
			return problem.Short()
		}
		out = append(out, listOf(f))
	}
	return show(value.OfList(out))
}

// listOf returns the rows as they are written: without keys whose values are
// absent.
func listOf(f *frame.Frame) value.Value {
	var rows []value.Value
	for _, row := range f.Rows() {
		for _, key := range row.Keys() {
			if row.Get(key).Kind() == value.Absent {
				row.Delete(key)
			}
		}
		rows = append(rows, value.OfMap(row))
	}
	return value.OfList(rows)
}

// otherWords reports whether two results are both the syntax error of a text
// that is not arithmetic. JavaScript has many words for it.
func otherWords(got, want string) bool {
	return strings.HasPrefix(got, "SyntaxError: ") && strings.HasPrefix(want, "SyntaxError: ")
}

// show writes a value so that types, bits and the order of keys show.
func show(v value.Value) string {
	switch v.Kind() {
	case value.Object:
		var b strings.Builder
		for key, item := range v.Map().All() {
			fmt.Fprintf(&b, "%s: %s, ", key, show(item))
		}
		return "{" + b.String() + "}"
	case value.List:
		var b strings.Builder
		for _, item := range v.List() {
			b.WriteString(show(item) + ", ")
		}
		return "[" + b.String() + "]"
	case value.Number:
		if f, _ := v.Float(); f == 0 && math.Signbit(f) {
			return "-0"
		}
		return v.String()
	case value.Text:
		return fmt.Sprintf("%q", v.String())
	}
	return v.Kind().String() + " " + v.String()
}

// TestDifferencesAreNoticed runs the recorded cases by default: where the rows
// are not those of Impact Framework, a notice says so.
func TestDifferencesAreNoticed(t *testing.T) {
	t.Parallel()
	differ := 0
	for i, line := range recordedLines(t, "testdata/builtins-if11.ndjson.gz") {
		c := ordered(t, line).Map()
		if c.Has("error") {
			continue
		}
		method, _ := c.Get("method").Str()
		p, err := builtin.New(builtin.Spec{Name: "p", Method: method, Config: c.Get("config").Map(), Mapping: c.Get("mapping").Map()}, compat.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for k, rows := range c.Get("components").List() {
			noticed := false
			env := &builtin.Env{First: k == 0, Notice: func(string, string) { noticed = true }}
			out, err := p.Run(context.Background(), env, rowsOf(rows))
			if err != nil || show(listOf(out)) == show(c.Get("outputs").List()[k]) {
				continue
			}
			if differ++; !noticed {
				t.Errorf("case %d: no notice: %s\n got %s", i+1, line, show(listOf(out)))
			}
		}
	}
	if differ < 20 {
		t.Errorf("only %d results differ: the recording has too few differences", differ)
	}
}
