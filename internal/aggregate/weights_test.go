package aggregate_test

import (
	"strings"
	"testing"

	"github.com/dendro-carbon/dendro/internal/aggregate"
)

func TestWeightedByDuration(t *testing.T) {
	t.Parallel()
	text := group("a", `{"outputs":[{"timestamp":"t1","duration":3600,"u":10,"p":1},{"timestamp":"t2","duration":400,"u":90,"p":1}]}`,
		"b", `{"outputs":[{"timestamp":"t1","duration":3600,"u":30,"p":1},{"timestamp":"t2","duration":400,"u":50,"p":1}]}`)
	r := methods("u avg avg", "p copy sum")
	cfg := aggregate.Config{Metrics: []string{"u", "p"}, Kind: aggregate.Both, Weights: map[string]string{"u": "duration", "p": "duration"}}
	ours, theirs, report := both(t, text, r, cfg)
	same(t, "a", total(at(ours, "a"), "u"), "18")
	same(t, "Impact Framework's a", total(at(theirs, "a"), "u"), "50")
	same(t, "steps", column(ours, "u"), "20 70")
	same(t, "total", total(ours, "u"), "25")
	same(t, "Impact Framework's total", total(theirs, "u"), "45")
	// Time does not weigh components: their method stays.
	same(t, "steps of p", column(ours, "p"), "2 2")
	same(t, "total of p", total(ours, "p"), "2")
	expect(t, notices(report), "unweighted-average : p is weighted by duration", "unweighted-average : u is weighted by duration")
	if len(report.Warnings) != 0 {
		t.Errorf("warnings %v", report.Warnings)
	}
}

// An average that counts a second as much as an hour is as asked for, and worth
// a word.
func TestUnevenStepsAreWarnedOf(t *testing.T) {
	t.Parallel()
	rows := `{"outputs":[{"timestamp":"t1","duration":3600,"u":10},{"timestamp":"t2","duration":1,"u":90}]}`
	root := grow(group("a", rows, "b", rows))
	report := run(t, root, methods("u avg avg"), aggregate.Config{Metrics: []string{"u"}, Kind: aggregate.Both}, aggregate.Options{})
	same(t, "total", total(root, "u"), "50")
	same(t, "warnings", report.Warnings.Error(),
		`tree.children.a, metric "u": the average counts steps of different lengths alike (and in 2 more components)
  Try: to weigh by time: aggregation: {weights: {u: duration}}`)
}

func TestWeightedByMetric(t *testing.T) {
	t.Parallel()
	// Two sites: much energy where electricity is clean, little where it is not.
	text := group("clean", leaf("i: 100 200", "e: 30 10"), "g", group("dirty", leaf("i: 500 600", "e: 10 0"), "off", leaf("i: 900 900", "e: 0 0")))
	r := methods("i copy copy", "e sum sum")
	cfg := aggregate.Config{Metrics: []string{"i", "e"}, Kind: aggregate.Both, Weights: map[string]string{"i": "e"}}
	ours, theirs, report := both(t, text, r, cfg)
	same(t, "clean", total(at(ours, "clean"), "i"), "125")
	same(t, "steps", column(ours, "i"), "200 200")
	same(t, "total", total(ours, "i"), "200")
	same(t, "Impact Framework's steps", column(theirs, "i"), "900 900")
	same(t, "Impact Framework's total", total(theirs, "i"), "900")
	// Where nothing weighs there is no average.
	same(t, "off", total(at(ours, "g", "off"), "i"), "null")
	same(t, "steps of g", column(at(ours, "g"), "i"), "500 null")
	same(t, "total of g", total(at(ours, "g"), "i"), "500")
	if len(report.Missing) != 1 || report.Missing[0].Path != "tree.children.g.children.off" {
		t.Errorf("missing %v", report.Missing)
	}
}

// Bug 39: Impact Framework's root SCI is a mean of sums of ratios, in which one
// hour without requests outweighs all others.
func TestScoreIsRatioOfTotals(t *testing.T) {
	t.Parallel()
	text := group(
		"l1", leaf("carbon: 33.5 34.5", "requests: 100 10", "sci: 0.335 3.45"),
		"l2", leaf("carbon: 78.5 88.5", "requests: 100 0", "sci: 0.785 88.5"))
	r := methods("carbon sum sum", "sci avg sum", "requests sum sum")
	cfg := aggregate.Config{
		Metrics: []string{"carbon", "sci"}, Kind: aggregate.Both,
		Weights: map[string]string{"sci": "carbon per requests"},
	}
	ours, theirs, _ := both(t, text, r, cfg)
	same(t, "carbon", total(ours, "carbon"), "235")
	same(t, "l2", total(at(ours, "l2"), "sci"), "1.67")
	same(t, "steps", column(ours, "sci"), "0.56 12.3")
	same(t, "total", total(ours, "sci"), "1.119047619047619") // 235 / 210
	same(t, "Impact Framework's total", total(theirs, "sci"), "46.535000000000004")

	// The default's sci of no requests is null; the ratio does not need it.
	missing := grow(strings.Replace(text, `"sci":88.5`, `"sci":null`, 1))
	run(t, missing, r, cfg, aggregate.Options{})
	same(t, "total with a null", total(missing, "sci"), "1.119047619047619")
	cfg.Weights["sci"] = "requests"
	run(t, missing, r, cfg, aggregate.Options{})
	same(t, "weighted with a null", total(missing, "sci"), "null")
}

