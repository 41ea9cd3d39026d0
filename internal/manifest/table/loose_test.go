package table_test

import (
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/manifest/table"
)

// TestLooseIsCSVParse compares with what csv-parse 5.6.0 made of the same
// texts with {columns: true, skip_empty_lines: true, cast: true}, rows as JSON.
func TestLooseIsCSVParse(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/csv-parse.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		In    string
		Rows  []json.RawMessage
		Error string
	}
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) < 40 {
		t.Fatalf("only %d cases", len(cases))
	}
	for _, tc := range cases {
		got, err := read("x.csv", tc.In, table.Options{Loose: true})
		if tc.Error != "" {
			var list diag.List
			if !errors.As(err, &list) || list[0].Text != tc.Error {
				t.Errorf("%q: got %v, want %s", tc.In, err, tc.Error)
			}
			continue
		}
		var want strings.Builder
		for _, row := range tc.Rows {
			text, err := read("x.ndjson", string(row), table.Options{})
			if err != nil {
				t.Fatal(err)
			}
			want.WriteString(text)
		}
		if err != nil || got != want.String() {
			t.Errorf("%q: got %q, %v, want %q", tc.In, got, err, want.String())
		}
	}
}

func TestLooseReplacesEachInvalidByte(t *testing.T) {
	t.Parallel()
	got, err := read("x.csv", "name,b\nf\xfcr\xfc\xdf,1\n", table.Options{Loose: true})
	if err != nil || !strings.Contains(got, "f\ufffdr\ufffd\ufffd") {
		t.Errorf("got %q, %v", got, err)
	}
}
