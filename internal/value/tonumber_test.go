package value_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/dendro-carbon/dendro/internal/value"
)

func ExampleToNumber() {
	fmt.Println(value.ToNumber(" 007 "), value.ToNumber("0x1F"), value.ToNumber(""), value.ToNumber("10abc"))
	// Output: 7 31 0 NaN
}

func TestToNumber(t *testing.T) {
	for text, want := range map[string]float64{
		"12": 12, "-1.5e3": -1500, ".5": 0.5, "5.": 5, "+7": 7, "1e400": math.Inf(1), "-Infinity": math.Inf(-1),
		"\u00a0\ufeff3\u2028": 3, "0b101": 5, "0o17": 15, "0XfF": 255, "0": 0, "00": 0,
	} {
		if got := value.ToNumber(text); got != want {
			t.Errorf("%q: got %v, want %v", text, got, want)
		}
	}
	for _, text := range []string{"1_000", "1,5", "-0x10", "0x", "0xg", "0b2", "e5", ".", "infinity", "1 2", "+"} {
		if got := value.ToNumber(text); !math.IsNaN(got) {
			t.Errorf("%q: got %v, want NaN", text, got)
		}
	}
}
