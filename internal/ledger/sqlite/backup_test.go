package sqlite_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/filelock"
	"github.com/dendro-carbon/dendro/internal/ledger"
	"github.com/dendro-carbon/dendro/internal/ledger/ledgertest"
	"github.com/dendro-carbon/dendro/internal/ledger/memory"
	"github.com/dendro-carbon/dendro/internal/ledger/sqlite"
)

// TestBackup backs a ledger up while it is written to, and restores it: it is the
// ledger of some whole number of commits, between those before and after.
func TestBackup(t *testing.T) {
	t.Parallel()
	w := ledgertest.NewWorld(t, 3)
	dir := t.TempDir()
	path := filepath.Join(dir, "ledger.db")
	s := open(t, path, w.Calendar)
	commits := ledgertest.Interleave(w.Rand, w.History(60))
	commitAll(t, s, commits[:20]...)
	done := make(chan error, 1)
	go func() {
		var err error
		for _, c := range commits[20:] {
			err = errors.Join(err, s.Commit(t.Context(), c))
		}
		done <- err
	}()
	backup := filepath.Join(t.TempDir(), "backup.db")
	if err := sqlite.Backup(t.Context(), path, backup); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if err := sqlite.Backup(t.Context(), path, backup); !errors.Is(err, sqlite.ErrExists) {
		t.Errorf("backup over a file: %v", err)
	}
	restored := filepath.Join(t.TempDir(), "data", "ledger.db")
	if err := sqlite.Restore(t.Context(), backup, restored, nil); err != nil {
		t.Fatal(err)
	}
	if err := sqlite.Restore(t.Context(), backup, restored, nil); !errors.Is(err, sqlite.ErrExists) {
		t.Errorf("restore over a ledger: %v", err)
	}
	r := open(t, restored, account.Calendar{})
	want, got := memory.New(w.Calendar), ledgertest.Dump(t, r, w)
	for n, c := range commits {
		commitAll(t, want, c)
		if n+1 >= 20 && string(ledgertest.Dump(t, want, w)) == string(got) {
			left, err := os.ReadDir(filepath.Dir(restored))
			if err != nil || len(left) != 4 { // the ledger, its lock and its journal
				t.Errorf("files beside the ledger: %v, %v", left, err)
			}
			return
		}
	}
	t.Error("the backup is of no state that the ledger was in")
}

// TestRestoreRefuses gives it files that are no good.
func TestRestoreRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	w := ledgertest.NewWorld(t, 4)
	good := filepath.Join(dir, "good.db")
	s := open(t, good, w.Calendar)
	commitAll(t, s, ledgertest.Interleave(w.Rand, w.History(10))...)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	damaged := []byte(strings.Clone(string(content)))
	for i := len(damaged) / 2; i < len(damaged)/2+3000; i++ {
		damaged[i] ^= 0x55
	}
	for what, path := range map[string]string{
		"missing": filepath.Join(dir, "nowhere"), "text": write("text", strings.Repeat("not a ledger ", 1000)), "empty": write("empty", ""),
		"damaged": write("damaged", string(damaged)), "cut off": write("cut", string(content[:len(content)/2])),
	} {
		to := filepath.Join(dir, what, "ledger.db")
		if err := sqlite.Restore(t.Context(), path, to, nil); err == nil {
			t.Errorf("%s: restored", what)
		} else if !strings.Contains(err.Error(), filepath.Base(path)) {
			t.Errorf("%s: the error does not name it: %v", what, err)
		}
		if _, err := os.Stat(to); err == nil {
			t.Errorf("%s: a ledger is left", what)
		}
	}
	var _ ledger.Store = s
}

// TestBackupsAreNotForEverybody holds that others can read neither a backup nor the ledger made of
// one, since both name people.
func TestBackupsAreNotForEverybody(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("who may read a file is not in its mode")
	}
	dir := t.TempDir()
	open(t, filepath.Join(dir, "ledger.db"), account.Calendar{})
	backup, restored := filepath.Join(dir, "backup.db"), filepath.Join(dir, "restored", "ledger.db")
	if err := sqlite.Backup(t.Context(), filepath.Join(dir, "ledger.db"), backup); err != nil {
		t.Fatal(err)
	}
	if err := sqlite.Restore(t.Context(), backup, restored, nil); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{backup, restored} {
		if info, err := os.Stat(name); err != nil || info.Mode().Perm()&0o007 != 0 {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
}

// TestRestoreIsTheWriter holds that no server begins a ledger where one is being restored, nor a
// restore where there is a writer: one of the two would be written over.
func TestRestoreIsTheWriter(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	open(t, filepath.Join(dir, "ledger.db"), account.Calendar{})
	backup, path := filepath.Join(dir, "backup.db"), filepath.Join(dir, "data", "ledger.db")
	if err := sqlite.Backup(t.Context(), filepath.Join(dir, "ledger.db"), backup); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		t.Fatal(err)
	}
	writer, err := filelock.Acquire(path + ".lock") // one that has not made the file yet
	if err != nil {
		t.Fatal(err)
	}
	if err := sqlite.Restore(t.Context(), backup, path, nil); !errors.Is(err, ledger.ErrLocked) {
		t.Errorf("beside a writer: %v", err)
	}
	if err := writer.Release(); err != nil {
		t.Fatal(err)
	}
	if err := sqlite.Restore(t.Context(), backup, path, nil); err != nil {
		t.Errorf("after it: %v", err)
	}
}

// TestReceive holds that only a whole ledger gets the name of a backup.
func TestReceive(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ledger.db")
	w := ledgertest.NewWorld(t, 4)
	s := open(t, path, w.Calendar)
	commitAll(t, s, ledgertest.Interleave(w.Rand, w.History(10))...)
	dir := t.TempDir()
	source, to := filepath.Join(dir, "source.db"), filepath.Join(dir, "to.db")
	if err := sqlite.Backup(t.Context(), path, source); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(source)
	if err != nil {
		t.Fatal(err)
	}
	damaged := slices.Clone(whole)
	for i := len(damaged) / 2; i < len(damaged)/2+4096; i++ {
		damaged[i] ^= 0x55
	}
	gone := errors.New("the connection broke")
	for name, write := range map[string]func(io.Writer) error{
		"damaged":    func(w io.Writer) error { _, err := w.Write(damaged); return err },
		"half":       func(w io.Writer) error { _, err := w.Write(whole[:len(whole)/2]); return err },
		"nothing":    func(io.Writer) error { return nil },
		"broken off": func(w io.Writer) error { _, err := w.Write(whole); return errors.Join(err, gone) },
	} {
		if err := sqlite.Receive(t.Context(), to, write); err == nil || name == "broken off" && !errors.Is(err, gone) {
			t.Errorf("%s: %v", name, err)
		}
		if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
			t.Errorf("%s: left are %v, %v", name, left, err)
		}
	}
	for _, want := range []error{nil, sqlite.ErrExists} {
		err := sqlite.Receive(t.Context(), to, func(w io.Writer) error { _, err := w.Write(whole); return err })
		if !errors.Is(err, want) {
			t.Errorf("%v, want %v", err, want)
		}
	}
	ledgertest.SameBytes(t, "received", ledgertest.Dump(t, open(t, to, account.Calendar{}), w), ledgertest.Dump(t, s, w))
}
