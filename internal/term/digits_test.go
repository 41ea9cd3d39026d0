package term

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/manifest/emit"
	"github.com/dendro-carbon/dendro/internal/tree"
	"github.com/dendro-carbon/dendro/internal/value"
)

func TestScale(t *testing.T) {
	t.Parallel()
	tests := []struct {
		numbers []float64
		want    []string
		prefix  string
	}{
		{[]float64{1, 2, 3}, []string{"1", "2", "3"}, ""},
		{[]float64{0.1, 0.25}, []string{"0.10", "0.25"}, ""},
		{[]float64{1.0 / 3}, []string{"0.33333"}, ""},
		{[]float64{12345.678, 0.001}, []string{"12345.678", "0.001"}, ""},
		{[]float64{123456789.123, 1}, []string{"123456789", "1"}, ""},
		{[]float64{-0.5, 0}, []string{"-0.5", "0.0"}, ""},
		{[]float64{1.5e-7, 1e-8}, []string{"150", "10"}, "10⁻⁹"},
		{[]float64{2.5e9}, []string{"2.5"}, "10⁹"},
		{[]float64{math.NaN(), math.Inf(1), math.Inf(-1), 1}, []string{"NaN", "∞", "-∞", "1"}, ""},
		{[]float64{5e-324}, []string{"0"}, ""},
		{[]float64{math.MaxFloat64}, []string{"179.77"}, "10³⁰⁶"},
		{nil, nil, ""},
	}
	for _, test := range tests {
		s := scaleOf(test.numbers)
		var got []string
		for _, f := range test.numbers {
			got = append(got, s.format(f))
		}
		if !slices.Equal(got, test.want) || s.prefix() != test.prefix {
			t.Errorf("%v: got %v × %q, want %v × %q", test.numbers, got, s.prefix(), test.want, test.prefix)
		}
	}
}

// FuzzDivide divides a whole among parts: the sum is the whole, and no part is
// off by more than one.
func FuzzDivide(f *testing.F) {
	f.Add(uint64(1), uint8(3))
	f.Add(uint64(2), uint8(200))
	f.Fuzz(func(t *testing.T, seed uint64, n uint8) {
		if n == 0 {
			return
		}
		r := rand.New(rand.NewPCG(seed, 1))
		parts := make([]float64, n)
		sum := 0.0
		for i := range parts {
			parts[i] = (r.Float64() - 0.2) * math.Pow10(r.IntN(8))
			if r.IntN(4) == 0 {
				parts[i] = math.Round(parts[i])
			}
			sum += parts[i]
		}
		whole := int64(math.RoundToEven(sum))
		rounded := divide(whole, parts)
		var total int64
		for i, part := range rounded {
			total += part
			if math.Abs(float64(part)-parts[i]) > 1+1e-6 {
				t.Errorf("part %d: got %d for %v", i, part, parts[i])
			}
		}
		if total != whole {
			t.Errorf("got %d, want %d", total, whole)
		}
	})
}

// In every random tree the values and shares that are printed add up, at every
// component that has parts.
func TestWhatIsPrintedAddsUp(t *testing.T) {
	t.Parallel()
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 2))
		root := randomTree(r, "root", 0, math.Pow10(r.IntN(30)-15))
		var b strings.Builder
		if err := Tree(&b, &emit.Document{Tree: root}, TreeOptions{}); err != nil {
			t.Fatal(err)
		}
		checkSums(t, lines(root), strings.Split(b.String(), "\n"), b.String())
	}
}

func randomTree(r *rand.Rand, name string, depth int, size float64) *tree.Node {
	n := tree.New(name, name)
	sum := r.Float64() * size
	if depth < 4 && (depth == 0 || r.IntN(3) > 0) {
		var children []*tree.Node
		sum = 0
		for i := range 1 + r.IntN(5) {
			child := randomTree(r, fmt.Sprintf("n%d", i), depth+1, size)
			f, _ := child.Aggregated.Get("m").Float()
			sum += f
			children = append(children, child)
		}
		n.SetChildren(children)
	}
	m := value.NewMap(1)
	m.Set("m", value.OfNumber(sum))
	n.SetAggregated(m)
	return n
}

func checkSums(t *testing.T, all []line, printed []string, text string) {
	t.Helper()
	first := len(printed) - 1 - len(all) // behind the headings, before the last line end
	sums := make([][2]int64, len(all))
	own := make([][2]int64, len(all))
	parts := make([]int, len(all))
	for i, l := range all {
		fields := strings.Fields(printed[first+i])
		own[i] = [2]int64{whole(t, fields[len(fields)-3]), whole(t, fields[len(fields)-2])}
		if l.parent >= 0 {
			sums[l.parent][0] += own[i][0]
			sums[l.parent][1] += own[i][1]
			parts[l.parent]++
		}
	}
	for i := range all {
		if parts[i] > 0 && sums[i] != own[i] {
			t.Fatalf("line %d: the parts add up to %v, not to %v:\n%s", i, sums[i], own[i], text)
		}
	}
}

// whole reads a decimal without its point.
func whole(t *testing.T, s string) int64 {
	t.Helper()
	n, err := strconv.ParseInt(strings.Replace(s, ".", "", 1), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestSpark(t *testing.T) {
	t.Parallel()
	num, null := value.OfNumber, value.OfNull()
	tests := []struct {
		values []value.Value
		want   string
	}{
		{[]value.Value{num(0), num(1), num(2), num(3), num(4), num(5), num(6), num(7)}, "▁▂▃▄▅▆▇█"},
		{[]value.Value{num(0), num(0)}, "▁▁"},
		{[]value.Value{num(5), num(5)}, "██"},
		{[]value.Value{num(-1), num(1), num(0)}, "▁█▅"},
		{[]value.Value{num(1), null, value.OfText("9"), num(math.NaN()), num(math.Inf(1)), num(2)}, "▅    █"},
		{[]value.Value{num(math.MaxFloat64), num(-math.MaxFloat64)}, "█▁"},
		{nil, ""},
	}
	for _, test := range tests {
		f := frame.New(len(test.values), frame.NewColumn("m", test.values))
		if got := spark(f, "m", 8); got != test.want {
			t.Errorf("%v: got %q, want %q", test.values, got, test.want)
		}
	}
	long := make([]float64, 1000)
	for i := range long {
		long[i] = float64(i)
	}
	if got, want := spark(frame.New(1000, frame.NewNumbers("m", long)), "m", 8), "▁▂▃▄▅▆▇█"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestTruncate(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text string
		n    int
		want string
	}{{"abc", 3, "abc"}, {"abcd", 3, "ab…"}, {"日本語", 6, "日本語"}, {"日本語", 5, "日本…"}, {"日本語", 4, "日…"}, {"👩‍👩‍👧x", 2, "…"}, {"abc", 1, "…"}, {"abc", 0, ""}}
	for _, test := range tests {
		if got := truncate(test.text, test.n); got != test.want || width(got) > test.n {
			t.Errorf("%q to %d: got %q, want %q", test.text, test.n, got, test.want)
		}
	}
}
