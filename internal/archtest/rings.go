package archtest

import (
	"fmt"
	"strings"
)

// Ring says how far from the centre a package lies. A package imports rings
// further in.
type Ring int

// The rings that have rules of their own.
const (
	ringTest     Ring = -1 // used by tests alone
	ringPublic   Ring = 0  // units and formulas
	ringPure     Ring = 2  // the outermost ring without I/O
	ringPorts    Ring = 3  // contracts, drivers and manifests: the outermost ring that is no adapter
	ringAdapters Ring = 4  // never import one another
	ringProgram  Ring = 6
)

// String returns the ring as the table of docs/ARCHITECTURE.md shows it.
func (r Ring) String() string {
	if r == ringTest {
		return "test"
	}
	return fmt.Sprint(int(r))
}

// Entry is a line of the table: a package by its path in the module.
type Entry struct {
	Ring Ring
	Path string
}

// Table lists packages ring by ring; within a ring a package imports only
// those above it.
type Table []Entry

// Rings returns the table of this module. A new package is one more line, in
// the innermost ring that its purpose allows.
//
//archtest:long it is the table, one line for each package
func Rings() Table {
	return Table{
		{0, "unit"},
		{0, "sci"},
		{0, "internal/wide"},
		{0, "internal/distinct"},
		{0, "internal/buildinfo"},

		{1, "internal/diag"},
		{1, "internal/secret"},
		{1, "internal/canon"},
		{1, "internal/linehash"},
		{1, "internal/value"},
		{1, "internal/frame"},
		{1, "internal/metric"},

		{2, "internal/attribution"},
		{2, "internal/energy"},
		{2, "internal/tree"},
		{2, "internal/aggregate"},
		{2, "internal/account"},
		{2, "internal/derive"},
		{2, "internal/pseudonym"},
		{2, "internal/window"},
		{2, "internal/classify"},
		{2, "internal/equivalency"},

		{3, "internal/embedded"},
		{3, "internal/filelock"},
		{3, "internal/fetch"},
		{3, "internal/intensity"},
		{3, "internal/prom"},
		{3, "internal/source"},
		{3, "internal/meter"},
		{3, "internal/meter/exposition"},
		{3, "internal/directory"},
		{3, "internal/ledger"},
		{3, "internal/ledger/relational"},
		{3, "internal/slots"},
		{3, "internal/query"},
		{3, "internal/spanfile"},
		{3, "internal/scoring"},
		{3, "internal/scored"},
		{3, "internal/manifest/compat"},
		{3, "internal/manifest/expr"},
		{3, "internal/manifest/curve"},
		{3, "internal/manifest/pattern"},
		{3, "internal/manifest/scan"},
		{3, "internal/manifest/yaml"},
		{3, "internal/manifest/emit"},
		{3, "internal/manifest/table"},
		{3, "internal/manifest/diff"},
		{3, "internal/manifest/pivot"},
		{3, "internal/manifest/timesync"},
		{3, "internal/manifest/lookup"},
		{3, "internal/manifest/plugin"},
		{3, "internal/manifest/builtin"},
		{3, "internal/manifest/formula"},
		{3, "internal/manifest/files"},
		{3, "internal/manifest"},
		{3, "internal/manifest/merge"},
		{3, "internal/manifest/explain"},
		{3, "internal/disclosure"},
		{3, "internal/disclosure/fold"},
		{3, "internal/disclosure/foreign"},
		{3, "internal/disclosure/shelf"},

		{4, "internal/source/prometheus"},
		{4, "internal/source/host"},
		{4, "internal/source/demo"},
		{4, "internal/receiver/otlp"},
		{4, "internal/meter/scaphandre"},
		{4, "internal/meter/kepler"},
		{4, "internal/meter/redfish"},
		{4, "internal/meter/specpower"},
		{4, "internal/intensity/static"},
		{4, "internal/intensity/ukgrid"},
		{4, "internal/intensity/electricitymaps"},
		{4, "internal/intensity/file"},
		{4, "internal/directory/mongo"},
		{4, "internal/directory/file"},
		{4, "internal/ledger/sqlite"},
		{4, "internal/ledger/postgres"},
		{4, "internal/ledger/memory"},
		{4, "internal/archive"},
		{4, "internal/sign"},
		{4, "internal/api"},
		{4, "internal/facility"},
		{4, "internal/remote"},
		{4, "internal/web"},

		{5, "internal/term"},
		{5, "internal/config"},
		{5, "internal/app"},
		{5, "internal/cli/exit"},
		{5, "internal/cli/args"},
		{5, "internal/cli/disclose"},
		{5, "internal/cli/upkeep"},
		{5, "internal/cli"},

		{6, "cmd/dendro"},

		{ringTest, "internal/archtest"},
		{ringTest, "internal/golden"},
		{ringTest, "internal/ledger/ledgertest"},
		{ringTest, "internal/source/sourcetest"},
		{ringTest, "internal/intensity/intensitytest"},
		{ringTest, "internal/meter/metertest"},
		{ringTest, "internal/directory/directorytest"},
		{ringTest, "internal/disclosure/disclosuretest"},
		{ringTest, "internal/testenv"},
		{ringTest, "internal/testenv/gen"},
		{ringTest, "internal/testenv/mongotest"},
		{ringTest, "internal/testenv/otlptest"},
		{ringTest, "internal/testenv/promtest"},
		{ringTest, "internal/testenv/pgtest"},
		{ringTest, "internal/testenv/ukgridtest"},
		{ringTest, "internal/testenv/emapstest"},
		{ringTest, "bench/if"},
	}
}

