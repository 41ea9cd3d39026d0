package aggregate_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/aggregate"
	"github.com/dendro-carbon/dendro/internal/metric"
	"github.com/dendro-carbon/dendro/internal/tree"
)

// both aggregates two copies of a tree: one by default, one as Impact Framework
// does.
func both(t *testing.T, text string, r *metric.Registry, cfg aggregate.Config) (ours, theirs *tree.Node, report aggregate.Report) {
	t.Helper()
	ours, theirs = grow(text), grow(text)
	report = run(t, ours, r, cfg, aggregate.Options{})
	plain := cfg
	plain.Align, plain.Weights = aggregate.Strict, nil
	run(t, theirs, r, plain, if11())
	return ours, theirs, report
}

func same(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %s, want %s", what, got, want)
	}
}

func notices(r aggregate.Report) []string {
	var out []string
	for _, n := range r.Notices {
		out = append(out, strings.TrimSpace(n.Difference+" "+n.Path+": "+n.Detail))
	}
	return out
}

func expect(t *testing.T, got []string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// Bug 1: Impact Framework takes the last value of what it does not know.
func TestUnknownMetric(t *testing.T) {
	t.Parallel()
	root := grow(group("a", leaf("water: 1 2"), "b", leaf("water: 10 20")))
	cfg := aggregate.Config{Metrics: []string{"water", "two words"}, Kind: aggregate.Both}
	got := fails(t, root, methods(), cfg, aggregate.Options{})
	want := `metric "water": InvalidAggregationMethodError: water has no known aggregation method.
  Try: say how it is added up in the parameter-metadata of a plugin: parameter-metadata: {outputs: {water: {unit: UNIT, description: TEXT, ` +
		`aggregation-method: {time: sum, component: sum}}}} (each method is one of sum, avg, copy, none)
metric "two words": InvalidAggregationMethodError: two words has no known aggregation method.
  Try: say how it is added up in the parameter-metadata of a plugin: parameter-metadata: {outputs: {"two words": {unit: UNIT, description: TEXT, ` +
		`aggregation-method: {time: sum, component: sum}}}} (each method is one of sum, avg, copy, none)`
	same(t, "problems", got, want)

	cfg.Metrics = cfg.Metrics[:1]
	report := run(t, root, methods(), cfg, if11())
	same(t, "Impact Framework's total", total(root, "water"), "20")
	expect(t, report.Unknown, "water")
	if got := report.Warnings.Error(); !strings.Contains(got, "parameter-metadata") || strings.Contains(got, "weights") {
		t.Errorf("Impact Framework knows no weights: %s", got)
	}
	run(t, root, methods("water sum sum"), cfg, aggregate.Options{})
	same(t, "total", total(root, "water"), "33")
}

func TestBuiltinMethodsAreNoticed(t *testing.T) {
	t.Parallel()
	root := grow(group("a", leaf("energy: 1 2"), "b", leaf("energy: 10 20")))
	report := run(t, root, metric.Builtin(), aggregate.Config{Metrics: []string{"energy"}, Kind: aggregate.Both}, aggregate.Options{})
	same(t, "total", total(root, "energy"), "33")
	expect(t, notices(report), "built-in-methods : energy: sum over time, sum over components")
}

// Bug 2: Impact Framework accepts skip-components and adds all the same.
func TestSkipComponents(t *testing.T) {
	t.Parallel()
	text := group("a", leaf("s: 1"), "g1", group("l1", leaf("s: 10"), "l2", leaf("s: 100")), "g2", group("l2", leaf("s: 1000")))
	for _, test := range []struct{ skip, root, g1, g2, lists string }{
		{"a", "1110", "110", "1000", "tree [a]"},
		{"tree.children.a", "1110", "110", "1000", "tree [a]"},
		{"g1/l2", "1011", "10", "1000", "tree.children.g1 [l2]"},
		{"tree.children.g1.children.l2", "1011", "10", "1000", "tree.children.g1 [l2]"},
		{"l2", "11", "10", "undefined", "tree.children.g1 [l2] tree.children.g2 [l2]"},
		{"g1", "1001", "110", "1000", "tree [g1]"},
	} {
		t.Run(test.skip, func(t *testing.T) {
			t.Parallel()
			cfg := aggregate.Config{Metrics: []string{"s"}, Kind: aggregate.Both, Skip: []string{test.skip}}
			ours, theirs, report := both(t, text, methods("s sum sum"), cfg)
			same(t, "root", total(ours, "s"), test.root)
			same(t, "Impact Framework's root", total(theirs, "s"), "1111")
			same(t, "g1", total(at(ours, "g1"), "s"), test.g1)
			same(t, "g2", total(at(ours, "g2"), "s"), test.g2)
			same(t, "a skipped leaf's own total", total(at(ours, "g1", "l2"), "s"), "100")
			var lists []string
			for n := range ours.Walk() {
				if v := n.Attrs.Get(aggregate.KeySkipped); !v.IsNullish() {
					var names []string
					for _, name := range v.List() {
						names = append(names, name.String())
					}
					lists = append(lists, fmt.Sprint(n.Path, " ", names))
				}
			}
			same(t, "lists", strings.Join(lists, " "), test.lists)
			if len(report.Skipped) != strings.Count(test.lists, "[") || report.Notices[0].Difference != "skip-components" {
				t.Errorf("got %v, %v", report.Skipped, notices(report))
			}
		})
	}
}

// A component may be skipped because it lacks a metric: that is no error.
func TestSkippedComponentMayLackMetrics(t *testing.T) {
	t.Parallel()
	root := grow(group("a", leaf("s: 1"), "b", leaf("u: 1"), "g", group("c", leaf("u: 1"))))
	report := run(t, root, methods("s sum sum"),
		aggregate.Config{Metrics: []string{"s"}, Kind: aggregate.Both, Skip: []string{"b", "g"}}, aggregate.Options{})
	same(t, "root", total(root, "s"), "1")
	if at(root, "b").Aggregated != nil || at(root, "g").Aggregated != nil || len(report.Warnings) != 2 {
		t.Errorf("got %v", report.Warnings)
	}
	got := fails(t, root, methods("s sum sum"), aggregate.Config{
		Metrics: []string{"s"}, Kind: aggregate.Horizontal,
		Skip: []string{"b", "x", "tree", "l2"},
	}, aggregate.Options{})
	for _, want := range []string{"names x, which is no component", "names tree, which", "names l2, which", "tree.children.b, row 1"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in %s", want, got)
		}
	}
}

