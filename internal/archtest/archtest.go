// Package archtest holds the rules that keep Dendro what docs/ARCHITECTURE.md
// says it is: which package may import which, what the pure rings may do, how
// large things may grow, what has to be documented. The rules are run on this
// module by `go test ./...`; a failure says what to do instead.
//
// Four comments ask for an exception, each with its reason behind it:
//
//	//archtest:table REASON      a package-level variable that nothing changes
//	//archtest:invariant REASON  a panic that only a mistake of ours can reach
//	//archtest:long REASON       a function above the limit: wiring, a table
//	//archtest:unshown REASON    an exported function that no example can show
//
// They stand in the comment above the thing or on its first line.
package archtest

import (
	"cmp"
	"fmt"
	"slices"
)

// Problem is one place that breaks a rule.
type Problem struct {
	File string // relative to the module, with slashes
	Line int    // 1 where a whole file or package is meant
	Rule string
	Text string // what is wrong and what to do instead
}

// String returns the problem in the form of a compiler's message.
func (p Problem) String() string {
	return fmt.Sprintf("%s:%d: %s: %s", p.File, p.Line, p.Rule, p.Text)
}

// rule looks at a whole module and returns what breaks it.
type rule struct {
	name  string
	check func(*Module) []Problem
}

// rules lists every rule in the order in which they are reported.
func rules() []rule {
	return []rule{
		{"rings", checkRings},
		{"pure", checkPure},
		{"production", checkProduction},
		{"rounding", checkRounding},
		{"state", checkState},
		{"size", checkSize},
		{"comments", checkComments},
		{"examples", checkExamples},
		{"markers", checkMarkers},
		{"dependencies", checkDependencies},
		{"architecture", checkArchitecture},
	}
}

// RuleNames returns the names that [Check] takes.
func RuleNames() []string {
	var names []string
	for _, r := range rules() {
		names = append(names, r.name)
	}
	return names
}

// Check runs one rule, or all of them when the name is empty, and returns the
// problems in the order of their places.
func Check(m *Module, name string) []Problem {
	var problems []Problem
	for _, r := range rules() {
		if name != "" && name != r.name {
			continue
		}
		for _, p := range r.check(m) {
			p.Rule = r.name
			problems = append(problems, p)
		}
	}
	slices.SortStableFunc(problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	return problems
}
