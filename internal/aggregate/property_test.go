package aggregate_test

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/dendro-carbon/dendro/internal/aggregate"
	"github.com/dendro-carbon/dendro/internal/metric"
	"github.com/dendro-carbon/dendro/internal/tree"
)

func TestLikeNaive(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		bytes := make([]byte, 40+random.IntN(1200))
		for i := range bytes {
			bytes[i] = byte(random.Uint32())
		}
		likeNaive(t, bytes)
		if t.Failed() {
			return
		}
	}
}

// everyKind are the methods of the trees below: metric s and a as in the names,
// p summed and averaged, w weighted by s.
func everyKind() (*metric.Registry, aggregate.Config) {
	return methods("s sum sum", "a avg avg", "p avg sum", "w copy copy"),
		aggregate.Config{Metrics: []string{"s", "a", "p", "w"}, Kind: aggregate.Both, Weights: map[string]string{"w": "s"}}
}

// dyadic returns a leaf's JSON with values whose sums are exact.
func dyadic(random *rand.Rand, steps int) string {
	var metrics []string
	for _, name := range []string{"s", "a", "p", "w"} {
		line := name + ":"
		constant := random.IntN(4) == 0
		v := random.IntN(4096)
		for range steps {
			if !constant {
				v = random.IntN(4096)
			}
			line += fmt.Sprintf(" %v", float64(v)/64)
		}
		metrics = append(metrics, line)
	}
	return leaf(metrics...)
}

// split puts leaves into groups of groups, at random.
func split(random *rand.Rand, parts []string, depth int) string {
	var args []string
	for len(parts) > 0 {
		n := 1 + random.IntN(len(parts))
		name := fmt.Sprint("g", len(args))
		if n == 1 || depth == 0 {
			n = 1
			args = append(args, name, parts[0])
		} else {
			args = append(args, name, split(random, parts[:n], depth-1))
		}
		parts = parts[n:]
	}
	return group(args...)
}

// own shows what the aggregation made of the root alone.
func own(root *tree.Node) string {
	text := show(root)
	return text[strings.LastIndex(text, `"outputs":`):]
}

// However a tree is divided into groups, and in whatever order its leaves stand,
// its root gets the same numbers.
func TestDivisionAndOrderDoNotMatter(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	r, cfg := everyKind()
	for range 100 {
		leaves := make([]string, 1+random.IntN(9))
		steps := 1 + random.IntN(5)
		for i := range leaves {
			leaves[i] = dyadic(random, steps)
		}
		flat := grow(split(random, leaves, 0))
		run(t, flat, r, cfg, aggregate.Options{})
		random.Shuffle(len(leaves), func(i, j int) { leaves[i], leaves[j] = leaves[j], leaves[i] })
		for _, align := range []aggregate.Align{aggregate.Strict, aggregate.Timestamp, aggregate.Sync} {
			cfg.Align = align
			deep := grow(split(random, leaves, 3))
			run(t, deep, r, cfg, aggregate.Options{})
			if own(deep) != own(flat) {
				t.Fatalf("align %v: got\n%s\nwant\n%s\nin %s", align, own(deep), own(flat), show(deep))
			}
		}
		cfg.Align = aggregate.Strict
	}
}

// An average over leaves is the quotient of exact sums, rounded once.
func TestAverageIsExact(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(5, 6))
	r, cfg := everyKind()
	for range 100 {
		leaves := make([]string, 1+random.IntN(12))
		for i := range leaves {
			leaves[i] = dyadic(random, 1)
		}
		root := grow(split(random, leaves, 2))
		run(t, root, r, cfg, aggregate.Options{})
		sum, weighted, weight := new(big.Rat), new(big.Rat), new(big.Rat)
		n := int64(0)
		for l := range root.Leaves() {
			a, s, w := rat(l, "a"), rat(l, "s"), rat(l, "w")
			sum.Add(sum, a)
			weighted.Add(weighted, w.Mul(w, s))
			weight.Add(weight, s)
			n++
		}
		want, _ := sum.Quo(sum, big.NewRat(n, 1)).Float64()
		same(t, "a", column(root, "a"), fmt.Sprint(want))
		if weight.Sign() > 0 {
			want, _ = weighted.Quo(weighted, weight).Float64()
			same(t, "w", column(root, "w"), fmt.Sprint(want))
		}
	}
}

