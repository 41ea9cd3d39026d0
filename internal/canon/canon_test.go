package canon_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/canon"
)

func ExampleAppend() {
	text, err := canon.Append(nil, []byte(`{ "seq": 1, "kwh": 1E-6, "ratio": 1.0, "report": {"b": 2, "a": "\u00e9\/"} }`))
	fmt.Println(string(text), err)
	// Output: {"kwh":1e-6,"ratio":1.0,"report":{"a":"é/","b":2},"seq":1} <nil>
}

func ExampleAppendFloat() {
	for _, x := range []float64{1, 0.00001, 0.000001, 1e15, 1e16} {
		fmt.Println(string(canon.AppendFloat(nil, x)))
	}
	// Output:
	// 1.0
	// 0.00001
	// 1e-6
	// 1000000000000000.0
	// 1e+16
}

func ExampleAppendString() {
	fmt.Println(string(canon.AppendString(nil, "a \"b\"\n\x01é")))
	// Output: "a \"b\"\n\u0001é"
}

func ExampleScanner() {
	var s canon.Scanner
	s.Reset([]byte(`{"name": "cart", "ops": 7, "kwh": 1e-6, "measured": false, "region": null, "rest": [1, {"x": null}]}`))
	s.Object()
	for key, more := s.Key(); more; key, more = s.Key() {
		switch string(key) {
		case "name":
			fmt.Println(s.Text())
		case "ops":
			fmt.Println(s.Uint())
		case "kwh":
			fmt.Println(s.Float())
		case "measured":
			fmt.Println(s.Bool())
		case "region":
			fmt.Println("no region:", s.Null())
		default:
			fmt.Printf("%s\n", s.Skip())
		}
	}
	fmt.Println(s.End())
	// Output:
	// cart
	// 7
	// 1e-06
	// false
	// no region: true
	// [1, {"x": null}]
	// <nil>
}

func ExampleScanner_Array() {
	var s canon.Scanner
	s.Reset([]byte(`["cart", 1.0, true]`))
	s.Array()
	for s.Next() {
		switch s.Peek() {
		case '"':
			fmt.Printf("%s\n", s.TextBytes())
		case 't', 'f':
			s.Fail("expected a text or a number")
		default:
			fmt.Printf("%s\n", s.Number())
		}
	}
	fmt.Println(s.Err())
	// Output:
	// cart
	// 1.0
	// not valid JSON: byte 14: expected a text or a number
}

func ExampleCanonicalizer_Append() {
	var c canon.Canonicalizer // keeps its memory from line to line
	var text []byte
	for _, line := range []string{`{"b":1,"a":2}`, `{"b":1,}`} {
		var err error
		text, err = c.Append(text[:0], []byte(line))
		fmt.Println(string(text), err)
	}
	// Output:
	// {"a":2,"b":1} <nil>
	// {"b":1} not valid JSON: byte 7: a comma without a value
}

func TestAppendFloat(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		x    float64
		want string
	}{
		{0, "0.0"},
		{math.Copysign(0, -1), "-0.0"},
		{1, "1.0"},
		{78, "78.0"},
		{-12.5, "-12.5"},
		{100, "100.0"},
		{123456.75, "123456.75"},
		{0.5, "0.5"},
		{0.05, "0.05"},
		{1e-5, "0.00001"},
		{1.25e-5, "0.0000125"},
		{9.99e-6, "9.99e-6"},
		{1e-6, "1e-6"},
		{1e-7, "1e-7"},
		{1.5e-300, "1.5e-300"},
		{5e-324, "5e-324"},
		{1.0 / 3, "0.3333333333333333"},
		{1e15, "1000000000000000.0"},
		{9007199254740993, "9007199254740992.0"},
		{1e16, "1e+16"},
		{1.25e16, "1.25e+16"},
		{1e21, "1e+21"},
		{math.MaxFloat64, "1.7976931348623157e+308"},
		{math.NaN(), "null"},
		{math.Inf(1), "null"},
		{math.Inf(-1), "null"},
	} {
		if got := string(canon.AppendFloat([]byte("x"), c.x)); got != "x"+c.want {
			t.Errorf("%g: got %s, want x%s", c.x, got, c.want)
		}
	}
}

func FuzzAppendFloat(f *testing.F) {
	for _, x := range []float64{0, 1, -1, 1e-5, 1e15, 123.456, 5e-324} {
		f.Add(math.Float64bits(x))
	}
	f.Fuzz(func(t *testing.T, bits uint64) {
		x := math.Float64frombits(bits)
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return
		}
		text := string(canon.AppendFloat(nil, x))
		back, err := strconv.ParseFloat(text, 64)
		if err != nil || math.Float64bits(back) != bits {
			t.Errorf("%v is written as %s, which reads as %v, %v", x, text, back, err)
		}
		if !strings.ContainsAny(text, ".e") {
			t.Errorf("%v is written as %s, which is an integer", x, text)
		}
	})
}

