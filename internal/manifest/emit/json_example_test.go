package emit_test

import (
	"fmt"
	"math"

	"github.com/dendro-carbon/dendro/internal/manifest/emit"
	"github.com/dendro-carbon/dendro/internal/value"
)

// A value in one line, as JavaScript writes it.
func ExampleAppendJSON() {
	m := value.NewMap(4)
	m.Set("energy", value.OfNumber(1e21))
	m.Set("carbon", value.OfNumber(math.NaN()))
	m.Set("since", value.OfTime(0))
	m.Set("gone", value.Value{})
	fmt.Println(string(emit.AppendJSON([]byte("row: "), value.OfMap(m))))
	// Output: row: {"energy":1e+21,"carbon":null,"since":"1970-01-01T00:00:00.000Z"}
}