// Bug 3: Impact Framework fails on metrics whose component method is none.
func TestComponentNone(t *testing.T) {
	t.Parallel()
	text := group("a", leaf("s: 1 2", "e: 1 1"), "b", leaf("s: 3 4", "e: 2 2"))
	cfg := aggregate.Config{Metrics: []string{"s", "e"}, Kind: aggregate.Both}
	r := methods("s sum none", "e sum sum")
	got := fails(t, grow(text), r, cfg, if11())
	if !strings.HasPrefix(got, `tree, metric "s": MissingAggregationParamError: Aggregation metric s is not found in inputs[0].`) {
		t.Errorf("got %s", got)
	}
	root := grow(text)
	report := run(t, root, r, cfg, aggregate.Options{})
	same(t, "a", total(at(root, "a"), "s"), "3")
	want := `"outputs":[{"e":3,"timestamp":"` + stamp(0) + `","duration":60},{"e":3,"timestamp":"` + stamp(60) + `","duration":60}],"aggregated":{"e":6}}`
	if got := show(root); !strings.HasSuffix(got, want) {
		t.Errorf("got %s, want …%s", got, want)
	}
	expect(t, notices(report), "component-none : s is left out of groups")
}

// Bug 4: Impact Framework cuts all components to the length of the first and
// never compares times.
func TestUnequalComponents(t *testing.T) {
	t.Parallel()
	cfg := aggregate.Config{Metrics: []string{"s"}, Kind: aggregate.Both}
	hint := "\n  Try: give all the same steps with time-sync, or set aggregation.align: timestamp joins steps that begin at the same time, sync cuts steps to fit"
	for name, test := range map[string]struct{ tree, theirs, want string }{
		"longer": {
			group("a", leaf("s: 1"), "b", leaf("s: 1 50")), "2",
			"tree, row 2: AlignmentError: tree.children.a and tree.children.b do not have the same time steps: they have 1 and 2 steps, " +
				"and only tree.children.b has 2024-01-01T00:01:00.000Z for 60 s" + hint,
		},
		"shifted": {
			group("a", leaf("s: 1 2"), "b", shifted(0, 30, "s: 1 2"), "c", shifted(60, 60, "s: 1 2")), "9",
			"tree, row 1: AlignmentError: tree.children.a and tree.children.b do not have the same time steps: both have 2 steps, " +
				"and step 1 is 2024-01-01T00:00:00.000Z for 60 s and 2024-01-01T00:00:00.000Z for 30 s (and so for 1 more component)" + hint,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			same(t, "problems", fails(t, grow(test.tree), methods("s sum sum"), cfg, aggregate.Options{}), test.want)
			theirs := grow(test.tree)
			run(t, theirs, methods("s sum sum"), cfg, if11())
			same(t, "Impact Framework's total", total(theirs, "s"), test.theirs)
		})
	}
}