// find returns the line number and the ring of a package.
func (t Table) find(path string) (line int, ring Ring, ok bool) {
	for i, entry := range t {
		if entry.Path == path {
			return i, entry.Ring, true
		}
	}
	return 0, 0, false
}

// checkRings holds production code to the table. Tests may import outwards:
// they check how the pieces fit.
func checkRings(m *Module) []Problem {
	var problems []Problem
	for _, pkg := range m.Packages {
		if _, _, ok := m.Rings.find(pkg.Path); !ok {
			problems = append(problems, Problem{File: pkg.first().Path, Line: 1, Text: fmt.Sprintf(
				"package %s is not in the ring table: add its line to internal/archtest/rings.go, "+
					"in the innermost ring that its purpose allows, and run `make generate`", pkg.Path)})
			continue
		}
		for _, file := range pkg.Production {
			for _, imp := range file.Imports {
				if text := m.direction(pkg.Path, imp.Path); text != "" {
					problems = append(problems, Problem{File: file.Path, Line: imp.Line, Text: text})
				}
			}
		}
	}
	return problems
}

// direction returns why package from must not import the path, if it must not.
func (m *Module) direction(from, imported string) string {
	to, local := m.local(imported)
	line, ring, _ := m.Rings.find(from)
	toLine, toRing, known := m.Rings.find(to)
	switch {
	case !local || !known || ring == ringTest: // an unknown package is reported where it lies
		return ""
	case toRing == ringTest:
		return fmt.Sprintf("%s is for tests; production code does without it", to)
	case public(from) && !public(to):
		return fmt.Sprintf("%s is public and must not import %s: who uses it cannot see internal packages", from, to)
	case to == "internal/config" && from != "internal/app" && from != "internal/cli":
		return fmt.Sprintf("only app and cli import config: give %s a Config of its own and let app fill it", from)
	case toRing > ring:
		return fmt.Sprintf("%s (ring %v) must not import %s (ring %v): define what it needs in its own ring "+
			"and let an outer ring pass it in", from, ring, to, toRing)
	case toRing == ring && ring == ringAdapters:
		return fmt.Sprintf("%s and %s are both of ring %v, which never import one another: "+
			"let app pass in a port or an iterator", from, to, ring)
	case toRing == ring && toLine >= line:
		return fmt.Sprintf("%s must not import %s, which stands below it in ring %v: "+
			"turn the dependency round, or move the line in internal/archtest/rings.go if nothing else breaks",
			from, to, ring)
	}
	return ""
}

// public reports whether other modules can import the package.
func public(path string) bool {
	return !strings.HasPrefix(path, "internal/") && !strings.HasPrefix(path, "cmd/")
}
