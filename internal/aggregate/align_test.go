package aggregate_test

import (
	"strings"
	"testing"

	"github.com/dendro-carbon/dendro/internal/aggregate"
	"github.com/dendro-carbon/dendro/internal/frame"
)

// times shows the steps of a node: minutes and seconds of the begin, and length.
func times(f *frame.Frame) string {
	var steps []string
	for i := range f.Len() {
		steps = append(steps, f.At(i, "timestamp").String()[14:19]+"+"+f.At(i, "duration").String())
	}
	return strings.Join(steps, " ")
}

func TestAlignTimestamp(t *testing.T) {
	t.Parallel()
	// a has minutes 0 and 1; b has 1 and 2; c has 1 only, and belongs to a group.
	text := group("a", leaf("s: 1 2", "u: 3 5", `c: "a0" "a1"`),
		"b", shifted(60, 60, "s: 10 20", "u: 7 9", `c: "b1" "b2"`),
		"g", group("c", shifted(60, 60, "s: 100", "u: 11", `c: "c1"`)))
	r := methods("s sum sum", "u avg avg", "c copy copy")
	cfg := aggregate.Config{Metrics: []string{"s", "u", "c"}, Kind: aggregate.Both, Align: aggregate.Timestamp}
	root := grow(text)
	report := run(t, root, r, cfg, aggregate.Options{})
	same(t, "steps", times(root.Outputs), "00:00+60 01:00+60 02:00+60")
	same(t, "sum", column(root, "s"), "1 112 20")
	same(t, "total sum", total(root, "s"), "133")
	same(t, "avg", column(root, "u"), "3 7.666666666666667 9")
	same(t, "total avg", total(root, "u"), "7") // (3+5+7+9+11)/5: each value once
	same(t, "copy", column(root, "c"), `"a0" "c1" "b2"`)
	same(t, "partial steps", root.Attrs.Get(aggregate.KeyPartial).String(), "2")
	if len(report.Partial) != 1 || report.Partial[0].String() != "tree: 2 of 3 steps are not in all components" {
		t.Errorf("partial %v", report.Partial)
	}
	expect(t, notices(report), "unequal-children tree: its components have different time steps, which were brought together")

	// Impact Framework's sum is of the steps by position; it fails on the third
	// component, which is shorter, and takes the times of the last one.
	theirs := grow(group("a", leaf("s: 1 2", "u: 3 5", "c: 0 0"), "b", shifted(60, 60, "s: 10 20", "u: 7 9", "c: 0 0")))
	run(t, theirs, r, aggregate.Config{Metrics: cfg.Metrics, Kind: aggregate.Both}, if11())
	same(t, "Impact Framework's sum", column(theirs, "s"), "11 22")
	same(t, "Impact Framework's steps", times(theirs.Outputs), "01:00+60 02:00+60")
}

// Strictly aligned trees give the same under every alignment, weights of time
// apart.
func TestAlignOfAligned(t *testing.T) {
	t.Parallel()
	text := group("a", leaf("s: 1 2 3", "u: 3 5 8"), "g", group("b", leaf("s: 4 5 6", "u: 1 1 2"), "c", leaf("s: 7 8 9", "u: 0 1 0")))
	cfg := aggregate.Config{Metrics: []string{"s", "u"}, Kind: aggregate.Both}
	want := grow(text)
	run(t, want, methods("s sum sum", "u avg avg"), cfg, aggregate.Options{})
	for _, align := range []aggregate.Align{aggregate.Timestamp, aggregate.Sync} {
		got := grow(text)
		cfg.Align = align
		run(t, got, methods("s sum sum", "u avg avg"), cfg, aggregate.Options{})
		same(t, "tree", show(got), show(want))
	}
}

