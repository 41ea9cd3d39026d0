package scan_test

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"testing"

	"github.com/dendro-carbon/dendro/internal/manifest/scan"
	"github.com/dendro-carbon/dendro/internal/value"
)

func ExampleResolve() {
	for _, s := range []string{"60", "0x1F", "1_000", "yes", "~", "true", ".inf", "2023-12-12", "2023-12-12T00:00"} {
		v := scan.Resolve(s)
		fmt.Println(v.Kind(), v)
	}
	// Output:
	// number 60
	// number 31
	// string 1_000
	// string yes
	// null null
	// boolean true
	// number Infinity
	// date 2023-12-12T00:00:00.000Z
	// string 2023-12-12T00:00
}

func TestResolve(t *testing.T) {
	t.Parallel()
	nan, inf, negativeZero := math.NaN(), math.Inf(1), math.Copysign(0, -1)
	numbers := map[string]float64{
		"0": 0, "1": 1, "-1": -1, "+1": 1, "007": 7, "0777": 777, "-0": 0, "+0": 0, "-00": negativeZero, "-0.0": negativeZero, "-0e5": negativeZero,
		"12345678901234567890": 12345678901234567890, "9007199254740993": 9007199254740992, "9007199254740992.9": 9007199254740992,
		"0b11": 3, "-0b11": -3, "0o17": 15, "-0o7": -7, "0x1F": 31, "0xff": 255, "+0x10": 16, "-0x0": negativeZero,
		"0x20000000000001": 9007199254740992, "0x20000000000003": 9007199254740996,
		"1.": 1, "1.5": 1.5, "-1.5": -1.5, "+1.5": 1.5, ".5": 0.5, "1e3": 1000, "1E+3": 1000, "1e-3": 0.001, "1.e2": 100, ".5e1": 5, "1e22": 1e22, "1e23": 1e23,
		"123e-25": 123e-25, "1e308": 1e308, "1e-400": 0, "4.9e-324": 5e-324, "0.1": 0.1, "0.30000000000000004": 0.30000000000000004, "1e-99999999999999999999": 0,
		"2.2250738585072011e-308": 2.2250738585072011e-308, "0.00021527777777777776": 0.00021527777777777776,
		".inf": inf, ".Inf": inf, ".INF": inf, "+.inf": inf, "-.inf": -inf, ".nan": nan, ".NaN": nan, ".NAN": nan,
	}
	for s, want := range numbers {
		if got := scan.Resolve(s); !value.Equal(got, value.OfNumber(want)) {
			t.Errorf("%s: got %v %v, want the number %v", s, got.Kind(), got, want)
		}
	}
	for _, s := range []string{
		"1_000", "0b", "0b2", "0o8", "0x", "0xG", "0B1", "0X1", "0O7", "-.5", "+.5", ".", "-", "+", "e1", "1e", "1e+", "1.2.3", ".e1", "1.5e3.2",
		"-.nan", "+.nan", ".iNF", "inf", "nan", "NaN", "Infinity", "1e309", "-1e309", "1e99999999999999999999", "0x" + strings.Repeat("f", 257), strings.Repeat("9", 400),
		"yes", "no", "on", "off", "y", "n", "tRue", "nULL", "text", "1,5", "10abc", "<<", "=",
	} {
		if got, ok := scan.Resolve(s).Str(); !ok || got != s {
			t.Errorf("%.40s: got %v, want the text", s, scan.Resolve(s))
		}
	}
	for _, s := range []string{"", "~", "null", "Null", "NULL"} {
		if scan.Resolve(s).Kind() != value.Null {
			t.Errorf("%q is not null", s)
		}
	}
}

func TestTimestamp(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		"2023-07-06": "2023-07-06T00:00:00.000Z", "2023-02-31": "2023-03-03T00:00:00.000Z", "2023-13-01": "2024-01-01T00:00:00.000Z",
		"2023-00-10": "2022-12-10T00:00:00.000Z", "2023-01-00": "2022-12-31T00:00:00.000Z", "0099-12-31": "1999-12-31T00:00:00.000Z",
		"0000-01-01T00:00:00Z":     "1900-01-01T00:00:00.000Z",
		"2023-12-12T01:02:03.004Z": "2023-12-12T01:02:03.004Z", "2023-12-12t01:02:03Z": "2023-12-12T01:02:03.000Z",
		"2023-12-12 01:02:03": "2023-12-12T01:02:03.000Z", "2023-12-12 \t 1:02:03.5": "2023-12-12T01:02:03.500Z", "2023-1-2T1:02:03": "2023-01-02T01:02:03.000Z",
		"2023-12-12T01:02:03.123999Z": "2023-12-12T01:02:03.123Z", "2023-12-12T01:02:03.": "2023-12-12T01:02:03.000Z",
		"2023-12-12T01:02:03+02:00": "2023-12-11T23:02:03.000Z", "2023-12-12T01:02:03 -5": "2023-12-12T06:02:03.000Z",
		"2023-12-12T01:02:03-00:30": "2023-12-12T01:32:03.000Z", "2023-12-12T25:61:61Z": "2023-12-13T02:02:01.000Z", "2023-12-12T01:02:03 Z": "2023-12-12T01:02:03.000Z",
	} {
		ms, ok := scan.Timestamp(s)
		if got := string(value.AppendISO(nil, ms, value.ISOMillis)); !ok || got != want {
			t.Errorf("%s: got %v %v, want %s", s, got, ok, want)
		}
	}
	for _, s := range []string{
		"", "2023-7-6", "2023-07-6", "20230-01-01", "2023-07-06T00:00", "2023-12-12T00:00:0Z", "2023-12-12T00:00:00z", "2023-12-12T00:00:00+1:2",
		"2023-12-12T00:00:00+0530", "2023-12-12T00:00:00UTC", "2023-12-12X00:00:00Z", "2023-12-12T", "2023-12-12 ", "2023/12/12", "12:30:45", "2023-12-12T00:00:00 ", "2023-12-12T00:00:00+",
	} {
		if ms, ok := scan.Timestamp(s); ok {
			t.Errorf("%q was taken for %d", s, ms)
		}
	}
}

// FuzzNumber compares with the general ways of the standard library.
func FuzzNumber(f *testing.F) {
	for _, s := range []string{"1", "-2.50", "1e-7", "9007199254740993", "0.1e23", "0x1F", "-0o17", "0b1", "1e400", "123456789012345678901", ".5"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, ok := scan.Number(s)
		if !ok || strings.ContainsAny(s, "nN") { // .inf, .nan
			return
		}
		if n, isInt := new(big.Int).SetString(strings.TrimPrefix(s, "+"), base(s)); isInt && !strings.ContainsAny(s, "._") {
			want, _ := new(big.Float).SetInt(n).Float64()
			if got != want {
				t.Errorf("%s: got %v, want %v", s, got, want)
			}
			return
		}
		if want, err := strconv.ParseFloat(s, 64); err != nil || got != want {
			t.Errorf("%s: got %v, want %v %v", s, got, want, err)
		}
	})
}

// base returns the base to read an integer in: in Go's base 0, 007 is octal.
func base(s string) int {
	if strings.ContainsAny(s, "xbo") {
		return 0
	}
	return 10
}
