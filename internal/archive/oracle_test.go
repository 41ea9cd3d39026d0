package archive_test

import (
	"compress/gzip"
	"os"
	"path/filepath"
	"testing"

	"github.com/dendro-carbon/dendro/internal/archive"
	"github.com/dendro-carbon/dendro/internal/testenv"
)

// The chains of archives that perf-sentinel wrote, and of such that were tampered
// with, are judged as it does.
func TestOracleChains(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(testenv.Oracle(t), "service", "archive")
	for name, want := range map[string]struct{ windows, verified, unchained, broken, malformed int }{
		"clean":          {5, 5, 0, 0, 0},
		"legacy":         {5, 0, 5, 0, 0},
		"crash-fragment": {5, 5, 0, 0, 1},
		"dup-lines":      {6, 5, 0, 1, 0},
	} {
		v, err := archive.Verify(filepath.Join(dir, name+".ndjson"))
		if err != nil {
			t.Fatal(err)
		}
		s := v.Files[0]
		got := struct{ windows, verified, unchained, broken, malformed int }{s.Windows, s.Verified, s.Unchained, s.Broken, s.Malformed}
		if got != want {
			t.Errorf("%s: %+v, want %+v; %v", name, got, want, v.Findings)
		}
		if v.Sound() != (want.broken == 0) {
			t.Errorf("%s: %v", name, v.Findings)
		}
	}
}

func TestGzip(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile(filepath.Join(filepath.Join(testenv.Oracle(t), "service", "archive"), "clean.ndjson"))
	must(t, err)
	dir := t.TempDir()
	f, err := os.Create(filepath.Join(dir, "archive.ndjson.gz"))
	must(t, err)
	w := gzip.NewWriter(f)
	_, err = w.Write(content)
	must(t, err)
	must(t, w.Close())
	must(t, f.Close())
	v, err := archive.Verify(dir)
	if err != nil || !v.Sound() || v.Files[0].Verified != 5 {
		t.Errorf("%+v %v", v, err)
	}
	must(t, os.Truncate(filepath.Join(dir, "archive.ndjson.gz"), 1000))
	if v, err = archive.Verify(dir); err != nil || v.Sound() {
		t.Errorf("damaged: %+v %v", v, err)
	}
}