func TestWeightsOverLeavesOnly(t *testing.T) {
	t.Parallel()
	root := grow(group("a", leaf("i: 100 200", "e: 30 10")))
	cfg := aggregate.Config{Metrics: []string{"i"}, Kind: aggregate.Both, Weights: map[string]string{"i": "e"}}
	run(t, root, methods("i avg none"), cfg, aggregate.Options{})
	same(t, "a", total(at(root, "a"), "i"), "125")
	if root.Outputs.Find("i") >= 0 || root.Aggregated.Has("i") {
		t.Errorf("i is in the group: %s", show(root))
	}
	run(t, root, methods("i none avg"), cfg, aggregate.Options{})
	same(t, "steps", column(root, "i"), "100 200")
	same(t, "total", total(root, "i"), "undefined")
}

// A weight makes an average; of a total it would make a wrong number in silence.
func TestTotalsAreNotWeighed(t *testing.T) {
	t.Parallel()
	r := methods("i avg avg", "e sum sum")
	for _, weight := range []string{"i", "duration"} {
		cfg := aggregate.Config{Metrics: []string{"e"}, Kind: aggregate.Both, Weights: map[string]string{"e": weight}}
		same(t, weight, fails(t, grow(leaf("e: 1", "i: 1")), r, cfg, aggregate.Options{}),
			`metric "e": ManifestValidationError: "aggregation.weights" weighs e by `+weight+`, but it is added up over time and no average.
  Try: take it out of aggregation.weights, or give it the method avg in parameter-metadata`)
	}
	root := grow(leaf("e: 3", "i: 2"))
	run(t, root, r, aggregate.Config{Metrics: []string{"e"}, Kind: aggregate.Both, Weights: map[string]string{"e": "e per i"}}, aggregate.Options{})
	same(t, "a ratio of totals", total(root, "e"), "1.5")
}

func TestBadWeights(t *testing.T) {
	t.Parallel()
	r := methods("i avg avg", "e sum sum")
	for name, test := range map[string]struct {
		tree    string
		weights map[string]string
		want    []string
	}{
		"not a metric": {leaf("i: 1"), map[string]string{"x": "e", "a": "e"}, []string{
			`metric "a": ManifestValidationError: "aggregation.weights" names a, which is not among the metrics.`,
			`metric "x": ManifestValidationError: "aggregation.weights" names x, which is not among the metrics.`,
		}},
		"weight is missing": {group("a", leaf("i: 1")), map[string]string{"i": "e"}, []string{
			`tree.children.a, row 1 (` + stamp(0) + `), metric "e": MissingAggregationParamError: e, which aggregation.weights names, is not found in inputs[0].`,
		}},
		"parts of a ratio are missing": {leaf("i: 1", "a: 1"), map[string]string{"i": "a per b"}, []string{
			`tree, row 1 (` + stamp(0) + `), metric "b": MissingAggregationParamError: b, which aggregation.weights names, is not found in inputs[0].`,
		}},
		"negative": {leaf("i: 1 1", "e: 1 -2"), map[string]string{"i": "e"}, []string{
			`tree, row 2 (` + stamp(60) + `), metric "e": InputValidationError: "e" parameter is number must be greater than or equal to 0. Error code: too_small.`,
		}},
		"text": {leaf("i: 1 1", `e: 1 "x"`), map[string]string{"i": "e"}, []string{
			`tree, row 2 (` + stamp(60) + `), metric "e": InputValidationError: "e" parameter is expected number, received string. Error code: invalid_type.`,
		}},
		"text duration": {`{"outputs":[{"timestamp":"t","duration":"1","i":1}]}`, map[string]string{"i": "duration"}, []string{
			`tree, row 1 (t), metric "duration": InputValidationError: "duration" parameter is expected number, received string. Error code: invalid_type.`,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := aggregate.Config{Metrics: []string{"i"}, Kind: aggregate.Both, Weights: test.weights}
			var got []string
			for line := range strings.SplitSeq(fails(t, grow(test.tree), r, cfg, aggregate.Options{}), "\n") {
				if !strings.HasPrefix(line, "  Try: ") {
					got = append(got, line)
				}
			}
			expect(t, got, test.want...)
		})
	}
}