func TestAlignSync(t *testing.T) {
	t.Parallel()
	// a has a value a minute, b one in two minutes from half a minute on, and an
	// hour-long pause before its second one.
	text := group("a", leaf("s: 8 16 32 64", "u: 1 2 3 4", "i: 5 6 7 8"),
		"b", `{"outputs":[{"timestamp":"2024-01-01T00:00:30.000Z","duration":120,"s":16,"u":10,"i":9},
		{"timestamp":"2024-01-01T00:59:30.000Z","duration":60,"s":1,"u":40,"i":9}]}`)
	r := methods("s sum sum", "u avg avg", "i copy copy")
	cfg := aggregate.Config{Metrics: []string{"s", "u", "i"}, Kind: aggregate.Both, Align: aggregate.Sync}
	root := grow(text)
	report := run(t, root, r, cfg, aggregate.Options{})
	same(t, "steps", times(root.Outputs), "00:00+30 00:30+30 01:00+60 02:00+30 02:30+30 03:00+60 59:30+60")
	same(t, "sum", column(root, "s"), "4 8 24 20 16 64 1")
	same(t, "total sum", total(root, "s"), "137") // 8+16+32+64 + 16+1
	same(t, "avg", column(root, "u"), "1 5.5 6 6.5 3 4 40")
	same(t, "total avg", total(root, "u"), "10") // (60·(1+2+3+4) + 120·10 + 60·40) / 420
	same(t, "avg of a", total(at(root, "a"), "u"), "2.5")
	same(t, "avg of b", total(at(root, "b"), "u"), "20") // by time; a plain mean is 25
	same(t, "copy", column(root, "i"), "5 9 9 9 7 8 9")
	expect(t, notices(report),
		"unweighted-average tree.children.b: u is weighted by the length of the steps, because of align: sync",
		"unequal-children tree: its components have different time steps, which were brought together")
	same(t, "partial steps", root.Attrs.Get(aggregate.KeyPartial).String(), "4")
	if len(report.Partial) != 1 || report.Partial[0].Of != 7 {
		t.Errorf("partial %v", report.Partial)
	}
}

// Weights are cut with the steps: what is summed is divided, what is averaged
// holds for each piece.
func TestAlignSyncWeighted(t *testing.T) {
	t.Parallel()
	text := group("a", leaf("i: 100 300", "e: 1 3", "v: 2 2"), "b", shifted(0, 120, "i: 400", "e: 4", "v: 2"))
	for _, test := range []struct{ method, weight, steps, total string }{
		{"copy", "e", "300 340", "325"}, // (1·100+2·400)/3, (3·300+2·400)/5; (1·100+3·300+4·400)/8
		{"copy", "v", "250 350", "300"},
		{"sum", "i per e", "100 100", "100"}, // (100+200)/(1+2), (300+200)/(3+2)
	} {
		root := grow(text)
		cfg := aggregate.Config{Metrics: []string{"i"}, Kind: aggregate.Vertical, Align: aggregate.Sync, Weights: map[string]string{"i": test.weight}}
		run(t, root, methods("i "+test.method+" copy", "e sum sum", "v avg avg"), cfg, aggregate.Options{})
		same(t, test.weight+": steps", column(root, "i"), test.steps)
		same(t, test.weight+": total", total(root, "i"), test.total)
	}
}

// A weight that is not divided would count the pieces of a step, so it counts
// together with their length.
func TestAlignSyncWeighsPiecesByLength(t *testing.T) {
	t.Parallel()
	text := group("a", leaf("i: 100 300", "v: 2 2"), "b", shifted(30, 60, "i: 500", "v: 4"))
	root := grow(text)
	cfg := aggregate.Config{Metrics: []string{"i"}, Kind: aggregate.Both, Align: aggregate.Sync, Weights: map[string]string{"i": "v"}}
	run(t, root, methods("i copy copy", "v avg sum"), cfg, aggregate.Options{})
	same(t, "steps", times(root.Outputs), "00:00+30 00:30+30 01:00+30 01:30+30")
	same(t, "weighted", column(root, "i"), "100 366.6666666666667 433.3333333333333 300")
	same(t, "total", total(root, "i"), "350") // (60·2·100 + 60·2·300 + 60·4·500) / (60·2 + 60·2 + 60·4)
	same(t, "a", total(at(root, "a"), "i"), "200")
}

