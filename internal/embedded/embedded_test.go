package embedded_test

import (
	"errors"
	"fmt"
	"testing"
	"testing/fstest"

	"github.com/dendro-carbon/dendro/internal/embedded"
)

func ExampleRecords() {
	files := fstest.MapFS{"means.csv": {Data: []byte("# from somewhere\nFRA,56\nGBR,238\n")}}
	err := embedded.Records(files, "means.csv", 2, func(fields []string) error {
		fmt.Println(fields[0], fields[1])
		return nil
	})
	fmt.Println(err)
	// Output:
	// FRA 56
	// GBR 238
	// <nil>
}

// TestWrongTables asks that an error leads to the place in the table.
func TestWrongTables(t *testing.T) {
	t.Parallel()
	refused := errors.New("refused")
	files := fstest.MapFS{"short.csv": {Data: []byte("a,b\nc\n")}, "good.csv": {Data: []byte("a,b\nc,d\n")}}
	for name, want := range map[string]string{
		"none.csv": "open none.csv: file does not exist", "short.csv": "short.csv: record on line 2: wrong number of fields",
		"good.csv": "good.csv: record 2: refused",
	} {
		err := embedded.Records(files, name, 2, func(fields []string) error {
			if fields[0] == "c" {
				return refused
			}
			return nil
		})
		if err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", name, err, want)
		}
		if name == "good.csv" && !errors.Is(err, refused) {
			t.Errorf("%v does not wrap what was refused", err)
		}
	}
}
