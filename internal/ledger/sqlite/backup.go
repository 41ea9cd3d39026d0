package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/dendro-carbon/dendro/internal/ledger/relational"
)

// ErrExists reports a file that would be overwritten.
var ErrExists = errors.New("the file exists")

// Backup writes the state that a ledger has now into a new file, which is a
// ledger itself, and checks what it wrote. The ledger may be written to meanwhile
// by this process or another; nobody waits.
func Backup(ctx context.Context, path, to string) error {
	s, err := Open(ctx, Config{Path: path, ReadOnly: true})
	if err != nil {
		return err
	}
	err = s.backup(ctx, to)
	return errors.Join(err, s.Close())
}

func (s *Store) backup(ctx context.Context, to string) error {
	if err := absent(to); err != nil {
		return err
	}
	// Connections of readers refuse to write, also into another file.
	db, err := sql.Open("sqlite", dsn(s.file.path, readMode(s.file.path), []string{"busy_timeout(10000)"}))
	if err != nil {
		return err
	}
	defer db.Close()
	partial := to + ".partial"
	if err := writeCopy(ctx, db, partial); err != nil {
		return fmt.Errorf("backup: %w", explain(to, err))
	}
	if err := verify(ctx, partial); err != nil {
		return errors.Join(err, os.Remove(partial))
	}
	return appear(partial, to)
}

// appear gives a file its name, which nothing has, not even what came there while the file was
// written.
func appear(partial, name string) error {
	err := os.Link(partial, name)
	switch {
	case errors.Is(err, fs.ErrExist):
		return errors.Join(absent(name), os.Remove(partial))
	case err == nil:
		err = os.Remove(partial)
	default: // a file system without links
		if err = absent(name); err == nil {
			err = os.Rename(partial, name)
		}
	}
	if err != nil {
		return err
	}
	return flush(filepath.Dir(name))
}

// Receive has write put a backup into a new file, reads all of it, and gives it its
// name once it is found whole and is on the disk.
func Receive(ctx context.Context, to string, write func(io.Writer) error) error {
	if err := absent(to); err != nil {
		return err
	}
	partial := to + ".partial"
	err := receive(ctx, partial, write)
	if err == nil {
		err = appear(partial, to)
	}
	if gone := os.Remove(partial); gone != nil && !errors.Is(gone, fs.ErrNotExist) {
		err = errors.Join(err, gone)
	}
	return err
}

func receive(ctx context.Context, partial string, write func(io.Writer) error) error {
	file, err := os.OpenFile(partial, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o640)
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	if err = write(file); err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return err
	}
	return verify(ctx, partial)
}

// absent makes sure that nothing is overwritten.
func absent(name string) error {
	_, err := os.Lstat(name)
	switch {
	case err == nil:
		return fmt.Errorf("%w: %s: nothing is overwritten; give another name, or remove it", ErrExists, name)
	case errors.Is(err, fs.ErrNotExist):
		return nil
	}
	return err
}

// verify reads a whole ledger.
func verify(ctx context.Context, path string) error {
	s, err := Open(ctx, Config{Path: path, ReadOnly: true})
	if err != nil {
		return err
	}
	return errors.Join(s.Check(ctx), s.Close())
}

// Restore makes a ledger of a backup. It refuses to overwrite one, and checks the
// backup, bringing its tables up to date, before the ledger appears under its name. It is the
// ledger's writer meanwhile, so that no server begins an empty one: others get
// [ledger.ErrLocked].
func Restore(ctx context.Context, backup, path string, log *slog.Logger) error {
	if err := absent(path); err != nil {
		return err
	}
	if _, err := os.Stat(backup); err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return err
	}
	path, err := resolve(path)
	if err != nil {
		return err
	}
	lock, err := acquireLock(path)
	if err != nil {
		return err
	}
	return errors.Join(restoreAs(ctx, backup, path, log), lock.Release())
}

func restoreAs(ctx context.Context, backup, path string, log *slog.Logger) error {
	partial := path + ".restoring"
	if err := os.Remove(partial); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	err := restore(ctx, backup, partial, log)
	if err == nil {
		err = appear(partial, path)
	}
	for _, left := range []string{"", ".lock", "-wal", "-shm"} {
		if gone := os.Remove(partial + left); gone != nil && !errors.Is(gone, fs.ErrNotExist) {
			err = errors.Join(err, gone)
		}
	}
	if err != nil {
		return fmt.Errorf("restore %s: %w", backup, err)
	}
	return nil
}

// restore copies a backup and makes sure of the copy.
func restore(ctx context.Context, backup, partial string, log *slog.Logger) error {
	backup, err := resolve(backup)
	if err != nil {
		return err
	}
	db, err := sql.Open("sqlite", dsn(backup, readMode(backup), []string{"busy_timeout(10000)"}))
	if err != nil {
		return err
	}
	defer db.Close()
	files, err := builtin()
	if err != nil {
		return err
	}
	known, err := latest(files)
	if err != nil {
		return err
	}
	version, err := identify(ctx, db, backup, known)
	switch {
	case err != nil:
		return explain(backup, err)
	case version == 0:
		return fmt.Errorf("%w: %s is empty", ErrForeign, backup)
	}
	if err := keepCopy(ctx, db, partial); err != nil {
		return explain(backup, err)
	}
	s, err := Open(ctx, Config{Path: partial, Log: log})
	if err != nil {
		return err
	}
	return errors.Join(s.Check(ctx), s.Close())
}

// CopyInto opens a new file for a copy of another ledger, calls body, and gives
// the file its name once body returns nil. A copy that was broken off is found
// again.
func CopyInto(ctx context.Context, path string, log *slog.Logger, body func(*relational.Store) error) error {
	if err := absent(path); err != nil {
		return err
	}
	partial := path + ".copying"
	s, err := Open(ctx, Config{Path: partial, Target: true, Log: log})
	if err != nil {
		return err
	}
	if err := errors.Join(body(s.Store), s.Close()); err != nil {
		return err
	}
	if err := verify(ctx, partial); err != nil {
		return err
	}
	for _, left := range []string{".lock", "-wal", "-shm"} { // the last two by who verified it, without content
		if err := os.Remove(partial + left); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if err := flush(partial); err != nil {
		return err
	}
	return appear(partial, path)
}
