package term

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/dendro-carbon/dendro/internal/diag"
)

// Problems prints the problems in the order of their lines, and how many there
// are: "3 problems in m.yml". It prints nothing for an empty list. Errors of w
// are not reported: there is nobody left to tell.
func Problems(w io.Writer, list diag.List) {
	if len(list) == 0 {
		return
	}
	writeProblems(w, ScreenOf(w), list)
}

func writeProblems(w io.Writer, screen Screen, list diag.List) {
	sorted := slices.Clone(list)
	sorted.Sort()
	var b strings.Builder
	for _, p := range sorted {
		for i, line := range strings.Split(p.Error(), "\n") {
			line = printable(line)
			if i > 0 {
				line = screen.paint(dim, line)
			}
			b.WriteString(line + "\n")
		}
	}
	b.WriteString(screen.paint(bold, printable(count(sorted))) + "\n")
	_, _ = io.WriteString(w, b.String())
}

// count says how many problems there are, and in what.
func count(list diag.List) string {
	text := plural(len(list), "problem")
	var files []string
	for _, p := range list {
		if p.File != "" && !slices.Contains(files, p.File) {
			files = append(files, p.File)
		}
	}
	switch len(files) {
	case 0:
		return text
	case 1:
		return text + " in " + files[0]
	}
	return text + " in " + plural(len(files), "file")
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
