package aggregate_test

import (
	"strings"
	"testing"

	"github.com/dendro-carbon/dendro/internal/aggregate"
)

// worked is the worked example of Impact Framework's behaviour: a=1,2 b=2,4 …
// in the first leaf, ten times that in the second, a hundred times in the third.
func worked() string {
	l := func(a, c string) string {
		return leaf("s: 3"+a+" 6"+a, "a: 1"+a+" 2"+a, "b: 2"+a+" 4"+a, `c: "`+c+`1" "`+c+`2"`, "t: 9 9", "m: 4"+a+" 8"+a)
	}
	return group("g1", group("l1", l("", "x"), "l2", l("0", "y")), "l3", l("00", "z"))
}

func TestWorkedExample(t *testing.T) {
	t.Parallel()
	r := methods("s sum avg", "a sum sum", "b avg avg", "c copy copy", "t none sum", "m avg sum")
	cfg := aggregate.Config{Metrics: []string{"s", "a", "b", "c", "t", "m"}, Kind: aggregate.Both}
	type want struct{ outputs1, outputs2, aggregated string }
	// The default differs in what is an average over components: s of the root is
	// over three leaves and not over a group and a leaf, and so is b.
	for name, test := range map[string]struct {
		opts aggregate.Options
		root want
	}{
		"compat": {if11(), want{
			`"s":158.25,"a":111,"b":105.5,"c":"z1","t":27,"m":444`,
			`"s":316.5,"a":222,"b":211,"c":"z2","t":27,"m":888`, `{"s":474.75,"a":333,"b":158.25,"c":"z2","m":666}`,
		}},
		"default": {aggregate.Options{}, want{
			`"s":111,"a":111,"b":74,"c":"z1","t":27,"m":444`,
			`"s":222,"a":222,"b":148,"c":"z2","t":27,"m":888`, `{"s":333,"a":333,"b":111,"c":"z2","m":666}`,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := grow(worked())
			run(t, root, r, cfg, test.opts)
			steps := []string{`,"timestamp":"` + stamp(0) + `","duration":60}`, `,"timestamp":"` + stamp(60) + `","duration":60}`}
			for _, c := range []struct {
				names []string
				want  want
			}{
				{nil, test.root},
				{[]string{"g1"}, want{
					`"s":16.5,"a":11,"b":11,"c":"y1","t":18,"m":44`,
					`"s":33,"a":22,"b":22,"c":"y2","t":18,"m":88`, `{"s":49.5,"a":33,"b":16.5,"c":"y2","m":66}`,
				}},
			} {
				n := at(root, c.names...)
				want := `"outputs":[{` + c.want.outputs1 + steps[0] + `,{` + c.want.outputs2 + steps[1] + `],"aggregated":` + c.want.aggregated + `}`
				if got := show(n); !strings.HasSuffix(got, want) {
					t.Errorf("%v: got %s, want …%s", c.names, got, want)
				}
			}
			for leaf, want := range map[string]string{
				"l1": `{"s":9,"a":3,"b":3,"c":"x2","m":6}`, "l2": `{"s":90,"a":30,"b":30,"c":"y2","m":60}`,
			} {
				if got := show(at(root, "g1", leaf)); !strings.HasSuffix(got, want+"}") {
					t.Errorf("%s: got %s, want …%s", leaf, got, want)
				}
			}
		})
	}
}

// The eight rows that the documentation of Impact Framework shows do not add up
// to the total that it shows below them: numbers there are cut short. So the
// first digits agree, and the total of what is printed is this one.
func TestDocumentedExample(t *testing.T) {
	t.Parallel()
	carbon := "carbon: 0.04846481793320214 0.037777724630840566 0.03630388278027921" + strings.Repeat(" 0.0360935970659935", 5)
	energy := "energy: 0.00030285447154471535 0.00023606013840495548 0.000226848626838947" + strings.Repeat(" 0.0002255343411246613", 5)
	for name, opts := range map[string]aggregate.Options{"compat": if11(), "default": {}} {
		root := grow(leaf(carbon, energy))
		run(t, root, methods("carbon sum sum", "energy sum sum"),
			aggregate.Config{Metrics: []string{"carbon", "energy"}, Kind: aggregate.Both}, opts)
		if got, want := total(root, "carbon"), "0.3030144106742894"; got != want {
			t.Errorf("%s: carbon: got %s, want %s (documented: 0.3246705689138855)", name, got, want)
		}
		if got, want := total(root, "energy"), "0.0018934349424119248"; got != want {
			t.Errorf("%s: energy: got %s, want %s (documented: 0.0020287555470867216)", name, got, want)
		}
	}
}

