package frame_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"unsafe"

	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/value"
)

func row(kv ...any) *value.Map {
	m := value.NewMap(len(kv) / 2)
	for i := 0; i < len(kv); i += 2 {
		m.Set(kv[i].(string), of(kv[i+1]))
	}
	return m
}

func of(v any) value.Value {
	switch v := v.(type) {
	case nil:
		return value.OfNull()
	case int:
		return value.OfNumber(float64(v))
	case float64:
		return value.OfNumber(v)
	case string:
		return value.OfText(v)
	case bool:
		return value.OfBool(v)
	}
	return v.(value.Value)
}

func ExampleFromRows() {
	f := frame.FromRows([]*value.Map{
		row("timestamp", "2024-01-01T00:00:00.000Z", "duration", 60, "energy", 0.5),
		row("timestamp", "2024-01-01T00:01:00.000Z", "duration", 60, "energy", 0.25),
	})
	energy, _ := f.Vec("energy")
	duration, constant := f.Column("duration").Constant()
	fmt.Println(f.Len(), f.Uniform(), energy.At(1), duration, constant)
	// Output: 2 true 0.25 60 true
}

// Whatever rows go in come out, key order, null and absent included.
func TestRoundTrip(t *testing.T) {
	tests := map[string][]*value.Map{
		"none":                       {},
		"one":                        {row("a", 1)},
		"empty rows":                 {row(), row()},
		"uniform":                    {row("a", 1, "b", "x"), row("a", 2, "b", "y")},
		"reordered":                  {row("a", 1, "b", 2), row("b", 3, "a", 4)},
		"late key":                   {row("a", 1), row("a", 2, "b", 2), row("b", 5)},
		"first row shorter than all": {row("b", 1), row("a", 2, "b", 2), row("a", 2, "b", 2)},
		"null and absent":            {row("a", nil), row(), row("a", 1), row("a", nil)},
		"mixed":                      {row("a", 1), row("a", "x"), row("a", true), row("a", value.OfList([]value.Value{of(1)}))},
		"layouts": {
			row("t", "2024-01-01T00:00:00.000Z"), row("t", "2024-01-01T00:00:00Z"),
			row("t", "2024-01-01T00:00:01.000Z"),
		},
		"instants then text": {row("t", "2024-01-01T00:00"), row("t", "2024-01-01T00:01"), row("t", "soon")},
		"text then instants": {row("t", "soon"), row("t", "2024-01-01T00:01")},
		"dates":              {row("t", value.OfTime(5)), row("t", value.OfTime(-5)), row("t", "x")},
		"same dates":         {row("t", value.OfTime(5)), row("t", value.OfTime(5))},
		"specials":           {row("a", math.NaN()), row("a", math.Inf(1)), row("a", math.Copysign(0, -1)), row("a", 0)},
		"constant then none": {row("a", "k"), row("b", 1), row("a", "k")},
	}
	for name, rows := range tests {
		t.Run(name, func(t *testing.T) {
			f := frame.FromRows(rows)
			if f.Len() != len(rows) {
				t.Fatalf("got %d rows, want %d", f.Len(), len(rows))
			}
			for i := range rows {
				if got, want := value.OfMap(f.Row(i)), value.OfMap(rows[i]); !value.Equal(got, want) {
					t.Errorf("row %d: got %v, want %v", i, got.Map().Keys(), want.Map().Keys())
				}
			}
		})
	}
}

func TestWithKeepsPlaceAndAppends(t *testing.T) {
	f := frame.FromRows([]*value.Map{row("a", 1, "b", 2), row("b", 3)})
	f = f.With(frame.NewConstant("a", 2, of(9)))
	want := []*value.Map{row("a", 9, "b", 2), row("b", 3, "a", 9)}
	for i, w := range want {
		if !value.Equal(value.OfMap(f.Row(i)), value.OfMap(w)) {
			t.Errorf("row %d: got keys %v", i, f.Row(i).Keys())
		}
	}
}