// Layouts are kept as far as they can tell the new steps.
func TestAlignKeepsLayout(t *testing.T) {
	t.Parallel()
	l := func(at string, seconds string) string {
		return `{"outputs":[{"timestamp":"` + at + `","duration":` + seconds + `,"s":1}]}`
	}
	for _, test := range []struct{ first, second, want string }{
		{"2024-01-01T00:00", "2024-01-01T00:02", "2024-01-01T00:00 2024-01-01T00:02"},
		{"2024-01-01T00:00Z", "2024-01-01T00:02:30Z", "2024-01-01T00:00:00.000Z 2024-01-01T00:02:30.000Z"},
		{"2024-01-01T00:00:00Z", "2024-01-01T00:02:30Z", "2024-01-01T00:00:00Z 2024-01-01T00:02:30Z"},
		{"2024-01-01T01:00:00+01:00", "2024-01-01T00:02:30Z", "2024-01-01T00:00:00.000Z 2024-01-01T00:02:30.000Z"},
	} {
		root := grow(group("a", l(test.first, "60"), "b", l(test.second, "60")))
		cfg := aggregate.Config{Metrics: []string{"s"}, Kind: aggregate.Vertical, Align: aggregate.Timestamp}
		run(t, root, methods("s sum sum"), cfg, aggregate.Options{})
		same(t, test.first, root.Outputs.At(0, "timestamp").String()+" "+root.Outputs.At(1, "timestamp").String(), test.want)
	}
}

func TestUnalignable(t *testing.T) {
	t.Parallel()
	l := func(steps ...string) string {
		var rows []string
		for _, step := range steps {
			begin, length, _ := strings.Cut(step, "+")
			rows = append(rows, `{"timestamp":"`+begin+`","duration":`+length+`,"s":1,"n":1}`)
		}
		return `{"outputs":[` + strings.Join(rows, ",") + `]}`
	}
	ok := l("2024-01-01T00:00+60")
	for name, test := range map[string]struct {
		align aggregate.Align
		tree  string
		want  string
	}{
		"no instant":     {aggregate.Timestamp, group("a", l("t1+60")), `tree.children.a, row 1 (t1): AlignmentError: timestamp t1 is not an instant`},
		"microseconds":   {aggregate.Timestamp, group("a", l("2024-01-01T00:00:00.0001Z+60")), "is not an instant"},
		"no duration":    {aggregate.Timestamp, group("a", l("2024-01-01T00:00+null")), "a duration of null s is not a length of time"},
		"text duration":  {aggregate.Timestamp, group("a", l(`2024-01-01T00:00+"60"`)), `"duration" parameter is expected number, received string`},
		"negative":       {aggregate.Sync, group("a", l("2024-01-01T00:00+-1")), "a duration of -1 s is not a length of time"},
		"huge":           {aggregate.Sync, group("a", l("2024-01-01T00:00+1e300")), "a duration of 1e+300 s is not a length of time"},
		"too fine":       {aggregate.Sync, group("a", l("2024-01-01T00:00+0.0001")), "a duration of 0.0001 s is finer than a millisecond"},
		"no length":      {aggregate.Sync, group("a", l("2024-01-01T00:00+0")), "the step has no length, so that nothing can be divided over it"},
		"twice":          {aggregate.Timestamp, group("a", l("2024-01-01T00:00+60", "2024-01-01T00:00+60")), "row 2 (2024-01-01T00:00): AlignmentError: the step begins when the one before begins"},
		"unsorted":       {aggregate.Timestamp, group("a", l("2024-01-01T00:01+60", "2024-01-01T00:00+60")), "the step begins before the one before"},
		"overlap":        {aggregate.Sync, group("a", l("2024-01-01T00:00+90", "2024-01-01T00:01+60")), "the step begins before the one before has ended"},
		"other duration": {aggregate.Timestamp, group("a", ok, "b", l("2024-01-01T00:00+30")), "tree: AlignmentError: tree.children.b has 2024-01-01T00:00 for 30 s, and a component before it has that step with another duration"},
		"no method":      {aggregate.Sync, group("a", ok, "b", l("2024-01-01T00:00+30")), `tree, metric "n": AlignmentError: the steps of tree.children.b have to be cut to fit, and nobody said what a part of n is`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := aggregate.Config{Metrics: []string{"s", "n"}, Kind: aggregate.Both, Align: test.align}
			got := fails(t, grow(test.tree), methods("s sum sum", "n none sum"), cfg, aggregate.Options{})
			if !strings.Contains(got, test.want) || !strings.Contains(got, "\n  Try: ") {
				t.Errorf("got %s, want …%s…", got, test.want)
			}
		})
	}
	cfg := aggregate.Config{Metrics: []string{"s"}, Kind: aggregate.Both, Align: aggregate.Sync, Weights: map[string]string{"s": "w"}}
	got := fails(t, grow(group("a", ok)), methods("s avg sum"), cfg, aggregate.Options{})
	if !strings.Contains(got, "w has no known aggregation method") {
		t.Errorf("got %s", got)
	}
}
