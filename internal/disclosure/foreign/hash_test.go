package foreign_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dendro-carbon/dendro/internal/disclosure/foreign"
)

// oracleDir returns where recordings of the original lie.
func oracleDir(t testing.TB, parts ...string) string {
	t.Helper()
	path := filepath.Join(append([]string{"..", "..", "..", "..", "shared", "oracle", "service"}, parts...)...)
	if _, err := os.Stat(path); err != nil {
		t.Skip("the recordings of the original are not here: ", err)
	}
	return path
}

func read(t testing.TB, parts ...string) []byte {
	t.Helper()
	content, err := os.ReadFile(oracleDir(t, parts...))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func TestContentHashIsThatOfTheOriginal(t *testing.T) {
	t.Parallel()
	vectors := 0
	for line := range strings.Lines(string(read(t, "hashvec", "EXPECTED.txt"))) {
		fields := strings.Fields(line)
		got, err := foreign.ContentHash(read(t, fields[1]))
		if err != nil || got != fields[0] {
			t.Errorf("%s: %s, %v, want %s", fields[1], got, err, fields[0])
		}
		vectors++
	}
	if vectors < 10 {
		t.Errorf("%d vectors", vectors)
	}
	for _, name := range []string{"clean-internal-internal.json", "clean-internal-public.json"} {
		report := read(t, "disclose", name)
		got, err := foreign.ContentHash(report)
		if err != nil || !strings.Contains(string(report), `"content_hash": "`+got+`"`) {
			t.Errorf("%s: %s, %v", name, got, err)
		}
	}
}
