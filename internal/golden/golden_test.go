package golden

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// recorder is a test that can fail without failing the test around it.
type recorder struct {
	testing.TB
	failure string
}

func (r *recorder) Helper()             {}
func (r *recorder) Logf(string, ...any) {}
func (r *recorder) Fatalf(format string, args ...any) {
	r.failure = fmt.Sprintf(format, args...)
	runtime.Goexit()
}

// failure runs one comparison as its own test and returns what it failed with.
func failure(t *testing.T, path, got string, update bool) string {
	t.Helper()
	rec := &recorder{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		equal(rec, path, []byte(got), update)
	}()
	<-done
	return rec.failure
}

func TestEqual(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, file, got string
		missing         bool
		want            string // part of the failure; empty: no failure
	}{
		{name: "same", file: "a\nb\n", got: "a\nb\n"},
		{name: "empty", file: "", got: ""},
		{name: "differs", file: "a\nb\nc\n", got: "a\nB\nc\n", want: "\n-b\n+B\n"},
		{name: "no-final-newline", file: "a\n", got: "a", want: "not as recorded"},
		{name: "missing", missing: true, got: "a\n", want: "there is no such golden file"},
		{name: "cr-in-file", file: "a\r\nb\r\n", got: "a\nb\n", want: ":1: the golden file holds a carriage return"},
		{name: "cr-in-result", file: "a\nb\n", got: "a\nb\r\n", want: "carriage return at line 2"},
		{name: "cr-on-both-sides", file: "a\r\n", got: "a\r\n", want: "carriage return at line 1"},
		{name: "long", file: "", got: strings.Repeat("x\n", 500), want: "… and more\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "golden.txt")
			if !test.missing {
				put(t, path, test.file)
			}
			got := failure(t, path, test.got, false)
			if test.want == "" && got != "" {
				t.Errorf("failed: %s", got)
			}
			if !strings.Contains(got, test.want) {
				t.Errorf("failure %q does not say %q", got, test.want)
			}
		})
	}
}

func TestEqualShowsOnlyTheFirstLinesOfALongDiff(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "golden.txt")
	put(t, path, "")
	got := failure(t, path, strings.Repeat("x\n", 500), false)
	if n := strings.Count(got, "\n"); n > maxDiff+3 {
		t.Errorf("the failure has %d lines, want at most %d", n, maxDiff+3)
	}
}

func TestUpdate(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "new", "golden.txt")
	for _, got := range []string{"first\n", "second\n", "second\n"} {
		if f := failure(t, path, got, true); f != "" {
			t.Fatalf("update failed: %s", f)
		}
		if f := failure(t, path, got, false); f != "" {
			t.Fatalf("after an update: %s", f)
		}
	}
	if f := failure(t, path, "a\r\n", true); !strings.Contains(f, "carriage return") {
		t.Errorf("update recorded a carriage return: %q", f)
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 {
		t.Errorf("update left %d files behind (%v), want 1", len(entries), err)
	}
}

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
