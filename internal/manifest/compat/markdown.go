package compat

import (
	"fmt"
	"strings"
)

// Markdown returns the table as docs/COMPATIBILITY.md prints it.
func Markdown() string {
	var b strings.Builder
	b.WriteString("| difference | bug | Impact Framework 1.1.0, and `--compat if-1.1` | Dendro's default |\n|---|---|---|---|\n")
	for _, d := range Table() {
		bug := ""
		if d.Bug > 0 {
			bug = fmt.Sprint(d.Bug)
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", d.Name, bug, escape(d.IF), escape(d.Dendro))
	}
	return b.String()
}

func escape(s string) string { return strings.ReplaceAll(s, "|", `\|`) }