func rat(leaf *tree.Node, name string) *big.Rat {
	f, _ := leaf.Outputs.At(0, name).Float()
	return new(big.Rat).SetFloat64(f)
}

// Cutting steps neither makes nor loses anything: the root's sum is that of the
// leaves, and its average over time that of all values by their length.
func TestSyncConserves(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(7, 8))
	r := methods("s sum sum")
	cfg := aggregate.Config{Metrics: []string{"s"}, Kind: aggregate.Both, Align: aggregate.Sync}
	for range 300 {
		var parts []string
		for range 1 + random.IntN(5) {
			length := 1 << random.IntN(8)
			var line strings.Builder
			line.WriteString("s:")
			for range 1 + random.IntN(6) {
				fmt.Fprintf(&line, " %d", random.IntN(1000)*64)
			}
			parts = append(parts, shifted(random.IntN(300), length, line.String()))
		}
		root := grow(split(random, parts, 2))
		run(t, root, r, cfg, aggregate.Options{})
		want := 0.0
		for l := range root.Leaves() {
			f, _ := l.Aggregated.Get("s").Float()
			want += f
		}
		same(t, "total", total(root, "s"), fmt.Sprint(int(want)))
		end := int64(0)
		for i := range root.Outputs.Len() { // ascending, without overlap
			at := root.Outputs.At(i, "timestamp").String()
			d, _ := root.Outputs.At(i, "duration").Float()
			begin := seconds(at)
			if begin < end || d <= 0 {
				t.Fatalf("steps %s", times(root.Outputs))
			}
			end = begin + int64(d)
		}
	}
}

func seconds(iso string) int64 {
	var h, m, s int64
	fmt.Sscanf(iso[11:19], "%d:%d:%d", &h, &m, &s)
	return h*3600 + m*60 + s
}

// A caller that makes the leaves one by one and lets go of them gets the same.
func TestStreaming(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(9, 10))
	r, cfg := everyKind()
	for _, align := range []aggregate.Align{aggregate.Strict, aggregate.Sync} {
		cfg.Align = align
		var parts []string
		for range 20 {
			parts = append(parts, dyadic(random, 4))
		}
		text := split(random, parts, 3)
		want, got := grow(text), grow(text)
		run(t, want, r, cfg, aggregate.Options{})

		outputs := map[*tree.Node]*tree.Node{}
		for l := range got.Leaves() {
			kept := *l
			outputs[l] = &kept
			l.Outputs = nil
		}
		a, err := aggregate.New(r, cfg, aggregate.Options{})
		if err != nil {
			t.Fatal(err)
		}
		seen := 0
		compute := func(n *tree.Node) {
			if n.IsLeaf() {
				n.Outputs = outputs[n].Outputs
			}
		}
		a.Tree(got, compute, func(l *tree.Node) { l.Outputs = nil; seen++ })
		if _, err := a.Result(); err != nil {
			t.Fatal(err)
		}
		if own(got) != own(want) || seen != len(outputs) {
			t.Errorf("%d leaves: got\n%s\nwant\n%s", seen, own(got), own(want))
		}
	}
}

