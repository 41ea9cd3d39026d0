package archive_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/dendro-carbon/dendro/internal/archive"
)

// Whatever is in a file, reading it ends without panic, and what is written behind it
// is found.
func FuzzRead(f *testing.F) {
	f.Add([]byte("{}\n{\"hash\":\"sha256:00\",\"prev\":\"perf-sentinel-archive/v1\",\"seq\":0}\n"))
	f.Add([]byte("\x1f\x8b\x08"))
	f.Add([]byte("\x28\xb5\x2f\xfd\x00"))
	f.Add([]byte("\n\n\xff\n{"))
	f.Fuzz(func(t *testing.T, content []byte) {
		dir := t.TempDir()
		name := filepath.Join(dir, "windows.ndjson")
		must(t, os.WriteFile(name, content, 0o600))
		plain := !bytes.HasPrefix(content, []byte("\x1f\x8b")) && !bytes.HasPrefix(content, []byte("\x28\xb5\x2f\xfd"))
		lines := 0
		err := archive.ReadFile(name, 1, func(l *archive.Line) error {
			lines++
			if l.Fault == nil && l.Chain == archive.ChainMalformed {
				t.Errorf("a window that is malformed: %q", l.Text)
			}
			return nil
		})
		if plain && (err != nil || lines > bytes.Count(content, []byte{'\n'})+1) {
			t.Fatalf("%d lines: %v", lines, err)
		}
		if !plain {
			return
		}
		a, err := archive.Open(archive.Config{Dir: dir})
		must(t, err)
		mark, err := a.Append(scored(t, 3), noon())
		must(t, err)
		must(t, a.Close())
		last := archive.Line{}
		must(t, archive.ReadFile(name, 1, func(l *archive.Line) error { last = *l; return nil }))
		if last.Fault != nil || last.Window.Analysis.Events != 4 || last.At != mark {
			t.Errorf("the window is at %v, want %v: %v", last.At, mark, last.Fault)
		}
	})
}
