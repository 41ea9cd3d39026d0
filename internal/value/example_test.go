package value_test

import (
	"fmt"

	"github.com/dendro-carbon/dendro/internal/value"
)

// A map keeps the order of its keys and the lines of the file that they stand on.
func ExampleMap() {
	m := value.NewMap(3)
	m.SetAt("name", value.OfText("shop"), 1)
	m.SetAt("duration", value.OfNumber(3600), 2)
	m.SetAt("explainer", value.OfBool(true), 3)
	m.Set("duration", value.OfNumber(60)) // in place
	m.Delete("explainer")
	for key, v := range m.All() {
		fmt.Println(key, "=", v, "in line", m.Line(key))
	}
	last := m.Len() - 1
	fmt.Println(m.Key(last), m.At(last), m.LineAt(last), m.Find("name"), m.Find("missing"))
	// Output:
	// name = shop in line 1
	// duration = 60 in line 2
	// duration 60 2 0 -1
}

// Absent, null and 0 are three different things.
func ExampleValue_IsNullish() {
	m := value.NewMap(2)
	m.Set("unknown", value.OfNull())
	m.Set("none", value.OfNumber(0))
	for _, key := range []string{"missing", "unknown", "none"} {
		v := m.Get(key)
		fmt.Println(key, v.Kind(), m.Has(key), v.IsNullish(), v.Truthy())
	}
	// Output:
	// missing undefined false true false
	// unknown null true true false
	// none number true false false
}

// What a value holds is asked for by kind; a value of another kind says no.
func ExampleValue_Float() {
	m := value.NewMap(1)
	m.Set("unit", value.OfText("kWh"))
	for _, v := range []value.Value{
		value.OfNumber(1.5), value.OfText("1.5"), value.OfBool(true), value.OfTime(0),
		value.OfList([]value.Value{value.OfNumber(1), value.OfNull()}), value.OfMap(m), value.OfBulk(2),
	} {
		switch v.Kind() {
		case value.Number:
			fmt.Println(v.Float())
		case value.Text:
			_, isNumber := v.Float()
			text, _ := v.Str()
			fmt.Println(text, isNumber)
		case value.Bool:
			fmt.Println(v.Bool())
		case value.Time:
			ms, _ := v.Millis()
			fmt.Println(ms, v)
		case value.List:
			fmt.Println(len(v.List()), v.List()[1])
		case value.Object:
			fmt.Println(v.Map().Get("unit"))
		case value.Bulk:
			fmt.Println(v.BulkIndex())
		}
	}
	// Output:
	// 1.5 true
	// 1.5 false
	// true true
	// 0 1970-01-01T00:00:00.000Z
	// 2 null
	// kWh
	// 2 true
}

// A clone shares nothing that can change.
func ExampleValue_Clone() {
	m := value.NewMap(1)
	m.Set("carbon", value.OfNumber(1))
	before := value.OfMap(m)
	after, copied := before.Clone(), m.Clone()
	after.Map().Set("carbon", value.OfNumber(2))
	fmt.Println(m.Get("carbon"), value.Equal(before, value.OfMap(copied)), value.Equal(before, after))
	// Output: 1 true false
}

// Groups are named after values as JavaScript prints them.
func ExampleValue_ScriptText() {
	list := value.OfList([]value.Value{value.OfNumber(1), value.OfText("a")})
	fmt.Println(value.OfTime(0).ScriptText())
	fmt.Println(list.ScriptText(), list)
	fmt.Println(value.OfNumber(0.1).ScriptText())
	// Output:
	// Thu Jan 01 1970 00:00:00 GMT+0000 (Coordinated Universal Time)
	// 1,a array
	// 0.1
}

// An observation's line, written without fmt.
func ExampleAppendISO() {
	day := value.DaysFromCivil(2024, 2, 29) * 24 * 60 * 60 * 1000
	line := value.AppendISO(nil, day, value.ISOSeconds)
	line = append(line, ',')
	a, b := 0.1, 0.2
	line = value.AppendNumber(line, a+b)
	fmt.Println(string(line))
	// Output: 2024-02-29T00:00:00Z,0.30000000000000004
}
