package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	driver "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/dendro-carbon/dendro/internal/ledger"
	"github.com/dendro-carbon/dendro/internal/ledger/relational"
)

var (
	// ErrFull reports that there is no room on the disk. What was asked for was
	// not stored; everything stored before is as it was.
	ErrFull = errors.New("no room on the disk")
	// ErrAccess reports a file or folder that may not be read or written.
	ErrAccess = errors.New("no access")
	// ErrDamaged reports a file that holds what was never written to it.
	ErrDamaged = errors.New("the file is damaged")
	// ErrDisk reports that reading or writing failed for a reason that is not
	// the ledger's.
	ErrDisk = errors.New("the disk failed")
	// ErrForeign reports a file that is not a ledger.
	ErrForeign = errors.New("the file is not a ledger of Dendro")
	// ErrVersion reports a ledger of a newer Dendro, or, when it is opened for
	// reading, of an older one.
	ErrVersion = errors.New("the ledger is of another version")
)

// Fail implements [relational.DB].
func (f *file) Fail(ctx context.Context, doing string, err error) error {
	if err == nil {
		return nil
	}
	if cause := ctx.Err(); cause != nil {
		return cause // the driver may call it an interrupt
	}
	if f.closed.Load() {
		return ledger.ErrClosed
	}
	return fmt.Errorf("%s: %w", doing, explain(f.path, err))
}

// explain names the kind of an error of the driver and says what to do. Errors
// that say enough are returned as they are.
func explain(path string, err error) error {
	for _, said := range []error{ErrFull, ErrAccess, ErrDamaged, ErrDisk, ErrForeign, ledger.ErrLocked, relational.ErrHalfCopied, relational.ErrNotEmpty, relational.ErrDiffers} {
		if errors.Is(err, said) {
			return err
		}
	}
	switch {
	case errors.Is(err, relational.ErrBlob):
		return damaged(path, err)
	case errors.Is(err, syscall.ENOSPC):
		return full(path, err)
	}
	failed, ok := errors.AsType[*driver.Error](err)
	if !ok {
		if errors.Is(err, os.ErrPermission) || errors.Is(err, syscall.EROFS) {
			return noAccess(path, err)
		}
		return err
	}
	switch failed.Code() & 0xff {
	case sqlite3.SQLITE_FULL:
		return full(path, err)
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH:
		return noAccess(path, err)
	case sqlite3.SQLITE_CORRUPT:
		return damaged(path, err)
	case sqlite3.SQLITE_NOTADB:
		return fmt.Errorf("%w: %s: %w: give another path; if it was a ledger, its first page is destroyed: restore it from a backup",
			ErrForeign, path, err)
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return fmt.Errorf("%w: %s: %w: another program, such as a database browser, holds a lock on the file; close it",
			ledger.ErrLocked, path, err)
	case sqlite3.SQLITE_IOERR:
		return fmt.Errorf("%w: ledger %s: %w: look at the system's log for errors of the disk", ErrDisk, path, err)
	}
	return fmt.Errorf("ledger %s: %w", path, err)
}

func full(path string, err error) error {
	return fmt.Errorf("%w: ledger %s: %w: make room in %s and go on; nothing that was stored is lost", ErrFull, path, err, filepath.Dir(path))
}

func damaged(path string, err error) error {
	return fmt.Errorf("%w: ledger %s: %w: keep a copy of the file as it is, then restore it from a backup, "+
		"or begin a new ledger and backfill it from the source", ErrDamaged, path, err)
}

func noAccess(path string, err error) error {
	return fmt.Errorf("%w: ledger %s: %w: give the user of this process (uid %d) the right to read and write the file and its folder %s",
		ErrAccess, path, err, os.Getuid(), filepath.Dir(path))
}
