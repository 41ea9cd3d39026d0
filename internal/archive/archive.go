// Package archive keeps scored windows in files: NDJSON, one window a line, in the
// shape of a perf-sentinel archive with its hash chain, so that what reads those
// reads these.
//
//	windows.ndjson                          the file that is written to
//	windows-20260115T100000000000000Z.ndjson  closed ones, .zst if they are compressed
//	manifest.json                           which files there are, and what is in them
//	archive.lock                            who writes
//
// The chain of a file begins anew in each, as the shape wants it. So the chain alone
// cannot tell that a whole file or the end of one is gone; the manifest can. It
// says for each file how many lines it has, their last hash and the hash of all its
// bytes, and keeps saying so of files that were pruned.
//
// The fact that a reader would get wrong: the manifest may be behind the file that is
// written to, by the lines of a crash, and is never ahead of it. What the manifest
// knows and the file lacks was cut off by somebody.
package archive

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/filelock"
	"github.com/dendro-carbon/dendro/internal/window"
)

var (
	// ErrLocked reports an archive that another process writes to.
	ErrLocked = errors.New("the archive is in use by another writer")
	// ErrBroken reports an archive whose newest file lacks what the manifest knows of
	// it. Writing on would hide that.
	ErrBroken = errors.New("the archive is broken")
)

// Config says where an archive is and how it is kept.
type Config struct {
	// Dir is the folder. It is created.
	Dir string
	// MaxBytes is the size from which a file is closed, and MaxAge the time since its
	// first line; 0 is no bound.
	MaxBytes int64
	MaxAge   time.Duration
	// Compress has closed files compressed by zstd.
	Compress bool
	// Unsynced leaves it to the operating system when a line reaches the disk. Then
	// a loss of power can take lines away that were acknowledged.
	Unsynced bool
	// Keep is how long closed files are kept; 0 is for ever. KeepFiles is how many;
	// 0 is all.
	Keep      time.Duration
	KeepFiles int
	// Spendable says whether a closed file may be pruned: because its windows are
	// disclosed, or because somebody said so. nil keeps everything.
	Spendable func(*Stored) (bool, error)
}

// Defaults returns files of 100 MB or a day, kept for ever.
func Defaults() Config { return Config{MaxBytes: 100 << 20, MaxAge: 24 * time.Hour} }

// Validate returns all that is wrong with the config, as a [diag.List].
func (c Config) Validate() error {
	var list diag.List
	if c.Dir == "" {
		list = append(list, diag.New("", "dir: required"))
	}
	if c.MaxBytes < 0 || c.MaxAge < 0 || c.Keep < 0 || c.KeepFiles < 0 {
		list = append(list, diag.New("", "max_bytes, max_age, keep and keep_files: not below 0"))
	}
	return list.Err()
}

// Archive is an archive that is written to. Make one with [Open]. Its methods may be
// called from several goroutines.
type Archive struct {
	config Config
	lock   *filelock.Lock

	mu       sync.Mutex
	manifest *manifest
	file     *os.File
	digest   hash.Hash // of the bytes of file
	first    time.Time // when the first line of file was written
	torn     int
	failed   bool // the end of file is not known
	buffer   []byte
}

// The names of files.
const (
	stem         = "windows"
	extension    = ".ndjson"
	activeName   = stem + extension
	manifestName = "manifest.json"
	lockName     = "archive.lock"
)

// Open opens an archive for writing. What a killed writer left is put in order: a
// torn last line is cut off, which nobody was told was written. It returns
// [ErrLocked] if another process writes, and [ErrBroken] if lines are gone.
func Open(c Config) (*Archive, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(c.Dir, 0o750); err != nil {
		return nil, fmt.Errorf("archive: %w", err)
	}
	lock, err := filelock.Acquire(filepath.Join(c.Dir, lockName))
	if taken := (*filelock.TakenError)(nil); errors.As(err, &taken) {
		return nil, fmt.Errorf("%w: %s: %s: stop it first", ErrLocked, c.Dir, taken.Holder)
	}
	if err != nil {
		return nil, fmt.Errorf("archive: %w", err)
	}
	a := &Archive{config: c, lock: lock}
	if err := a.recover(); err != nil {
		return nil, fmt.Errorf("archive %s: %w", c.Dir, errors.Join(err, lock.Release()))
	}
	return a, nil
}

