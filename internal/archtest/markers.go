package archtest

import (
	"fmt"
	"go/ast"
	"slices"
	"strings"
)

// A marker is a comment that asks for an exception.
type marker struct {
	kind, reason string
	line         int
	first, last  int // lines on which the thing that it excuses may begin
	used         bool
}

// The exceptions there are.
const (
	markTable     = "table"
	markInvariant = "invariant"
	markLong      = "long"
	markUnshown   = "unshown"
)

// readMarkers finds the markers of a file. One excuses what begins on a line of
// its comment or right below it.
func (m *Module) readMarkers(syntax *ast.File) []*marker {
	var found []*marker
	for _, group := range syntax.Comments {
		for _, comment := range group.List {
			text, ok := strings.CutPrefix(comment.Text, "//archtest:")
			if !ok {
				continue
			}
			kind, reason, _ := strings.Cut(text, " ")
			found = append(found, &marker{
				kind: kind, reason: strings.TrimSpace(reason), line: m.line(comment),
				first: m.line(group), last: m.fset.Position(group.End()).Line + 1,
			})
		}
	}
	return found
}

// excused reports whether a marker of the kind stands at one of the nodes.
func (m *Module) excused(file *File, kind string, nodes ...ast.Node) bool {
	for _, node := range nodes {
		line := m.line(node)
		for _, mark := range file.markers {
			if mark.kind == kind && mark.first <= line && line <= mark.last {
				mark.used = true
				return true
			}
		}
	}
	return false
}

// checkMarkers wants a known kind, a reason, and something to excuse.
func checkMarkers(m *Module) []Problem {
	checkSize(m) // these look for every kind, and mark what they used
	checkState(m)
	useUnshown(m)
	var problems []Problem
	for _, pkg := range m.Packages {
		for _, file := range pkg.all() {
			for _, mark := range file.markers {
				if text := mark.wrong(); text != "" {
					problems = append(problems, Problem{File: file.Path, Line: mark.line, Text: text})
				}
			}
		}
	}
	return problems
}

func (mark *marker) wrong() string {
	kinds := []string{markTable, markInvariant, markLong, markUnshown}
	switch {
	case !slices.Contains(kinds, mark.kind):
		return fmt.Sprintf("//archtest:%s is unknown; there are %s", mark.kind, strings.Join(kinds, ", "))
	case mark.reason == "":
		return fmt.Sprintf("//archtest:%s has no reason: say why this is the exception", mark.kind)
	case !mark.used:
		return fmt.Sprintf("//archtest:%s excuses nothing here: remove it", mark.kind)
	}
	return ""
}