func TestWithDefaults(t *testing.T) {
	f := frame.FromRows([]*value.Map{row("a", nil, "b", 2), row("b", 3), row("a", 5)})
	f = f.WithDefaults(row("a", 7, "c", "z"))
	want := []*value.Map{row("a", 7, "b", 2, "c", "z"), row("b", 3, "a", 7, "c", "z"), row("a", 5, "c", "z")}
	for i, w := range want {
		if !value.Equal(value.OfMap(f.Row(i)), value.OfMap(w)) {
			t.Errorf("row %d: got keys %v", i, f.Row(i).Keys())
		}
	}
}

func TestWithout(t *testing.T) {
	f := frame.FromRows([]*value.Map{row("a", 1, "b", 2), row("b", 3)}).Without("a")
	if !f.Uniform() || f.Len() != 2 || f.Has(0, "a") {
		t.Errorf("got uniform %v, %d rows", f.Uniform(), f.Len())
	}
}

func TestConcatAndTake(t *testing.T) {
	f := frame.FromRows([]*value.Map{row("a", 1, "b", 2)})
	g := frame.FromRows([]*value.Map{row("b", 3, "a", 4)})
	h := frame.Concat(f, g, f).Take([]int{1, 1, 0})
	want := []*value.Map{row("b", 3, "a", 4), row("b", 3, "a", 4), row("a", 1, "b", 2)}
	for i, w := range want {
		if !value.Equal(value.OfMap(h.Row(i)), value.OfMap(w)) {
			t.Errorf("row %d: got keys %v", i, h.Row(i).Keys())
		}
	}
}

// A duplicate key keeps the first value and is named.
func TestBuilderNamesDuplicates(t *testing.T) {
	b := frame.NewBuilder(1)
	b.Begin()
	b.Number(b.Column("a"), 1)
	b.Number(b.Column("a"), 2)
	if dup := b.End(); dup != "a" {
		t.Errorf("got %q", dup)
	}
	if got, _ := b.Frame().At(0, "a").Float(); got != 1 {
		t.Errorf("got %v", got)
	}
}

// Many columns and many shapes are found by hash; nothing else changes.
func TestRoundTripOfManyShapes(t *testing.T) {
	var rows []*value.Map
	for i := range 200 {
		m := value.NewMap(3)
		for k := range 1 + i%3 {
			m.Set(fmt.Sprintf("k%d", (i*7+k*11)%60), of(i+k))
		}
		rows = append(rows, m)
	}
	f := frame.FromRows(rows)
	if got := len(f.Columns()); got != 60 {
		t.Errorf("got %d columns, want 60", got)
	}
	for i := range rows {
		if !value.Equal(value.OfMap(f.Row(i)), value.OfMap(rows[i])) {
			t.Errorf("row %d: got %v, want %v", i, f.Row(i).Keys(), rows[i].Keys())
		}
	}
}

func TestSparse(t *testing.T) {
	b := frame.NewBuilder(0)
	add := func(rows, keys int) {
		for row := range rows {
			b.Begin()
			for k := range keys {
				b.Number(b.Column(fmt.Sprintf("k%d", k)), float64(row))
			}
			b.End()
		}
	}
	add(1, 2000)
	if b.Sparse() {
		t.Error("a full row is not sparse")
	}
	add(1000, 1)
	if !b.Sparse() {
		t.Error("2,001,000 cells for 3,000 values are sparse")
	}
	add(100, 2000)
	if b.Sparse() {
		t.Error("2,202,000 cells for 203,000 values are not")
	}
}

