package fold_test

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dendro-carbon/dendro/internal/disclosure/fold"
)

// TestFoldThatRemembersLittle finds the same copies with room for a few windows as with room for
// all, wherever the copies are, and leaves no file behind.
func TestFoldThatRemembersLittle(t *testing.T) {
	t.Parallel()
	lines := chained(t, 11, february(), 400)
	r := rand.New(rand.NewPCG(4, 2))
	copies := func(n int) string {
		var out strings.Builder
		for range n {
			out.WriteString(lines[r.IntN(len(lines))])
		}
		return out.String()
	}
	whole := strings.Join(lines, "")
	for name, archives := range map[string][]fold.Archive{
		"none":           {text("a", whole)},
		"close by":       {text("a", lines[0]+lines[0]+lines[1]+lines[1]+lines[1])},
		"a whole file":   {text("a", whole), text("b", whole)},
		"here and there": {text("a", copies(300)+whole), text("b", copies(50)), text("c", copies(200))},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want, err := json.Marshal(folded(t, archives...))
			if err != nil {
				t.Fatal(err)
			}
			for _, remember := range []int{1, 64, 640, 64_000} {
				scratch := t.TempDir()
				p, err := fold.Archives(t.Context(), fold.Config{Span: quarter(), Workers: 2, Remember: remember, Scratch: scratch}, archives)
				if err != nil {
					t.Fatal(err)
				}
				if got, _ := json.Marshal(p); string(got) != string(want) {
					t.Errorf("remembering %d:\n%s\nwant\n%s", remember, got, want)
				}
				if left, _ := os.ReadDir(scratch); len(left) > 0 {
					t.Errorf("%s is left behind", left[0].Name())
				}
			}
		})
	}
}

// TestFoldWithoutScratch keeps windows in memory where there is no place for a file.
func TestFoldWithoutScratch(t *testing.T) {
	t.Parallel()
	whole := strings.Join(chained(t, 12, february(), 200), "")
	p, err := fold.Archives(t.Context(), fold.Config{Span: quarter(), Remember: 1, Scratch: filepath.Join(t.TempDir(), "none")},
		[]fold.Archive{text("a", whole), text("b", whole)})
	if err != nil {
		t.Fatal(err)
	}
	if p.Windows.Duplicates != 200 || p.Windows.Counted != 200 {
		t.Errorf("%d windows, %d of them twice", p.Windows.Counted, p.Windows.Duplicates)
	}
}
