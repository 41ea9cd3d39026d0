// Package golden compares what a test made with a file kept under version
// control. It owns the -update flag: with it a file that differs is rewritten,
// and the change is reviewed as a diff of the commit. A golden file is never
// written otherwise, and a missing one is a failure, not a first recording.
package golden

import (
	"bytes"
	"errors"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/diff"
)

// maxDiff is how many lines of a difference are shown; the rest of a large
// one says nothing more.
const maxDiff = 120

//archtest:table a flag has to exist before TestMain parses the command line; only the flag package writes to it
var update = flag.Bool("update", false, "rewrite golden files that differ")

// Update reports whether the test was started with -update. It is for test
// drivers that rewrite their own expectations, such as testscript.
func Update() bool { return *update }

// Equal fails the test, at once, unless the file at path holds exactly got. The
// path is relative to the folder of the test. Under -update the file is made or
// rewritten instead.
//
// Golden files are text with LF line ends. A carriage return on either side
// fails the test: in the file it is a checkout that converted line ends, in got
// it would be turned into one by the next such checkout.
func Equal[T ~string | ~[]byte](t testing.TB, path string, got T) {
	t.Helper()
	equal(t, path, []byte(got), *update)
}

func equal(t testing.TB, path string, got []byte, update bool) {
	t.Helper()
	if i := bytes.IndexByte(got, '\r'); i >= 0 {
		t.Fatalf("%s: the result holds a carriage return at line %d; quote it or compare it without a golden file",
			path, lineAt(got, i))
	}
	want, err := os.ReadFile(path)
	switch missing := errors.Is(err, fs.ErrNotExist); {
	case missing && !update:
		t.Fatalf("%s: there is no such golden file; run `go test -update` in this package to write it", path)
	case err != nil && !missing:
		t.Fatalf("golden file: %v", err)
	case err == nil && bytes.Equal(want, got):
		return
	}
	if update {
		write(t, path, got)
		return
	}
	if i := bytes.IndexByte(want, '\r'); i >= 0 {
		t.Fatalf("%s:%d: the golden file holds a carriage return; check it out with LF line ends (see .gitattributes)",
			path, lineAt(want, i))
	}
	t.Fatalf("%s: not as recorded; if the change is meant, run `go test -update` and review the diff\n%s",
		path, shorten(diff.Diff(path, want, "got", got)))
}

// write replaces the file in one step, so that an interrupted run never leaves
// half a golden file behind.
func write(t testing.TB, path string, got []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatalf("golden file: %v", err)
	}
	next := path + ".new"
	if err := os.WriteFile(next, got, 0o644); err != nil {
		t.Fatalf("golden file: %v", err)
	}
	if err := os.Rename(next, path); err != nil {
		t.Fatalf("golden file: %v", err)
	}
	t.Logf("%s: written", path)
}

func lineAt(text []byte, offset int) int {
	return 1 + bytes.Count(text[:offset], []byte("\n"))
}

func shorten(text []byte) []byte {
	rest := text
	for range maxDiff {
		i := bytes.IndexByte(rest, '\n')
		if i < 0 {
			return text
		}
		rest = rest[i+1:]
	}
	if len(rest) == 0 {
		return text
	}
	return append(bytes.Clone(text[:len(text)-len(rest)]), "… and more\n"...)
}
