package diag_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/dendro-carbon/dendro/internal/diag"
)

func ExampleProblem_Error() {
	p := diag.New("InputValidationError", "%q parameter is required.", "b").
		AtRow(2).WithMetric("b").WithHint("add b to the inputs or to defaults")
	p.File, p.Line, p.Component, p.Plugin, p.Time = "m.yml", 14, "tree.children.web", "sum", "2024-01-01T00:02:00Z"
	fmt.Println(p)
	// Output:
	// m.yml:14: tree.children.web, plugin "sum", row 3 (2024-01-01T00:02:00Z), metric "b": InputValidationError: "b" parameter is required.
	//   Try: add b to the inputs or to defaults
}

func TestListCollects(t *testing.T) {
	var l diag.List
	l.Add(nil)
	if l.Err() != nil {
		t.Fatal("an empty list is not an error")
	}
	l.Add(fmt.Errorf("read: %w", diag.New("A", "a")))
	l.Add(errors.New("plain"))
	l.Add(diag.List{{Text: "x", Line: 3}, {Text: "y", Line: 2}})
	if len(l) != 4 {
		t.Fatalf("got %d problems, want 4", len(l))
	}
	l.Sort()
	if got, want := l.Error(), "y\nx\nA: a\nplain"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