// What Impact Framework computes though it should not, to the last digit.
//
//archtest:long it is a table
func TestCompatNumbers(t *testing.T) {
	t.Parallel()
	ls, ts := "s: 1 2", "s: 10 90"
	for name, test := range map[string]struct {
		tree, metrics string
		kind          aggregate.Kind
		methods       []string
		want          string
	}{
		"unknown metric is copied": {
			group("a", leaf(ls)), "s", aggregate.Both, nil,
			`"outputs":[{"s":1,ts0},{"s":2,ts1}],"aggregated":{"s":2}}`,
		},
		"cut to the first child": {
			group("a", leaf("s: 1"), "b", leaf("s: 1 50")), "s", aggregate.Vertical,
			[]string{"s sum sum"},
			`"outputs":[{"s":2,ts0}],"aggregated":{"s":2}}`,
		},
		"a group is cut to the first child": {
			group("a", leaf("s: 1"), "b", group("c", leaf("s: 1 50"))), "s", aggregate.Both,
			[]string{"s sum sum"},
			`"outputs":[{"s":2,ts0}],"aggregated":{"s":2}}`,
		},
		"times are not compared": {
			group("a", leaf("s: 1"), "b", shifted(3600, 60, "s: 1")), "s", aggregate.Vertical,
			[]string{"s sum sum"},
			`"outputs":[{"s":2,"timestamp":"` + stamp(3600) + `","duration":60}],"aggregated":{"s":2}}`,
		},
		"duplicate sum": {leaf(ls), "s s", aggregate.Horizontal, []string{"s sum sum"}, `"aggregated":{"s":6}}`},
		"duplicate avg": {leaf(ts), "s s", aggregate.Horizontal, []string{"s avg sum"}, `"aggregated":{"s":72.5}}`},
		"duplicate over components": {
			group("a", leaf("s: 10"), "b", leaf("s: 90")), "s s", aggregate.Vertical,
			[]string{"s sum avg"},
			`"outputs":[{"s":72.5,ts0}],"aggregated":{"s":145}}`,
		},
		"duplicate of one component": {
			group("a", leaf("s: 10")), "s s s", aggregate.Vertical,
			[]string{"s sum avg"},
			`"outputs":[{"s":30,ts0}],"aggregated":{"s":90}}`,
		},
		"duplicate sum over components": {
			group("a", leaf("s: 1"), "b", leaf("s: 2")), "s s", aggregate.Vertical,
			[]string{"s copy sum"},
			`"outputs":[{"s":6,ts0}],"aggregated":{"s":6}}`,
		},
		"mean of means": {
			group("g", group("a", leaf("s: 2"), "b", leaf("s: 20")), "c", leaf("s: 200")), "s", aggregate.Vertical,
			[]string{"s avg avg"},
			`"outputs":[{"s":105.5,ts0}],"aggregated":{"s":105.5}}`,
		},
		"text": {leaf(`s: "10abc" "5kg"`), "s", aggregate.Horizontal, []string{"s sum sum"}, `"aggregated":{"s":15}}`},
		"null and true": {
			leaf(`s: null 1`, `u: true 1`), "s u", aggregate.Horizontal,
			[]string{"s sum sum", "u avg sum"},
			`"aggregated":{"s":NaN,"u":NaN}}`,
		},
		"lists": {
			leaf(`s: [1,2] ["3kg"]`, `u: [] {}`), "s u", aggregate.Horizontal,
			[]string{"s sum sum", "u sum sum"},
			`"aggregated":{"s":4,"u":NaN}}`,
		},
		"copied text added over time": {
			group("a", leaf(`s: "1a" "2b"`)), "s", aggregate.Vertical,
			[]string{"s sum copy"},
			`"outputs":[{"s":"1a",ts0},{"s":"2b",ts1}],"aggregated":{"s":3}}`,
		},
		"none over time": {
			group("a", leaf(ls)), "s", aggregate.Both,
			[]string{"s none sum"},
			`"outputs":[{"s":1,ts0},{"s":2,ts1}],"aggregated":{}}`,
		},
		"timestamp and duration listed": {
			group("a", leaf("s: 1")), "duration s timestamp", aggregate.Vertical,
			[]string{"s sum sum"},
			`"outputs":[{"duration":60,"s":1,"timestamp":"` + stamp(0) + `"}],"aggregated":{"s":1}}`,
		},
		"no metrics":       {group("a", leaf("s: 1")), "", aggregate.Both, nil, `"outputs":[{ts0}],"aggregated":{}}`},
		"no rows":          {group("a", `{"outputs":[]}`, "b", leaf("s: 1")), "s", aggregate.Both, nil, `"outputs":[],"aggregated":{}}`},
		"no rows at first": {group("a", `{"outputs":[]}`, "b", `{}`), "s", aggregate.Vertical, nil, `"outputs":[],"aggregated":{}}`},
		"minus zero":       {leaf("s: -0.0"), "s", aggregate.Both, []string{"s sum sum"}, `"aggregated":{"s":0}}`},
		"minus zero in a group": {
			group("a", leaf("s: -0.0 -0.0"), "b", leaf("s: -0.0 -0.0")), "s", aggregate.Both,
			[]string{"s avg sum"},
			`"outputs":[{"s":0,ts0},{"s":0,ts1}],"aggregated":{"s":0}}`,
		},
		"horizontal leaves groups alone": {
			group("a", leaf("s: 1")), "s", aggregate.Horizontal,
			[]string{"s sum sum"},
			`"aggregated":{"s":1}}}}`,
		},
		"vertical leaves a root leaf alone": {
			leaf("s: 1"), "s", aggregate.Vertical,
			[]string{"s sum sum"},
			`{"outputs":[{"timestamp":"` + stamp(0) + `","duration":60,"s":1}]}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := grow(test.tree)
			run(t, root, methods(test.methods...), aggregate.Config{Metrics: strings.Fields(test.metrics), Kind: test.kind}, if11())
			want := strings.NewReplacer("ts0", `"timestamp":"`+stamp(0)+`","duration":60`,
				"ts1", `"timestamp":"`+stamp(60)+`","duration":60`).Replace(test.want)
			if got := show(root); !strings.HasSuffix(got, want) {
				t.Errorf("got %s, want …%s", got, want)
			}
		})
	}
}

// Where Impact Framework fails: the first problem is its own, and those that it
// would have met next follow.
//
//archtest:long it is a table
func TestCompatProblems(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		tree    string
		kind    aggregate.Kind
		methods []string
		want    []string
	}{
		"first child longer": {
			group("a", leaf("s: 1 2"), "b", leaf("s: 1")), aggregate.Both,
			[]string{"s sum sum"},
			[]string{"tree.children.b: TypeError: Cannot use 'in' operator to search for 's' in undefined"},
		},
		"shorter than a child that fails later": {
			group("a", leaf("s: 1 2", "u: 1"), "b", leaf("s: 1")), aggregate.Vertical,
			[]string{"s sum sum"},
			[]string{"tree.children.b: TypeError: Cannot use 'in' operator to search for 's' in undefined"},
		},
		"no outputs, horizontal": {
			group("a", `{}`, "b", `{"outputs":null}`), aggregate.Both,
			[]string{"s sum sum"},
			[]string{
				"tree.children.a: TypeError: Cannot read properties of undefined (reading 'reduce')",
				"tree.children.b: TypeError: Cannot read properties of null (reading 'reduce')",
			},
		},
		"no outputs, vertical": {
			group("a", `{}`, "b", leaf("s: 1")), aggregate.Vertical,
			[]string{"s sum sum"},
			[]string{"tree.children.a: TypeError: Cannot read properties of undefined (reading 'length')"},
		},
		"second without outputs": {
			group("a", leaf("s: 1"), "b", `{}`), aggregate.Vertical,
			[]string{"s sum sum"},
			[]string{"tree.children.b: TypeError: Cannot read properties of undefined (reading '0')"},
		},
		"no children": {
			`{"children":{}}`, aggregate.Both,
			[]string{"s sum sum"},
			[]string{"tree: TypeError: Cannot read properties of undefined (reading 'outputs')"},
		},
		"metric missing": {
			leaf("s: 1"), aggregate.Horizontal,
			[]string{"s sum sum", "zz sum sum"},
			[]string{`tree, row 1 (` + stamp(0) + `), metric "zz": MissingAggregationParamError: Aggregation metric zz is not found in inputs[0].`},
		},
		"metric missing in the second row": {
			`{"outputs":[{"timestamp":"t1","duration":1,"s":1},{"timestamp":"t2","duration":1}]}`,
			aggregate.Horizontal,
			[]string{"s sum sum"},
			[]string{`tree, row 2 (t2), metric "s": MissingAggregationParamError: Aggregation metric s is not found in inputs[1].`},
		},
		"row by row": {
			`{"outputs":[{"timestamp":"t1","u":1},{"duration":1,"s":1,"u":1}]}`,
			aggregate.Horizontal,
			[]string{"u sum sum", "s sum sum"},
			[]string{
				`tree, row 1 (t1), metric "s": MissingAggregationParamError: Aggregation metric s is not found in inputs[0].`,
				`tree, row 1 (t1), metric "duration": MissingAggregationParamError: Aggregation metric duration is not found in inputs[0].`,
				`tree, row 2, metric "timestamp": MissingAggregationParamError: Aggregation metric timestamp is not found in inputs[1].`,
			},
		},
		"vertical counts children": {
			group("a", leaf("s: 1"), "b", leaf("u: 1")), aggregate.Vertical,
			[]string{"s sum sum"},
			[]string{`tree.children.b, row 1 (` + stamp(0) + `), metric "s": MissingAggregationParamError: Aggregation metric s is not found in inputs[1].`},
		},
		"all leaves are named": {
			group("a", leaf("s: 1"), "g", group("b", leaf("u: 1 1"), "c", leaf("v: 1"))), aggregate.Both,
			[]string{"s sum sum"},
			[]string{
				`tree.children.g.children.b, row 1 (` + stamp(0) +
					`), metric "s": MissingAggregationParamError: Aggregation metric s is not found in inputs[0]. (and 1 more row)`,
				`tree.children.g.children.c, row 1 (` + stamp(0) + `), metric "s": MissingAggregationParamError: Aggregation metric s is not found in inputs[0].`,
			},
		},
		"none over components": {
			group("a", leaf("s: 1")), aggregate.Vertical,
			[]string{"s sum none"},
			[]string{`tree, metric "s": MissingAggregationParamError: Aggregation metric s is not found in inputs[0].`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := grow(test.tree)
			r := methods(test.methods...)
			var metrics []string
			for info := range r.All() {
				metrics = append(metrics, info.Name)
			}
			got := fails(t, root, r, aggregate.Config{Metrics: metrics, Kind: test.kind}, if11())
			var problems []string
			for line := range strings.SplitSeq(got, "\n") {
				if hint, ok := strings.CutPrefix(line, "  Try: "); !ok {
					problems = append(problems, line)
				} else if hint == "" {
					t.Errorf("no hint: %s", got)
				}
			}
			if strings.Join(problems, "\n") != strings.Join(test.want, "\n") {
				t.Errorf("got\n%s\nwant\n%s", got, strings.Join(test.want, "\n"))
			}
		})
	}
}
