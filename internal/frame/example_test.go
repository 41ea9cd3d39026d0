package frame_test

import (
	"fmt"
	"strings"

	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/value"
)

// A plugin computes whole columns and returns a new frame, which shares the old
// columns.
func Example() {
	f := frame.New(3,
		frame.NewTimes("timestamp", []int64{0, 60_000, 120_000}, value.ISOSeconds),
		frame.NewConstant("duration", 3, value.OfNumber(60)),
		frame.NewNumbers("power", []float64{10, 20, 30}),
		frame.NewTexts("region", []string{"uk", "uk", "pl"}),
	)
	power, _ := f.Vec("power")
	seconds, _ := f.Vec("duration")
	joules := make([]float64, f.Len())
	for row := range joules {
		joules[row] = power.At(row) * seconds.At(row)
	}
	g := f.With(frame.NumbersOf("joules", joules)).Without("power")
	for _, row := range g.Rows() {
		fmt.Println(row.Get("timestamp"), row.Get("region"), row.Get("joules"), row.Has("power"))
	}
	fmt.Println(f.Has(0, "power"), f.Has(0, "joules"))
	// Output:
	// 1970-01-01T00:00:00Z uk 600 false
	// 1970-01-01T00:01:00Z uk 1200 false
	// 1970-01-01T00:02:00Z pl 1800 false
	// true false
}

// How a column is stored follows from its values alone.
func ExampleColumn_Rep() {
	names := map[frame.Rep]string{
		frame.Constant: "constant", frame.Numbers: "numbers", frame.Times: "times", frame.Texts: "texts", frame.Mixed: "mixed",
	}
	for _, vals := range [][]value.Value{
		{value.OfNumber(1), value.OfNumber(1)},
		{value.OfNumber(1), value.OfNumber(2)},
		{value.OfText("2024-01-01T00:00Z"), value.OfText("2024-01-01T00:01Z")},
		{value.OfText("uk"), value.OfText("pl")},
		{value.OfNumber(1), value.OfNull()},
	} {
		c := frame.NewColumn("c", vals)
		_, numbers := c.Vec()
		times, _ := c.Times()
		fmt.Println(names[c.Rep()], c.Len(), c.At(1), numbers, len(times), len(c.Texts()))
	}
	// Output:
	// constant 2 1 true 0 0
	// numbers 2 2 true 0 0
	// times 2 2024-01-01T00:01Z false 2 0
	// texts 2 pl false 0 2
	// mixed 2 null false 0 0
}

// A vector is a column of numbers to read. A constant one takes no memory until
// somebody asks for a number per row.
func ExampleVec() {
	same, measured := frame.ConstantVec(60, 3), frame.VecOf([]float64{1, 2, 3})
	fmt.Println(same.Constant())
	fmt.Println(measured.Constant())
	fmt.Println(same.Len(), same.Floats(), measured.Floats())
	// Output:
	// 60 true
	// 0 false
	// 3 [60 60 60] [1 2 3]
}

// Readers of large files look a column up once and then add by its position.
func ExampleBuilder() {
	b := frame.NewBuilder(2)
	for _, line := range []string{"2024-01-01T00:00:00Z 1.5 web", "2024-01-01T01:00:00Z 2 web"} {
		fields := strings.Fields(line)
		b.Begin()
		for i, name := range []string{"timestamp", "energy", "component"} {
			col, expected := b.Expect()
			if col < 0 || expected != name { // the row before had another column here
				col = b.Column(name)
			}
			switch i {
			case 0:
				ms, layout := value.ParseISO(fields[i])
				b.Instant(col, ms, layout)
			case 1:
				b.Number(col, value.ParseFloat(fields[i]))
			default:
				b.Borrowed(col, fields[i])
			}
		}
		if name := b.End(); name != "" {
			fmt.Println("twice:", name)
		}
	}
	fmt.Println(b.Len(), b.Sparse())
	f := b.Frame()
	component, constant := f.Column("component").Constant()
	fmt.Println(f.At(1, "timestamp"), f.At(1, "energy"), component, constant)
	// Output:
	// 2 false
	// 2024-01-01T01:00:00Z 2 web true
}

// Rows may differ: what a row lacks is absent, which is not null.
func ExampleFrame_Uniform() {
	b := frame.NewBuilder(3)
	b.Begin()
	b.Text(b.Column("host"), "n1")
	b.Value(b.Column("watts"), value.OfNull())
	b.End()
	whole := value.NewMap(1)
	whole.Set("host", value.OfText("n2"))
	b.Row(whole)
	b.CopyRow(frame.FromRows([]*value.Map{whole}), 0)
	f := b.Frame()
	fmt.Println(f.Uniform(), f.Complete("host"), f.Complete("watts"), f.Find("watts"))
	for row := range f.Len() {
		fmt.Println(f.At(row, "host"), f.Has(row, "watts"), f.At(row, "watts"), len(f.Keys(row)))
	}
	// Output:
	// false true false 1
	// n1 true null 2
	// n2 false undefined 1
	// n2 false undefined 1
}

// Defaults fill what is missing or null; a column can be renamed; rows can be
// chosen, and frames put one behind the other.
func ExampleFrame_WithDefaults() {
	defaults := value.NewMap(1)
	defaults.Set("pue", value.OfNumber(1.2))
	f := frame.New(2, frame.NewNumbers("kwh", []float64{1, 2})).WithDefaults(defaults)
	for _, c := range f.Columns() {
		fmt.Println(c.Name(), c.At(0))
	}
	fmt.Println(f.Row(1).Keys(), f.Slice(1, 2).At(0, "kwh"))
	again := frame.Concat(f, f.Take([]int{1, 0}))
	energy, _ := again.Vec("kwh")
	fmt.Println(energy.Floats(), f.Column("kwh").Renamed("total").Name())
	// Output:
	// kwh 1
	// pue 1.2
	// [kwh pue] 2
	// [1 2 2 1] total
}