// The same instant may be written in several ways.
func TestStrictComparesInstants(t *testing.T) {
	t.Parallel()
	l := func(at string) string { return `{"outputs":[{"timestamp":` + at + `,"duration":60,"s":1}]}` }
	root := grow(group("a", l(`"2024-01-01T00:00:00.000Z"`), "b", l(`"2024-01-01T00:00Z"`), "c", l(`"2024-01-01T01:00:00+01:00"`)))
	cfg := aggregate.Config{Metrics: []string{"s"}, Kind: aggregate.Both}
	run(t, root, methods("s sum sum"), cfg, aggregate.Options{})
	same(t, "total", total(root, "s"), "3")
	root = grow(group("a", l(`"t1"`), "b", l(`"t1"`)))
	run(t, root, methods("s sum sum"), cfg, aggregate.Options{})
	same(t, "of times that are none", total(root, "s"), "2")
	if got := fails(t, grow(group("a", l(`"t1"`), "b", l(`"t2"`))), methods("s sum sum"), cfg, aggregate.Options{}); !strings.Contains(got, "t1 for 60 s and t2 for 60 s") {
		t.Errorf("got %s", got)
	}
}

// An average over a tree is over its leaves; Impact Framework's is a mean of
// means.
func TestAverageOverLeaves(t *testing.T) {
	t.Parallel()
	text := group("g", group("a", leaf("u: 2 4"), "b", leaf("u: 20 40")), "c", leaf("u: 200 400"))
	ours, theirs, report := both(t, text, methods("u avg avg"), aggregate.Config{Metrics: []string{"u"}, Kind: aggregate.Both})
	same(t, "steps", column(ours, "u"), "74 148")
	same(t, "total", total(ours, "u"), "111")
	same(t, "Impact Framework's steps", column(theirs, "u"), "105.5 211")
	same(t, "Impact Framework's total", total(theirs, "u"), "158.25")
	expect(t, notices(report), "unweighted-average tree: u is a mean over leaves, of which the parts have different numbers")
}

