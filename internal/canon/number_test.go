package canon_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/dendro-carbon/dendro/internal/canon"
)

// scanFloat reads a text that is one number.
func scanFloat(text string) (float64, error) {
	var s canon.Scanner
	s.Reset([]byte(text))
	x := s.Float()
	return x, s.End()
}

// TestFloatIsNearest compares with the standard library: numbers as programs write them, with one
// digit more or less, and halfway between two floats.
func TestFloatIsNearest(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(6, 28))
	check := func(text string) {
		want, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return
		}
		if got, err := scanFloat(text); err != nil || math.Float64bits(got) != math.Float64bits(want) {
			t.Fatalf("%s: %v (%v), want %v", text, got, err, want)
		}
	}
	for range 200_000 {
		x := math.Ldexp(r.Float64(), r.IntN(160)-110)
		for _, format := range []byte{'e', 'f'} {
			check(strconv.FormatFloat(x, format, -1, 64))
			check(strconv.FormatFloat(-x, format, 15+r.IntN(5), 64))
		}
		check(strconv.FormatUint(r.Uint64()>>r.IntN(64), 10) + "e" + strconv.Itoa(r.IntN(70)-45))
	}
	for range 50_000 { // m + 1/2, in few digits
		m := uint64(1)<<52 + r.Uint64N(1<<52)
		check(strconv.FormatUint(m, 10) + ".5")
		check(strconv.FormatUint(m/8, 10) + "." + []string{"0625", "1875", "3125", "4375", "5625", "6875"}[r.IntN(6)])
	}
}

// TestNumbersAsWritten holds the edges of what is a number.
func TestNumbersAsWritten(t *testing.T) {
	t.Parallel()
	for text, good := range map[string]bool{
		"0": true, "-0": true, "0.0": true, "-0.0e-0": true, "0e99999": true, "1e-99999": true, "1E+2": true, "1e308": true,
		"18446744073709551615": true, "18446744073709551616": true, "99999999999999999999999.0000000000000000000001": true,
		"0.000000000000000000000000000000000000000000001": true, "1e309": false, "1e400": false, "-1e400": false, "01": false,
		"1.": false, ".1": false, "+1": false, "1e": false, "1e+": false, "-": false, "--1": false, "NaN": false, "1_0": false, "0x1": false,
		"Infinity": false,
	} {
		got, err := scanFloat(text)
		if (err == nil) != good {
			t.Errorf("%s: error %v", text, err)
		}
		var s canon.Scanner
		s.Reset([]byte(text))
		s.Skip()
		if err := s.End(); (err == nil) != good {
			t.Errorf("skip %s: error %v", text, err)
		}
		if want, _ := strconv.ParseFloat(text, 64); good && math.Float64bits(got) != math.Float64bits(want) {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
}

// FuzzSkip passes over any text: what it takes is what the standard library takes.
func FuzzSkip(f *testing.F) {
	for _, text := range []string{
		`{}`, `[]`, `{"a":[1,{"b":null}],"c":"d\"e"}`, "[1 ,2\n]", `{"a":1,}`, `[,]`, `{"a" : 1}`, `[[[{}]]]`, `{"":{"":{}}}`, `[1e400]`, `"\u00e9"`, `{1:2}`, `[true,false,nul]`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var s canon.Scanner
		s.Reset(text)
		got := s.Skip()
		err := s.End()
		if _, slow := canon.Append(nil, text); slow == nil && err != nil {
			t.Fatalf("%q: %v, and it has a canonical text", text, err)
		}
		if err == nil && !json.Valid(text) {
			t.Fatalf("%q: skipped, and it is no JSON", text)
		}
		if err == nil && !bytes.Equal(got, bytes.Trim(text, " \t\r\n")) {
			t.Fatalf("%q: got %q", text, got)
		}
	})
}

func ExampleScanner_Rest() {
	var s canon.Scanner
	s.Reset([]byte(`{"kept": {"a": [1, 2]}, "b": 3}`))
	s.Object()
	s.Key()
	from := s.Rest()
	s.Object()
	s.Key()
	s.Skip()
	s.Key() // the object ends
	fmt.Printf("%s\n", from[:len(from)-len(s.Rest())])
	// Output:
	// {"a": [1, 2]}
}

// TestLoose: what another program writes shows that it is no canonical text; canonical text does not.
func TestLoose(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		`{"a":[1,2.5,1e-6,1.5e+16,0.00001,0.0,-0.0,10.0],"b":"é\n\"\\"}`: false, `{"a": 1}`: true, `[1 ,2]`: true, "[\n1]": true,
		`"\/"`: true, `"\u00e9"`: true, `1e-06`: true, `1E-6`: true, `1.50`: true, `0.000001`: true, `0.000010`: true, `0.00`: true, `1.0`: false,
	} {
		var s canon.Scanner
		s.Reset([]byte(text))
		s.Skip()
		if err := s.End(); err != nil || s.Loose() != want {
			t.Errorf("%s: loose %v (%v), want %v", text, s.Loose(), err, want)
		}
		if again, err := canon.Append(nil, []byte(text)); err != nil || string(again) == text && s.Loose() {
			t.Errorf("%s: canonical, and loose (%v)", text, err)
		}
	}
}

// TestCanonicalTextIsNotLoose for any numbers.
func TestCanonicalTextIsNotLoose(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 7))
	for range 100_000 {
		text := canon.AppendFloat(nil, math.Ldexp(r.Float64(), r.IntN(200)-100))
		var s canon.Scanner
		s.Reset(text)
		if s.Skip(); s.Loose() {
			t.Fatalf("%s is loose", text)
		}
	}
}

func ExampleScanner_Loose() {
	for _, text := range []string{`{"a":[1,1e-7]}`, `{"a": [1, 1e-07]}`} {
		var s canon.Scanner
		s.Reset([]byte(text))
		s.Skip()
		fmt.Println(s.Loose(), s.End())
	}
	// Output:
	// false <nil>
	// true <nil>
}
