package term

import (
	"fmt"
	"io"
	"strings"

	"github.com/dendro-carbon/dendro/internal/disclosure"
)

// Verified prints the checks of a disclosure, one a line, and a verdict on the file.
func Verified(w io.Writer, path string, v *disclosure.Verification) error {
	return writeVerified(w, ScreenOf(w), path, v)
}

func writeVerified(w io.Writer, screen Screen, path string, v *disclosure.Verification) error {
	var b strings.Builder
	failed, given := 0, 0
	for _, c := range v.Checks {
		if c.State == disclosure.Failed {
			failed++
		}
		if c.State != disclosure.NotGiven {
			given++
		}
		for i, text := range c.Texts {
			state, name := string(c.State), c.Name
			if i > 0 {
				state, name = "", ""
			}
			line := fmt.Sprintf("%-9s  %-10s %s", state, name, printable(text))
			switch c.State {
			case disclosure.Failed:
				line = screen.paint(bold, line)
			case disclosure.NotGiven:
				line = screen.paint(dim, line)
			}
			b.WriteString(line + "\n")
		}
	}
	verdict := fmt.Sprintf("all %d given checks hold", given)
	if failed > 0 {
		verdict = fmt.Sprintf("%d of %d given checks failed", failed, given)
	}
	b.WriteString(screen.paint(bold, printable(path)+": "+verdict) + "\n")
	_, err := io.WriteString(w, b.String())
	return err
}
