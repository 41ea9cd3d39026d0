package cli

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// put writes a text by way of writeFile.
func put(t *testing.T, path, text string) {
	t.Helper()
	err := writeFile(path, func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// holds fails the test unless a file has the text and the permissions.
func holds(t *testing.T, path, text string, perm os.FileMode) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil || string(data) != text {
		t.Errorf("%s: got %q, %v, want %q", path, data, err, text)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Mode().Perm(); got != perm {
		t.Errorf("%s: permissions %v, want %v", path, got, perm)
	}
}

// usual is what this user gives new files.
func usual(t *testing.T) os.FileMode {
	t.Helper()
	f, err := os.OpenFile(filepath.Join(t.TempDir(), "f"), os.O_CREATE|os.O_WRONLY, 0o666)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	return info.Mode().Perm()
}

func TestWrittenFilesHaveUsualPermissions(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "new", "folder", "out.yml")
	put(t, path, "a")
	holds(t, path, "a", usual(t))
}

func TestWrittenOverFilesKeepTheirPermissions(t *testing.T) {
	t.Parallel()
	for _, perm := range []os.FileMode{0o600, 0o640, 0o666, 0o755} {
		path := filepath.Join(t.TempDir(), "out.yml")
		if err := os.WriteFile(path, []byte("long before"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, perm); err != nil {
			t.Fatal(err)
		}
		put(t, path, "b")
		holds(t, path, "b", perm)
	}
}

func TestLinksStayLinks(t *testing.T) {
	t.Parallel()
	dir, target := t.TempDir(), filepath.Join(t.TempDir(), "target.yml")
	if err := os.WriteFile(target, nil, 0o640); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(target, 0o640); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "out.yml")
	if err := os.Symlink(target, link); err != nil {
		t.Fatal(err)
	}
	put(t, link, "c")
	holds(t, target, "c", 0o640)
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is no link any more: %v, %v", info.Mode(), err)
	}
}

// What fails half-way leaves the old file, and nothing beside it.
func TestFailedWritesLeaveTheOldFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "out.yml")
	put(t, path, "old")
	broken := errors.New("broken")
	err := writeFile(path, func(w io.Writer) error {
		io.WriteString(w, "half")
		return broken
	})
	if !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	holds(t, path, "old", usual(t))
	if entries, err := os.ReadDir(filepath.Dir(path)); err != nil || len(entries) != 1 {
		t.Errorf("%v, %v: a file was left behind", entries, err)
	}
}

func TestDevicesAreWrittenInto(t *testing.T) {
	t.Parallel()
	put(t, os.DevNull, "d")
	if info, err := os.Stat(os.DevNull); err != nil || info.Mode().IsRegular() {
		t.Fatalf("%s became a file", os.DevNull)
	}
}