// path returns where a file of the archive is.
func (a *Archive) path(name string) string { return filepath.Join(a.config.Dir, name) }

// Next returns the place that [Archive.Append] gives a window scored at an instant, and
// makes room for it: a file that is full or old enough then is closed first.
func (a *Archive) Next(scored time.Time) (account.Mark, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	err := a.repair()
	if err == nil {
		err = a.rotateDue(scored)
	}
	if err != nil {
		return account.Mark{}, err
	}
	active := a.manifest.active()
	return account.Mark{File: active.Number, Seq: active.Lines}, nil
}

// Holds reports whether a line was written at a place, be it that its file was pruned.
func (a *Archive) Holds(at account.Mark) (bool, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.repair(); err != nil {
		return false, err
	}
	first := a.manifest.Files[0].Number
	if at.File < first {
		return at.File > 0, nil
	}
	if at.File-first >= uint64(len(a.manifest.Files)) {
		return false, nil
	}
	return at.Seq < a.manifest.Files[at.File-first].Lines, nil
}

// repair finds out what a failed write left.
func (a *Archive) repair() error {
	if !a.failed {
		return nil
	}
	if err := a.reopen(); err != nil {
		return fmt.Errorf("archive %s: %w", a.config.Dir, err)
	}
	a.failed = false
	return nil
}

// rotateDue closes the file that is written to if it is time.
func (a *Archive) rotateDue(now time.Time) error {
	active := a.manifest.active()
	full := a.config.MaxBytes > 0 && active.Bytes >= a.config.MaxBytes
	old := a.config.MaxAge > 0 && now.Sub(a.first) >= a.config.MaxAge
	if active.Lines == 0 || !full && !old {
		return nil
	}
	if err := a.rotate(now); err != nil {
		a.failed = true
		return fmt.Errorf("archive %s: close the file %s: %w", a.config.Dir, activeName, err)
	}
	return nil
}

// Append writes a window as the next line of the newest file, scored at an instant, and
// returns its place: that which [Archive.Next] told. It is on the disk when Append returns nil, unless the config says otherwise;
// after an error it is not in the archive.
func (a *Archive) Append(w *window.Window, scored time.Time) (account.Mark, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.repair(); err != nil {
		return account.Mark{}, err
	}
	active := a.manifest.active()
	line, sum, err := window.AppendLine(a.buffer[:0], window.Envelope{Prev: active.head(), Seq: active.Lines, Time: scored}, w)
	if err != nil {
		return account.Mark{}, fmt.Errorf("archive: %w", err)
	}
	line = append(line, '\n')
	a.buffer = line
	if err := a.write(line); err != nil {
		a.failed = true
		return account.Mark{}, fmt.Errorf("archive %s: %w", a.path(activeName), err)
	}
	if active.Lines == 0 {
		a.first = scored
	}
	active.Lines, active.Bytes, active.Head = active.Lines+1, active.Bytes+int64(len(line)), sum
	active.see(w)
	a.digest.Write(line)
	active.SHA256 = sumText(a.digest)
	// The line is written: a manifest that could not be is behind, which is sound.
	_ = a.manifest.write(a.path(manifestName), !a.config.Unsynced)
	return account.Mark{File: active.Number, Seq: active.Lines - 1}, nil
}

func (a *Archive) write(line []byte) error {
	if _, err := a.file.Write(line); err != nil {
		return err
	}
	if a.config.Unsynced {
		return nil
	}
	return a.file.Sync()
}

// Torn returns how many torn lines were cut off when the archive was opened.
func (a *Archive) Torn() int { return a.torn }

// Close ends the writing. The archive may be opened again.
func (a *Archive) Close() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.file == nil {
		return nil
	}
	err := errors.Join(a.file.Sync(), a.file.Close(), a.manifest.write(a.path(manifestName), true), a.lock.Release())
	a.file = nil
	return err
}

// openActive opens the file that is written to, which may be new.
func (a *Archive) openActive() error {
	info, err := os.Lstat(a.path(activeName))
	if err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("%s is no regular file", activeName)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	a.file, err = os.OpenFile(a.path(activeName), os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o640)
	a.digest = sha256.New()
	return err
}

// flushDir waits until the names in a folder are on the disk.
func flushDir(name string) error {
	d, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
