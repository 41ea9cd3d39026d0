package term

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/dendro-carbon/dendro/internal/diag"
)

func ExampleProblems() {
	second := diag.New("InputValidationError", "%q parameter is required.", "b").AtRow(2).WithHint("add b to the inputs or to defaults")
	second.File, second.Line, second.Component = "m.yml", 14, "tree.children.web"
	first := diag.New("ManifestValidationError", "%q parameter is required.", "name")
	first.File, first.Line = "m.yml", 1
	Problems(os.Stdout, diag.List{second, first})
	// Output:
	// m.yml:1: ManifestValidationError: "name" parameter is required.
	// m.yml:14: tree.children.web, row 3: InputValidationError: "b" parameter is required.
	//   Try: add b to the inputs or to defaults
	// 2 problems in m.yml
}

func TestProblemsOnATerminal(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	p := diag.New("", "bad \x1b[2Jname").WithHint("rename\tit")
	p.File = "a.yml"
	list := diag.List{p}
	list.Add(fmt.Errorf("read: %w", errors.New("plain")))
	list = append(list, &diag.Problem{Text: "x", File: "b.yml"})
	writeProblems(&b, Screen{Terminal: true, Colour: true}, list)
	want := "plain\n" // what has no file stands first
	want = "read: " + want + "a.yml: bad �[2Jname\n\x1b[2m  Try: rename�it\x1b[0m\nb.yml: x\n\x1b[1m3 problems in 2 files\x1b[0m\n"
	if got := b.String(); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestNoProblems(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	Problems(&b, nil)
	Problems(&b, diag.List{{Text: "x"}})
	if got := b.String(); got != "x\n1 problem\n" {
		t.Errorf("got %q", got)
	}
}
