// Package sqlite keeps the ledger in one SQLite file: the default store. It
// needs no server and no cgo.
//
// One process writes, through one connection; that is the load-bearing detail,
// and DESIGN.md beside this file says why. Any number of readers, in this process
// or in others, see the state of when they began and hold nobody up.
//
// Facts, entries and sums are stored as columns in blobs, one for each slot or
// for 64 accounts of a period, and not as rows: a reader of a year is bounded by
// memory and not by SQL. So SQL finds and orders blobs; what is in them is added
// up by package account alone.
package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	_ "modernc.org/sqlite" // the driver

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/filelock"
	"github.com/dendro-carbon/dendro/internal/ledger"
	"github.com/dendro-carbon/dendro/internal/ledger/relational"
)

// Config says which ledger to open and how.
type Config struct {
	// Path is the file. Beside it are Path.lock and, while the ledger is open,
	// Path-wal and Path-shm, which belong to it: copy all or none of them.
	// The file and its folder are created for a writer.
	Path string
	// Calendar is the slots, and the zone of the sums. A writer builds the sums
	// again when the zone is another than before. With ReadOnly the zero Calendar
	// stands for that of the ledger.
	Calendar account.Calendar
	// ReadOnly opens an existing ledger for reading, also while another
	// process writes.
	ReadOnly bool
	// Target opens a ledger to copy another one into, with [relational.Copy] and
	// nothing else.
	Target bool
	// Log is told about upgrades and rebuilt sums; nil tells nobody.
	Log *slog.Logger
}

// Store is a [ledger.Store] in an SQLite file. Make one with [Open].
type Store struct {
	*relational.Store
	file *file
}

// file is the database: its connections and the right to write to it.
type file struct {
	path   string
	closed atomic.Bool

	lock    *filelock.Lock // nil when read-only
	writer  *writer        // nil when read-only
	readers *sql.DB
}

var _ ledger.Store = (*Store)(nil)

// Open opens a ledger, for a writer creating it if there is none. It returns
// [ledger.ErrLocked] when another process writes to it, and errors that wrap
// this package's variables; each says what to do.
func Open(ctx context.Context, c Config) (*Store, error) {
	path, err := resolve(c.Path)
	if err != nil {
		return nil, fmt.Errorf("open ledger %q: %w", c.Path, err)
	}
	c.Path, c.Log = path, cmp.Or(c.Log, slog.New(slog.DiscardHandler))
	f := &file{path: path}
	s := &Store{relational.New(f, path, c.Calendar), f}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return nil, fmt.Errorf("open ledger: %w: %s is a folder: give the path of a file in it", ErrForeign, path)
	}
	open := s.openWriter
	if c.ReadOnly {
		open = s.openReader
	}
	if err := open(ctx, c); err != nil {
		return nil, errors.Join(fmt.Errorf("open ledger: %w", explain(path, err)), f.release())
	}
	return s, nil
}

// resolve returns the one name of a file, so that writers who reach it through
// different links meet at one lock. The file need not exist yet.
func resolve(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	if found, err := filepath.EvalSymlinks(path); err == nil {
		return found, nil
	}
	if dir, err := filepath.EvalSymlinks(filepath.Dir(path)); err == nil {
		return filepath.Join(dir, filepath.Base(path)), nil
	}
	return path, nil
}

// acquireLock takes the right to write to a ledger. It returns [ledger.ErrLocked] with
// what is known of the holder when another process, or another store of this one,
// has it.
func acquireLock(path string) (*filelock.Lock, error) {
	lock, err := filelock.Acquire(path + ".lock")
	if taken := (*filelock.TakenError)(nil); errors.As(err, &taken) {
		return nil, fmt.Errorf("%w: %s: %s: stop it first, or ask it instead (--server); reading is possible meanwhile",
			ledger.ErrLocked, path, taken.Holder)
	}
	if err != nil {
		return nil, fmt.Errorf("lock of the ledger: %w", err)
	}
	return lock, nil
}

func (s *Store) openWriter(ctx context.Context, c Config) error {
	if err := os.MkdirAll(filepath.Dir(c.Path), 0o750); err != nil {
		return err
	}
	var err error
	if s.file.lock, err = acquireLock(c.Path); err != nil {
		return err
	}
	// SQLite would let everybody read the file; its companions get its mode.
	created, err := os.OpenFile(c.Path, os.O_RDWR|os.O_CREATE, 0o640)
	if err != nil {
		return err
	}
	if err := created.Close(); err != nil {
		return err
	}
	db, err := sql.Open("sqlite", dsn(c.Path, "rw", writePragmas()))
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1)
	if err := s.file.prepare(ctx, db, c); err != nil {
		return errors.Join(err, db.Close())
	}
	if s.file.writer, err = newWriter(ctx, db); err != nil {
		return errors.Join(err, db.Close())
	}
	if err := s.file.openReaders("ro"); err != nil {
		return err
	}
	if c.Target {
		return nil
	}
	return s.Settle(ctx, c.Log)
}

