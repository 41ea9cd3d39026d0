package disclosure_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/dendro-carbon/dendro/internal/disclosure"
	"github.com/dendro-carbon/dendro/internal/golden"
)

// TestRulesInTheManual writes the table of rules into docs/DISCLOSURE.md.
func TestRulesInTheManual(t *testing.T) {
	t.Parallel()
	const file = "../../docs/DISCLOSURE.md"
	const begin, end = "<!-- rules: begin, written by go test ./internal/disclosure -update -->\n", "<!-- rules: end -->"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(text), begin)
	_, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatal("the marks of the table are gone")
	}
	table := "| rule | member | what holds | why |\n|---|---|---|---|\n"
	for _, r := range disclosure.Rules() {
		table += fmt.Sprintf("| `%s` | `%s` | %s | %s |\n", r.ID, r.Field, r.Text, r.Why)
	}
	golden.Equal(t, file, before+begin+table+end+after)
}
