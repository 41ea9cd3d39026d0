package lookup_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/manifest/lookup"
	"github.com/dendro-carbon/dendro/internal/value"
)

func machines() *frame.Frame {
	return frame.New(4, frame.NewTexts("name", []string{"x", "y", "7", "x"}), frame.NewNumbers("tdp", []float64{10, 20, 30, 11}))
}

// values is a metric of any values.
func values(vals ...value.Value) lookup.Metric {
	return lookup.Metric{At: func(row int) value.Value { return vals[row] }}
}

func ExampleNewIndex() {
	x := lookup.NewIndex(machines(), []string{"name"}, false)
	found, err := x.Find(context.Background(), lookup.Query{
		Rows:    3,
		Metrics: []lookup.Metric{{Column: frame.NewTexts("machine", []string{"y", "x", "z"})}},
	})
	fmt.Println(found.Records, found.Unmet, found.Ambiguous, err)
	// Output: [1 0 -1] 2 1 <nil>
}

func ExampleIndex_Find() {
	x := lookup.NewIndex(machines(), []string{"name"}, true)
	found, err := x.Find(context.Background(), lookup.Query{
		Rows: 3, Consume: true,
		Metrics: []lookup.Metric{values(value.OfNumber(7), value.OfText("x"), value.OfText("x"))},
	})
	fmt.Println(found.Records, err)
	// Output: [2 0 3] <nil>
}

func ExampleIndex_Records() {
	fmt.Println(lookup.NewIndex(machines(), []string{"name"}, false).Records().Len())
	// Output: 4
}

func TestFindStrictly(t *testing.T) {
	t.Parallel()
	records := frame.New(4,
		frame.NewColumn("a", []value.Value{value.OfNumber(1), value.OfText("1"), value.OfNull(), value.OfNumber(0)}),
		frame.NewTexts("b", []string{"p", "p", "q", "q"}))
	for _, tc := range []struct {
		a, b value.Value
		want int32
	}{
		{value.OfNumber(1), value.OfText("p"), 0},
		{value.OfText("1"), value.OfText("p"), 1},
		{value.OfNumber(1), value.OfText("q"), lookup.None},
		{value.OfNull(), value.OfText("q"), lookup.None}, // nothing equals null
		{value.Value{}, value.OfText("q"), lookup.None},
		{value.OfNumber(0), value.OfText("q"), 3},
		{value.OfBool(true), value.OfText("p"), lookup.None},
	} {
		x := lookup.NewIndex(records, []string{"a", "b"}, false)
		found, err := x.Find(context.Background(), lookup.Query{Rows: 1, Metrics: []lookup.Metric{values(tc.a), values(tc.b)}})
		if err != nil || found.Records[0] != tc.want {
			t.Errorf("%v, %v: got %v, %v, want %d", tc.a, tc.b, found.Records, err, tc.want)
		}
	}
}

func TestFindCounts(t *testing.T) {
	t.Parallel()
	x := lookup.NewIndex(machines(), []string{"name"}, false)
	found, err := x.Find(context.Background(), lookup.Query{
		Rows:    6,
		Metrics: []lookup.Metric{{Column: frame.NewTexts("n", []string{"y", "q", "y", "r", "q", "x"})}},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := lookup.Result{Records: []int32{1, -1, 1, -1, -1, 0}, Unmet: 1, More: 2, Repeated: true, Ambiguous: 1}
	if diff := cmp.Diff(want, found); diff != "" {
		t.Error(diff)
	}
}

func TestFindEndsWithTheContext(t *testing.T) {
	t.Parallel()
	stop := errors.New("stop")
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(stop)
	x := lookup.NewIndex(machines(), []string{"name"}, false)
	if _, err := x.Find(ctx, lookup.Query{Rows: 1, Metrics: []lookup.Metric{values(value.OfText("x"))}}); !errors.Is(err, stop) {
		t.Errorf("got %v", err)
	}
}

// FuzzFind holds the index against a search of all records, by both rules.
func FuzzFind(f *testing.F) {
	f.Add([]byte("0123456789"), []byte("9876543210"))
	f.Add([]byte{0, 7, 0, 7, 3, 3, 4, 5, 6}, []byte{1, 2, 3, 4, 5, 6, 7, 8, 9})
	cells := []value.Value{
		value.OfText("x"), value.OfText(""), value.OfText(" "), value.OfText("7"), value.OfNumber(7), value.OfNumber(0),
		value.OfText("0"), value.OfText("07"), value.OfText("é"),
	}
	metrics := append(cells[:len(cells):len(cells)], value.OfNull(), value.Value{}, value.OfBool(true), value.OfNumber(1), value.OfText("true"))
	f.Fuzz(func(t *testing.T, records, rows []byte) {
		if len(records) < 2 || len(rows) < 2 || len(records)+len(rows) > 400 {
			return
		}
		take := func(from []value.Value, picks []byte) (a, b []value.Value) {
			for i := 0; i+1 < len(picks); i += 2 {
				a, b = append(a, from[int(picks[i])%len(from)]), append(b, from[int(picks[i+1])%len(from)])
			}
			return a, b
		}
		ra, rb := take(cells, records)
		ma, mb := take(metrics, rows)
		table := frame.New(len(ra), frame.NewColumn("a", ra), frame.NewColumn("b", rb))
		for _, loose := range []bool{false, true} {
			x := lookup.NewIndex(table, []string{"a", "b"}, loose)
			for row := range ma {
				want := search(ra, rb, ma[row], mb[row], loose)
				found, err := x.Find(context.Background(), lookup.Query{Rows: 1, Metrics: []lookup.Metric{values(ma[row]), values(mb[row])}})
				if err != nil || found.Records[0] != want {
					t.Fatalf("loose %v: %v and %v: got %v, %v, want %d", loose, ma[row], mb[row], found.Records, err, want)
				}
			}
		}
	})
}

func search(a, b []value.Value, x, y value.Value, loose bool) int32 {
	for i := range a {
		if equal(a[i], x, loose) && equal(b[i], y, loose) {
			return int32(i)
		}
	}
	return lookup.None
}

// equal is the rule, written another way.
func equal(cell, v value.Value, loose bool) bool {
	if v.IsNullish() || cell.Kind() == v.Kind() || !loose {
		return value.Equal(cell, v)
	}
	number := func(v value.Value) float64 {
		if s, ok := v.Str(); ok {
			return value.ToNumber(s)
		}
		if b, ok := v.Bool(); ok && b {
			return 1
		}
		f, _ := v.Float()
		return f
	}
	return number(cell) == number(v)
}
