package value_test

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/value"
)

func ExampleAppendNumber() {
	for _, f := range []float64{1, 0.1, 1e21, 123456789012345680000, 1e-7, 0.000001, math.Copysign(0, -1), math.Inf(-1)} {
		fmt.Println(value.NumberText(f))
	}
	// Output:
	// 1
	// 0.1
	// 1e+21
	// 123456789012345680000
	// 1e-7
	// 0.000001
	// 0
	// -Infinity
}

func ExampleParseFloat() {
	fmt.Println(value.ParseFloat("10abc"), value.ParseFloat("1,5"), value.ParseFloat("0x10"), value.ParseFloat("."))
	// Output: 10 1 0 NaN
}

func ExampleParseISO() {
	ms, layout := value.ParseISO("2023-12-12T00:00:00.000Z")
	fmt.Println(ms, string(value.AppendISO(nil, ms+1500, layout)))
	// Output: 1702339200000 2023-12-12T00:00:01.500Z
}

func ExampleMap_IntegerKeysFirst() {
	m := value.NewMap(4)
	for _, k := range []string{"b", "10", "a", "9", "01"} {
		m.Set(k, value.OfNull())
	}
	m.IntegerKeysFirst()
	fmt.Println(m.Keys())
	// Output: [9 10 b a 01]
}

func TestParseISOAgreesWithTime(t *testing.T) {
	for _, s := range []string{
		"2024-02-29T23:59:59.999Z", "1969-12-31T00:00:00.001Z", "0001-01-01T00:00:00.000Z",
		"9999-12-31T23:59:59.999Z", "1900-03-01T12:00:00.000Z",
	} {
		want, err := time.Parse(time.RFC3339Nano, s)
		if err != nil {
			t.Fatal(err)
		}
		ms, layout := value.ParseISO(s)
		if layout != value.ISOMillis || ms != want.UnixMilli() {
			t.Errorf("%s: got %d, want %d", s, ms, want.UnixMilli())
		}
	}
	for _, s := range []string{
		"2023-02-29T00:00:00.000Z", "2023-13-01T00:00", "2023-01-00T00:00", "2023-01-01T24:00",
		"2023-01-01T00:00:00+01:00", "2023-01-01 00:00", "2023-1-01T00:00:0", "2023-01-01T00:00:00.00Z", "",
	} {
		if _, layout := value.ParseISO(s); layout != value.NoLayout {
			t.Errorf("%q was taken for an instant", s)
		}
	}
}

// The texts are those of JavaScript's toISOString.
func TestAppendISOBeyondFourDigits(t *testing.T) {
	for ms, want := range map[int64]string{
		253402300800000:   "+010000-01-01T00:00:00.000Z",
		8640000000000000:  "+275760-09-13T00:00:00.000Z",
		-62167219200000:   "0000-01-01T00:00:00.000Z",
		-62167219200001:   "-000001-12-31T23:59:59.999Z",
		-8640000000000000: "-271821-04-20T00:00:00.000Z",
	} {
		if got := string(value.AppendISO(nil, ms, value.ISOMillis)); got != want {
			t.Errorf("%d: got %s, want %s", ms, got, want)
		}
	}
}

func FuzzParseISO(f *testing.F) {
	for _, s := range []string{"2023-12-12T00:00:00.000Z", "2023-12-12T00:00:00Z", "2023-12-12T00:00Z", "2023-12-12T00:00", "2023-12-12T00:00:00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		ms, layout := value.ParseISO(s)
		if layout == value.NoLayout {
			return
		}
		if got := string(value.AppendISO(nil, ms, layout)); got != s {
			t.Errorf("got %q, want %q", got, s)
		}
	})
}

func FuzzParseFloat(f *testing.F) {
	for _, s := range []string{"1", "-1.5e3x", ".5", "5.", "Infinity", "e5", "+.e1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := value.ParseFloat(s)
		if got == got && !math.IsInf(got, 0) && value.ParseFloat(value.NumberText(got)) != got {
			t.Errorf("%q: %v does not read back", s, got)
		}
	})
}

func TestMapIndexAgreesWithLinear(t *testing.T) {
	m := value.NewMap(0)
	var keys []string
	for i := range 40 {
		k := fmt.Sprintf("k%d", i)
		keys = append(keys, k)
		m.Set(k, value.OfNumber(float64(i)))
	}
	m.Delete("k7")
	keys = slices.Delete(keys, 7, 8)
	if !slices.Equal(m.Keys(), keys) {
		t.Errorf("got %v", m.Keys())
	}
	for i, k := range keys {
		if m.Find(k) != i {
			t.Errorf("%s: found at %d, want %d", k, m.Find(k), i)
		}
	}
	if m.Has("k7") {
		t.Error("k7 was deleted")
	}
}