func TestAppend(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, text, want string }{
		{"keys", `{"b":1,"a":2}`, `{"a":2,"b":1}`},
		{"keys-in-depth", `[{"z":{"y":1,"x":2},"a":[]}]`, `[{"a":[],"z":{"x":2,"y":1}}]`},
		{"keys-as-bytes", `{"é":1,"z":2,"Z":3}`, `{"Z":3,"z":2,"é":1}`},
		{"keys-unescaped", `{"\u0061":1,"A":2}`, `{"A":2,"a":1}`},
		{"last-of-equal-keys", `{"a":1,"b":2,"a":3}`, `{"a":3,"b":2}`},
		{"space", " { \"a\" :\t[ 1 , 2 ] }\n", `{"a":[1,2]}`},
		{"empty", `{"a":{},"b":[]}`, `{"a":{},"b":[]}`},
		{"integers", `[0,-1,18446744073709551615,-9223372036854775808]`, `[0,-1,18446744073709551615,-9223372036854775808]`},
		{"integers-beyond", `[18446744073709551616,-0]`, `[1.8446744073709552e+19,-0.0]`},
		{"floats", `[1.0,1e0,100E-2,0.0000010,1e-400]`, `[1.0,1.0,1.0,1e-6,0.0]`},
		{"escapes", `"\/\b\f\n\r\t\"\\\u001f\u00e9\ud83d\ude00\u007f"`, "\"/\\b\\f\\n\\r\\t\\\"\\\\\\u001fé😀\x7f\""},
		{"words", `[true,false,null]`, `[true,false,null]`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := canon.Append(nil, []byte(c.text))
			if err != nil || string(got) != c.want {
				t.Errorf("got %s, %v, want %s", got, err, c.want)
			}
		})
	}
}

func TestAppendRefuses(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", " ", "{", "[", `"`, `{"a"}`, `{"a":}`, `{"a":1,}`, `[1,]`, `[,1]`, `{,}`, `[1 2]`, `{1:2}`, `{"a":1 "b":2}`,
		"tru", "nul", "True", "NaN", "Infinity", "01", "-", "+1", ".5", "1.", "1e", "1e+", "0x1", "1e999", "-1e999",
		`"\x"`, `"\u12"`, `"\u12g4"`, `"\ud83d"`, `"\ud83dx"`, `"\ude00"`, "\"\n\"", "\"\x01\"", `"\`, `"a\n`, "\"\xff\"", "\xef\xbb\xbf{}",
		`{"a":-1e999}`, "{} {}", "1 1", "[]]", strings.Repeat("[", canon.MaxDepth+1) + strings.Repeat("]", canon.MaxDepth+1),
	} {
		if got, err := canon.Append(nil, []byte(text)); !errors.Is(err, canon.ErrSyntax) {
			t.Errorf("%.40q: got %s, %v, want an error", text, got, err)
		}
	}
}

func TestScannerStopsAtTheFirstError(t *testing.T) {
	t.Parallel()
	var s canon.Scanner
	s.Reset([]byte(`{"a": -1, "b": 2}`))
	s.Object()
	s.Key()
	if got := s.Uint(); got != 0 || s.Err() == nil {
		t.Fatalf("-1 read as a whole number: %d, %v", got, s.Err())
	}
	before := s.Err()
	if _, more := s.Key(); more || s.Array() || s.Next() || s.Text() != "" || s.Float() != 0 || s.Bool() || s.Skip() != nil {
		t.Error("a scanner that was stopped gives values")
	}
	if !errors.Is(s.End(), before) {
		t.Errorf("the first error was %v, the last is %v", before, s.Err())
	}
}

// TestSkipRefusesWhatAppendRefuses: a text that is passed over is JSON all the same.
func TestSkipRefusesWhatAppendRefuses(t *testing.T) {
	t.Parallel()
	for _, text := range []string{`[1e999]`, `[-1E+999]`, `[1` + strings.Repeat("0", 400) + `]`, `[1,]`, "[\"\x01\"]", `["\ud83d"]`, `[01]`} {
		var s canon.Scanner
		s.Reset([]byte(text))
		s.Skip()
		if _, err := canon.Append(nil, []byte(text)); err == nil || s.End() == nil {
			t.Errorf("%.20s: skipped %v, written %v", text, s.Err(), err)
		}
	}
}

// TestStringsOfAllLengths puts each byte that means something at each place.
func TestStringsOfAllLengths(t *testing.T) {
	t.Parallel()
	for length := range 40 {
		for at := range length {
			for c := range 256 {
				text := bytes.Repeat([]byte{'x'}, length)
				text[at] = byte(c)
				var s canon.Scanner
				s.Reset(append(append([]byte{'"'}, text...), '"'))
				got := s.TextBytes()
				if plain := c >= ' ' && c != '"' && c != '\\'; plain && (s.End() != nil || !bytes.Equal(got, text)) ||
					!plain && s.End() == nil {
					t.Fatalf("%q: got %q, %v", text, got, s.Err())
				}
			}
		}
	}
}

func FuzzAppend(f *testing.F) {
	for _, text := range []string{
		`{"b":1,"a":[1.5,-0,1e20,"\u00e9\ud83d\ude00"],"a":null}`, `[[],{},true]`, `"x"`, `1e-7`, `{"\u0061":{"a":1,"a":2}}`, `{"a":1,}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		once, err := canon.Append(nil, text)
		if err != nil {
			return
		}
		again, err := canon.Append(nil, once)
		if err != nil || string(again) != string(once) {
			t.Fatalf("%s is canonical, and again %s, %v", once, again, err)
		}
		var have, want any
		if err := json.Unmarshal(text, &want); err != nil {
			t.Fatalf("%q is taken, but encoding/json says %v", text, err)
		}
		if err := json.Unmarshal(once, &have); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, have); diff != "" {
			t.Errorf("%q and %s differ: %s", text, once, diff)
		}
	})
}

func BenchmarkAppend(b *testing.B) {
	line := []byte(`{"green_summary":{"b":1.25e-6,"a":{"x":"order-svc","y":[1,2,3]}},"analysis":{"duration_ms":0,"events":19}}`)
	var c canon.Canonicalizer
	var dst []byte
	b.SetBytes(int64(len(line)))
	b.ReportAllocs()
	for b.Loop() {
		dst, _ = c.Append(dst[:0], line)
	}
}