// Bug 5: Impact Framework adds a metric as often as it is listed.
func TestDuplicateMetric(t *testing.T) {
	t.Parallel()
	ours, theirs, report := both(t, leaf("s: 10 90", "u: 10 90"), methods("s sum sum", "u avg avg"),
		aggregate.Config{Metrics: []string{"s", "u", "s", "u"}, Kind: aggregate.Both})
	same(t, "sum", total(ours, "s"), "100")
	same(t, "avg", total(ours, "u"), "50")
	same(t, "Impact Framework's sum", total(theirs, "s"), "200")
	same(t, "Impact Framework's avg", total(theirs, "u"), "72.5")
	expect(t, notices(report), "duplicate-metric : s is listed more than once", "duplicate-metric : u is listed more than once")
}

// Impact Framework reads text as far as it looks like a number.
func TestTextIsNoNumber(t *testing.T) {
	t.Parallel()
	text := group("a", leaf(`s: "10abc" 1 "5kg"`, `u: 1 true 1`), "b", leaf(`s: "x" "x" "x"`, `u: 1 1 [1]`))
	cfg := aggregate.Config{Metrics: []string{"s", "u"}, Kind: aggregate.Both}
	r := methods("s sum sum", "u avg avg")
	want := `tree.children.a, row 1 (2024-01-01T00:00:00.000Z), metric "s": InputValidationError: "s" parameter is expected number, received string. Error code: invalid_type. (and 1 more row)
  Try: "10abc" is text that begins with a number: write the number alone and without quotes
tree.children.a, row 2 (2024-01-01T00:01:00.000Z), metric "u": InputValidationError: "u" parameter is expected number, received boolean. Error code: invalid_type.
  Try: correct the value, or give the metric the method copy or none in parameter-metadata
tree.children.b, row 1 (2024-01-01T00:00:00.000Z), metric "s": InputValidationError: "s" parameter is expected number, received string. Error code: invalid_type. (and 2 more rows)
  Try: correct the value, or give the metric the method copy or none in parameter-metadata
tree.children.b, row 3 (2024-01-01T00:02:00.000Z), metric "u": InputValidationError: "u" parameter is expected number, received array. Error code: invalid_type.
  Try: correct the value, or give the metric the method copy or none in parameter-metadata`
	if diff := cmp.Diff(want, fails(t, grow(text), r, cfg, aggregate.Options{})); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	theirs := grow(text)
	run(t, theirs, r, cfg, if11())
	same(t, "Impact Framework's sum", total(at(theirs, "a"), "s"), "16")
}

// A value that is missing stays missing: the aggregate of it is null, and says
// how much is missing. Impact Framework gives NaN.
func TestMissingStaysMissing(t *testing.T) {
	t.Parallel()
	text := group("a", leaf("s: 1 null null", "u: 1 2 3"), "b", leaf("s: 10 20 null", "u: 4 5 6"), "c", leaf("s: 1 1 1", "u: null 2 2"))
	ours, theirs, report := both(t, text, methods("s sum sum", "u avg avg"), aggregate.Config{Metrics: []string{"s", "u"}, Kind: aggregate.Both})
	same(t, "steps of a sum", column(ours, "s"), "12 null null")
	same(t, "steps of an average", column(ours, "u"), "null 3 3.6666666666666665")
	same(t, "Impact Framework's steps", column(theirs, "s"), "12 NaN NaN")
	same(t, "total", total(ours, "s"), "null")
	same(t, "total of a", total(at(ours, "a"), "s"), "null")
	same(t, "total of c", total(at(ours, "c"), "s"), "3")
	var gaps []string
	for _, g := range report.Missing {
		gaps = append(gaps, g.String())
	}
	expect(t, gaps, "tree.children.a: s: 2 of 3 values are missing", "tree.children.b: s: 1 of 3 values are missing",
		"tree.children.c: u: 1 of 3 values are missing", "tree: s: 3 of 9 values are missing", "tree: u: 1 of 9 values are missing")
	expect(t, notices(report),
		"text-number tree.children.a: s: where values are missing the aggregate is null, and there NaN",
		"text-number tree.children.c: u: where values are missing the aggregate is null, and there NaN")
}

