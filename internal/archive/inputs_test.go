package archive_test

import (
	"compress/gzip"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/archive"
	"github.com/dendro-carbon/dendro/internal/disclosure"
	"github.com/dendro-carbon/dendro/internal/disclosure/fold"
)

// inputLine is a window of the original.
const inputLine = `{"report":{"analysis":{"events_processed":1,"traces_analyzed":1},"findings":[],"quality_gate":{},"green_summary":` +
	`{"total_io_ops":1,"avoidable_io_ops":0,"io_waste_ratio":0,"io_waste_ratio_band":"healthy","top_offenders":[],"energy_kwh":1}},"ts":"2026-02-01T00:00:00Z"}` + "\n"

func year() account.Span {
	return account.NewSpan(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC))
}

func put(t *testing.T, path, content string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestInputsOfEveryKind: plain, gzip and zstd hold the same windows, and a path that
// comes twice is one input.
func TestInputsOfEveryKind(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	plain := put(t, filepath.Join(dir, "a.ndjson"), inputLine)
	var zipped, squeezed strings.Builder
	z := gzip.NewWriter(&zipped)
	if _, err := z.Write([]byte(inputLine)); err != nil || z.Close() != nil {
		t.Fatal(err)
	}
	e, err := zstd.NewWriter(&squeezed)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Write([]byte(inputLine)); err != nil || e.Close() != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join(dir, "b.ndjson.gz"), zipped.String())
	put(t, filepath.Join(dir, "c.ndjson.zst"), squeezed.String())
	put(t, filepath.Join(dir, "d.ndjson.gz"), zipped.String()[:zipped.Len()-20]) // its end is gone
	inputs, err := archive.Inputs([]string{dir, plain, plain}, year())
	if err != nil {
		t.Fatal(err)
	}
	p, err := fold.Archives(t.Context(), fold.Config{Span: year()}, inputs)
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Inputs) != 4 || p.Windows.Counted != 1 || p.Windows.Duplicates < 2 || p.Inputs[2].Counted != 0 {
		t.Errorf("%d inputs, %+v", len(p.Inputs), p.Windows)
	}
	damaged := false
	for _, f := range p.Quality.Findings {
		damaged = damaged || f.Code == disclosure.FindingUnreadable && f.Input == "d.ndjson.gz" && f.Grave
	}
	if !damaged {
		t.Errorf("the damaged file is not told: %+v", p.Quality.Findings)
	}
}

func TestInputsRefuseLinks(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	elsewhere := put(t, filepath.Join(t.TempDir(), "a.ndjson"), inputLine)
	link := filepath.Join(dir, "link.ndjson")
	if err := os.Symlink(elsewhere, link); err != nil {
		t.Skip(err)
	}
	for _, path := range []string{link, dir, t.TempDir()} {
		if _, err := archive.Inputs([]string{path}, year()); !errors.Is(err, archive.ErrInput) {
			t.Errorf("%s: %v", path, err)
		}
	}
	if _, err := archive.Inputs([]string{filepath.Join(dir, "none")}, year()); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}

// TestInputsTellWhatIsMissing: a file that the manifest knows and that is gone, and one that it
// does not know.
func TestInputsTellWhatIsMissing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put(t, filepath.Join(dir, "windows.ndjson"), inputLine)
	put(t, filepath.Join(dir, "stranger.ndjson"), inputLine)
	put(t, filepath.Join(dir, "manifest.json"), `{"schema":"dendro-archive/v1","files":[`+
		`{"number":1,"name":"windows-20260201T000000000000000Z.ndjson","lines":3,"bytes":9,"sha256":"","head":"","closed":true,"from":"2026-02-01T00:00:00Z","to":"2026-02-02T00:00:00Z"},`+
		`{"number":2,"name":"windows.ndjson","lines":2,"bytes":9,"sha256":"","head":""}]}`)
	inputs, err := archive.Inputs([]string{dir}, year())
	if err != nil {
		t.Fatal(err)
	}
	p, err := fold.Archives(t.Context(), fold.Config{Span: year()}, inputs)
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]bool{}
	for _, f := range p.Quality.Findings {
		if f.Code == disclosure.FindingArchive && f.Grave {
			told[f.Input] = true
		}
	}
	for _, name := range []string{"windows-20260201T000000000000000Z.ndjson", "stranger.ndjson", "windows.ndjson"} {
		if !told[name] {
			t.Errorf("%s is not told: %+v", name, p.Quality.Findings)
		}
	}
}

// TestInputsOfTwoServers have names of their own, whatever the order.
func TestInputsOfTwoServers(t *testing.T) {
	t.Parallel()
	var paths []string
	root := t.TempDir()
	for _, server := range []string{"one/data", "two/data"} {
		dir := filepath.Join(root, server)
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, put(t, filepath.Join(dir, "windows.ndjson"), inputLine))
	}
	for range 2 {
		inputs, err := archive.Inputs(paths, year())
		if err != nil {
			t.Fatal(err)
		}
		p, err := fold.Archives(t.Context(), fold.Config{Span: year()}, inputs)
		if err != nil {
			t.Fatal(err)
		}
		if p.Inputs[0].Name != "one/data/windows.ndjson" || p.Inputs[1].Name != "two/data/windows.ndjson" || p.Inputs[1].Duplicates != 1 {
			t.Errorf("%+v", p.Inputs)
		}
		paths[0], paths[1] = paths[1], paths[0]
	}
}