// Borrowed and Instant give the columns that Text gives, and hold nothing of
// the text they were given.
func TestBorrowedIsText(t *testing.T) {
	tests := map[string][]string{
		"same":              {"a", "a", "a"},
		"different":         {"a", "b", "b", "c", strings.Repeat("long", 2000), "d"},
		"instants":          {"2024-01-01T00:00Z", "2024-01-01T00:01Z", "2024-01-01T00:02Z"},
		"layouts":           {"2024-01-01T00:00Z", "2024-01-01T00:01Z", "2024-01-01T00:02:00Z"},
		"instants and text": {"2024-01-01T00:00Z", "2024-01-01T00:01Z", "x", "2024-01-01T00:01Z"},
		"text and instants": {"x", "2024-01-01T00:01Z", "2024-01-01T00:01Z"},
	}
	for name, texts := range tests {
		t.Run(name, func(t *testing.T) {
			want, got := frame.NewBuilder(0), frame.NewBuilder(0)
			for _, s := range texts {
				want.Begin()
				want.Text(want.Column("t"), s)
				want.End()
				got.Begin()
				buf := []byte(s)
				if ms, layout := value.ParseISO(s); layout != value.NoLayout && len(s)%2 == 0 {
					got.Instant(got.Column("t"), ms, layout)
				} else {
					got.Borrowed(got.Column("t"), unsafe.String(&buf[0], len(buf)))
				}
				got.End()
				clear(buf)
			}
			w, g := want.Frame().Column("t"), got.Frame().Column("t")
			if w.Rep() != g.Rep() {
				t.Errorf("got representation %v, want %v", g.Rep(), w.Rep())
			}
			for row := range texts {
				if !value.Equal(g.At(row), w.At(row)) {
					t.Errorf("row %d: got %v, want %v", row, g.At(row), w.At(row))
				}
			}
		})
	}
}

func TestVecNeedsEveryRow(t *testing.T) {
	f := frame.FromRows([]*value.Map{row("a", 1, "b", 1), row("b", "1")})
	if _, ok := f.Vec("a"); ok {
		t.Error("a is missing in a row")
	}
	if _, ok := f.Vec("b"); ok {
		t.Error("b holds a text")
	}
}

func ExampleBuilder_Reset() {
	b := frame.NewBuilder(0)
	b.Row(row("region", "uk", "energy", 1))
	first := b.Frame()
	b.Reset(1)
	b.Row(row("region", "uk", "energy", 2))
	second := b.Frame()
	fmt.Println(first.At(0, "energy"), second.At(0, "energy"), first.Column("region") == second.Column("region"))
	// Output: 1 2 true
}

func ExampleFrame_Size() {
	constant := frame.New(1000, frame.NewConstant("a", 1000, value.OfNumber(1)))
	numbers := frame.New(1000, frame.NewNumbers("a", make([]float64, 1000)))
	fmt.Println(constant.Size() < 1000, numbers.Size() >= 8000)
	// Output: true true
}

func TestResetSharesWhatFramesHaveInCommon(t *testing.T) {
	b := frame.NewBuilder(0)
	var frames []*frame.Frame
	for _, r := range []*value.Map{row("a", 1, "b", "x"), row("a", 2, "b", "x"), row("b", "x", "c", 1), row()} {
		b.Reset(1)
		b.Row(r)
		frames = append(frames, b.Frame())
		if got := frames[len(frames)-1].Row(0); !value.Equal(value.OfMap(got), value.OfMap(r)) {
			t.Errorf("got %v, want %v", got, r)
		}
	}
	if frames[0].Column("b") != frames[1].Column("b") {
		t.Error("two equal columns")
	}
	if v, _ := frames[0].Vec("a"); v.At(0) != 1 {
		t.Error("a frame changed after it was made")
	}
}

// A shared column that was long in one frame is not taken for a short one.
func TestResetKeepsLengthsApart(t *testing.T) {
	b := frame.NewBuilder(0)
	for n := 3; n > 0; n-- {
		b.Reset(n)
		for i := range n {
			b.Row(row("a", 1, "b", float64(i)))
		}
		f := b.Frame()
		if f.Len() != n || f.Column("a").Len() != n || f.Column("b").Len() != n {
			t.Errorf("%d rows: got %d, %d and %d", n, f.Len(), f.Column("a").Len(), f.Column("b").Len())
		}
	}
}