// prepareFile makes sure of what the rest relies on: the journal and the tables.
func (f *file) prepare(ctx context.Context, db *sql.DB, c Config) error {
	var mode string
	if err := db.QueryRowContext(ctx, "PRAGMA journal_mode").Scan(&mode); err != nil {
		return err
	}
	if mode != "wal" {
		return fmt.Errorf("%w: ledger %s: the file system has no shared memory for SQLite's write-ahead log (journal mode %q): "+
			"put the ledger on a local disk", ErrDisk, c.Path, mode)
	}
	files, err := builtin()
	if err != nil {
		return err
	}
	return schema{db: db, path: c.Path, log: c.Log, files: files}.upgrade(ctx)
}

func (s *Store) openReader(ctx context.Context, c Config) error {
	if _, err := os.Stat(c.Path); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%w: start the server or a backfill once to create it", err)
		}
		return err
	}
	if err := s.file.openReaders(readMode(c.Path)); err != nil {
		return err
	}
	files, err := builtin()
	if err != nil {
		return err
	}
	known, err := latest(files)
	if err != nil {
		return err
	}
	version, err := identify(ctx, s.file.readers, c.Path, known)
	if err != nil {
		return err
	}
	if version < known {
		return fmt.Errorf("%w: %s has tables of version %d and this program reads version %d: open it once for writing, which upgrades it",
			ErrVersion, c.Path, version, known)
	}
	return s.CheckCalendar(ctx)
}

// readMode returns how a file is opened by who only reads. A ledger that was
// closed well has no journal; where none can be made either, as on a read-only
// disk, nobody can write and SQLite is told so.
func readMode(path string) string {
	if _, err := os.Stat(path + "-wal"); !errors.Is(err, fs.ErrNotExist) {
		return "ro"
	}
	probe, err := os.CreateTemp(filepath.Dir(path), ".dendro-*")
	if err != nil {
		return "immutable"
	}
	probe.Close()
	os.Remove(probe.Name())
	return "ro"
}

func (f *file) openReaders(mode string) error {
	db, err := sql.Open("sqlite", dsn(f.path, mode, readPragmas()))
	if err != nil {
		return err
	}
	// No limit on connections: a reader that asks again while it reads would
	// wait for itself. How many ask at once is for the server to limit.
	db.SetMaxIdleConns(4)
	f.readers = db
	return nil
}

// Close implements [ledger.Store]. It waits for a commit that is under way;
// iterators that are open end with [ledger.ErrClosed] at their next step.
func (s *Store) Close() error {
	f := s.file
	if f.closed.Swap(true) {
		return nil
	}
	if f.writer != nil {
		<-f.writer.turn
		defer func() { f.writer.turn <- struct{}{} }()
	}
	if err := f.release(); err != nil {
		return fmt.Errorf("close ledger %s: %w", f.path, err)
	}
	return nil
}

// Claim implements [ledger.Leases]: the one writer has everything.
func (s *Store) Claim(ctx context.Context, _ string, _ time.Duration) (ledger.Grant, error) {
	err := s.file.Usable(ctx)
	if err == nil && s.file.writer == nil {
		err = fmt.Errorf("claim: %w", ledger.ErrReadOnly)
	}
	return ledger.Grant{Held: err == nil}, err
}

// Release implements [ledger.Leases].
func (s *Store) Release(ctx context.Context, _ string) error { return s.file.Usable(ctx) }

// Leases implements [ledger.Leases].
func (s *Store) Leases(ctx context.Context) ([]ledger.Lease, error) { return nil, s.file.Usable(ctx) }

// Check reads the whole ledger and returns an error that wraps [ErrDamaged] for
// the first thing that is not as it was written: a page of the file, or what
// [relational.Store.Check] finds. It takes as long as reading the file, and the
// ledger can be used meanwhile.
func (s *Store) Check(ctx context.Context) error { return s.Store.Check(ctx, checkFile) }

// checkFile lets SQLite look at its pages, indexes and references.
func checkFile(q relational.Querier) error {
	err := q.Each("PRAGMA integrity_check(1)", nil, func(row relational.Row) error {
		var said string
		if err := row.Scan(&said); err != nil || said == "ok" {
			return err
		}
		return fmt.Errorf("%w: %s", relational.ErrBlob, said)
	})
	if err != nil {
		return err
	}
	return relational.None(q, "rows that refer to nothing", "SELECT count(*) FROM pragma_foreign_key_check")
}

// release gives back what Open took; readers first, so that the writer is the
// last connection and puts the journal into the file.
func (f *file) release() error {
	var failed []error
	if f.readers != nil {
		failed = append(failed, f.readers.Close())
	}
	if f.writer != nil {
		failed = append(failed, f.writer.close())
	}
	if f.lock != nil {
		failed = append(failed, f.lock.Release())
	}
	return errors.Join(failed...)
}