// Bug 15: Impact Framework crashes on components without outputs.
func TestWithoutOutputs(t *testing.T) {
	t.Parallel()
	root := grow(`{"children":{
		"a":` + leaf("s: 1") + `,
		"b":{"aggregated":{"s":7}},
		"g":{"missing-components":["old"],"outputs":[{"s":7}],"aggregated":{"s":7},"children":{"c":{"outputs":[]}}},
		"h":{"children":{}}}}`)
	report := run(t, root, methods("s sum sum"), aggregate.Config{Metrics: []string{"s"}, Kind: aggregate.Both}, aggregate.Options{})
	row := `{"s":1,"timestamp":"` + stamp(0) + `","duration":60}`
	want := `{"children":{"a":{"outputs":[{"timestamp":"` + stamp(0) + `","duration":60,"s":1}],"aggregated":{"s":1}},` +
		`"b":{},"g":{"missing-components":["c"],"children":{"c":{"outputs":[]}}},"h":{"children":{}}},` +
		`"outputs":[` + row + `],"aggregated":{"s":1},"missing-components":["b","g","h"]}`
	same(t, "tree", show(root), want)
	expect(t, report.Empty, "tree.children.b", "tree.children.g.children.c", "tree.children.g", "tree.children.h")
	for _, n := range notices(report) {
		if !strings.HasPrefix(n, "empty-inputs tree.children.") {
			t.Errorf("got %s", n)
		}
	}
}

// What an earlier run left is removed where this one would have put something.
func TestWithoutOutputsByKind(t *testing.T) {
	t.Parallel()
	text := group("a", leaf("s: 1"), "b", `{"aggregated":{"s":7}}`)
	for kind, want := range map[aggregate.Kind]string{
		aggregate.Horizontal: `"b":{}}}`,
		aggregate.Vertical: `"b":{"aggregated":{"s":7}}},"outputs":[{"s":1,"timestamp":"` + stamp(0) +
			`","duration":60}],"aggregated":{"s":1},"missing-components":["b"]}`,
	} {
		root := grow(text)
		report := run(t, root, methods("s sum sum"), aggregate.Config{Metrics: []string{"s"}, Kind: kind}, aggregate.Options{})
		if got := show(root); !strings.HasSuffix(got, want) || len(report.Notices) != 1 {
			t.Errorf("%v: got %s, want …%s; %v", kind, got, want, notices(report))
		}
	}
}

// Bug 25: Impact Framework aggregates when nothing was computed, and crashes. Package
// manifest does not begin then; who asks all the same gets its words.
func TestNothingComputed(t *testing.T) {
	t.Parallel()
	root := grow(group("a", `{"inputs":[{"s":1}]}`))
	cfg := aggregate.Config{Metrics: []string{"s"}, Kind: aggregate.Both}
	if got := fails(t, root, methods("s sum sum"), cfg, if11()); !strings.Contains(got, "(reading 'reduce')") {
		t.Errorf("got %s", got)
	}
}

// Both is horizontal and vertical.
func TestBothIsHorizontalAndVertical(t *testing.T) {
	t.Parallel()
	text := group("g", group("a", leaf("s: 1 2", "u: 3 5"), "b", leaf("s: 4 8", "u: 1 2")), "c", leaf("s: 16 32", "u: 7 9"))
	r := methods("s sum sum", "u avg avg")
	for name, opts := range map[string]aggregate.Options{"default": {}, "compat": if11()} {
		once, twice := grow(text), grow(text)
		cfg := aggregate.Config{Metrics: []string{"s", "u"}, Kind: aggregate.Both}
		run(t, once, r, cfg, opts)
		cfg.Kind = aggregate.Horizontal
		run(t, twice, r, cfg, opts)
		cfg.Kind = aggregate.Vertical
		run(t, twice, r, cfg, opts)
		same(t, name, show(once), show(twice))
	}
}