// A leaf that becomes a group when its turn comes is aggregated as one.
func TestLeafBecomesGroup(t *testing.T) {
	t.Parallel()
	want := grow(group("a", leaf("s: 1"), "g", group("x", leaf("s: 2"), "y", leaf("s: 4"))))
	run(t, want, methods("s sum sum"), aggregate.Config{Metrics: []string{"s"}, Kind: aggregate.Both}, aggregate.Options{})
	got := grow(group("a", leaf("s: 1"), "g", `{}`))
	a, err := aggregate.New(methods("s sum sum"), aggregate.Config{Metrics: []string{"s"}, Kind: aggregate.Both}, aggregate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var order []string
	a.Tree(got, func(l *tree.Node) {
		order = append(order, l.Path)
		if l.Name == "g" {
			l.SetChildren([]*tree.Node{node("x", l.Path+".children.x", parse(leaf("s: 2")).Map()), node("y", l.Path+".children.y", parse(leaf("s: 4")).Map())})
		}
	}, nil)
	if _, err := a.Result(); err != nil {
		t.Fatal(err)
	}
	same(t, "tree", show(got), show(want))
	if !slices.Equal(order, []string{"tree", "tree.children.a", "tree.children.g", "tree.children.g.children.x", "tree.children.g.children.y"}) {
		t.Errorf("order %v", order)
	}
}

// Neither a deep nor a wide tree is more than its size.
func TestDeepAndWide(t *testing.T) {
	t.Parallel()
	cfg := aggregate.Config{Metrics: []string{"s"}, Kind: aggregate.Both}
	one := parse(leaf("s: 1")).Map()
	deep := node("x", "tree", one)
	for range 5_000 {
		up := tree.New("x", "tree")
		up.SetChildren([]*tree.Node{deep})
		deep = up
	}
	run(t, deep, methods("s sum sum"), cfg, aggregate.Options{})
	same(t, "deep", total(deep, "s"), "1")
	wide := tree.New("", "tree")
	var children []*tree.Node
	for range 20_000 {
		children = append(children, node("x", "tree.children.x", one))
	}
	wide.SetChildren(children)
	run(t, wide, methods("s sum sum"), cfg, aggregate.Options{})
	same(t, "wide", total(wide, "s"), "20000")
}

// FuzzRun aggregates any tree under any options: it does not panic, and equals
// the description where that applies.
func FuzzRun(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte("a tree of bytes that means nothing in particular"))
	random := rand.New(rand.NewPCG(11, 12))
	for range 20 {
		bytes := make([]byte, 300)
		for i := range bytes {
			bytes[i] = byte(random.Uint32())
		}
		f.Add(bytes)
	}
	f.Fuzz(func(t *testing.T, bytes []byte) {
		likeNaive(t, bytes)
		d := dice{bytes, true}
		r, cfg := everyKind()
		cfg.Kind, cfg.Align = aggregate.Kind(1+d.roll(3)), aggregate.Align(d.roll(3))
		cfg.Metrics = append(cfg.Metrics, []string{"c", "s", "duration", "m"}[:d.roll(5)]...)
		cfg.Skip = []string{"c1", "c0/c2"}[:d.roll(3)]
		cfg.Weights = map[string]string{"w": "s", "a": []string{"duration", "s per m", "m"}[d.roll(3)]}
		bits := d.roll(256)<<8 | d.roll(256)
		opts := aggregate.Options{
			UnknownMetricCopies: bits&1 != 0, IgnoreSkipComponents: bits&2 != 0, NoneComponentFails: bits&4 != 0,
			FirstChildLength: bits&8 != 0, UnweightedAverages: bits&16 != 0, DuplicateMetricsTwice: bits&32 != 0,
			ParseFloatText: bits&64 != 0, EmptyInputsFail: bits&256 != 0,
		}
		cfg.Metrics = slices.DeleteFunc(cfg.Metrics, func(s string) bool { return s == "p" || s == "w" }) // no tree of dice has them
		delete(cfg.Weights, "w")
		steps := d.roll(7)
		root := d.node("", "tree", 4, steps)
		if _, err := aggregated(root, r, cfg, opts); err == nil {
			show(root)
		}
	})
}
