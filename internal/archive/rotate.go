package archive

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/klauspost/compress/zstd"
)

// rotate closes the file that is written to and begins another. Its new name is in
// the manifest first, so that a killed writer's successor knows what was meant.
func (a *Archive) rotate(now time.Time) error {
	closed := a.manifest.active()
	closed.Name = stem + "-" + stamp(now) + extension
	for found(a.config.Dir, closed.Name) != "" { // the clock was set back
		now = now.Add(1)
		closed.Name = stem + "-" + stamp(now) + extension
	}
	closed.Closed = true
	a.manifest.begin()
	err := a.manifest.write(a.path(manifestName), true)
	if err == nil {
		err = os.Rename(a.path(activeName), a.path(closed.Name))
	}
	if err != nil {
		closed.Name, closed.Closed = activeName, false
		a.manifest.Files = a.manifest.Files[:len(a.manifest.Files)-1]
		return err
	}
	if err := a.file.Close(); err != nil {
		return err
	}
	a.file = nil
	if err := a.openActive(); err != nil {
		return err
	}
	if err := flushDir(a.config.Dir); err != nil {
		return err
	}
	return nil
}

// stamp is an instant as the names of closed files have it.
func stamp(t time.Time) string {
	return strings.Replace(t.UTC().Format("20060102T150405.000000000Z"), ".", "", 1)
}

// Tidy compresses closed files and prunes those whose time has come, as the config
// says. What fails is tried again the next time.
func (a *Archive) Tidy(now time.Time) error {
	if a.config.Compress {
		for _, name := range a.plain() {
			if err := compress(a.path(name), a.path(name)+zstdExtension); err != nil {
				return fmt.Errorf("archive %s: compress %s: %w", a.config.Dir, name, err)
			}
		}
	}
	return a.prune(now)
}

// plain returns the closed files that are not compressed.
func (a *Archive) plain() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	var names []string
	for _, f := range a.manifest.Files {
		if f.Closed && f.Pruned.IsZero() && found(a.config.Dir, f.Name) == f.Name {
			names = append(names, f.Name)
		}
	}
	return names
}

// compress replaces a file by a compressed one. One of them is there, whatever
// happens.
func compress(from, to string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	partial := to + ".partial"
	out, err := os.OpenFile(partial, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o640)
	if err != nil {
		return err
	}
	encoder, err := zstd.NewWriter(out, zstd.WithEncoderConcurrency(1))
	if err == nil {
		_, err = io.Copy(encoder, in)
		err = errors.Join(err, encoder.Close())
	}
	if err == nil {
		err = out.Sync()
	}
	if err := errors.Join(err, out.Close()); err != nil {
		return errors.Join(err, os.Remove(partial))
	}
	if err := os.Rename(partial, to); err != nil {
		return err
	}
	return os.Remove(from)
}

// young is the age that the windows of a file must have to be pruned: slots of the last
// days are read again.
const young = 8 * 24 * time.Hour

// prune removes closed files that are too old or too many, oldest first, as far as
// their windows may go. Whether they may is asked without the lock: it can take long.
func (a *Archive) prune(now time.Time) error {
	if a.config.Spendable == nil || a.config.Keep == 0 && a.config.KeepFiles == 0 {
		return nil
	}
	for _, f := range a.due(now) {
		if found(a.config.Dir, f.Name) == "" { // somebody took it away, which is to be found out
			continue
		}
		ok, err := a.config.Spendable(&Stored{File: *f, Path: a.path(found(a.config.Dir, f.Name)), Known: true})
		if err != nil {
			return fmt.Errorf("archive %s: whether %s may be pruned: %w", a.config.Dir, f.Name, err)
		}
		if !ok {
			continue
		}
		if err := a.remove(f, now); err != nil {
			return fmt.Errorf("archive %s: prune %s: %w", a.config.Dir, f.Name, err)
		}
	}
	return nil
}

// due returns the closed files that are to go by age and number. Closed files are not
// changed but by [Archive.remove].
func (a *Archive) due(now time.Time) []*File {
	a.mu.Lock()
	defer a.mu.Unlock()
	var there, due []*File
	for _, f := range a.manifest.Files {
		if f.Closed && f.Pruned.IsZero() {
			there = append(there, f)
		}
	}
	for i, f := range there {
		many := a.config.KeepFiles > 0 && len(there)-i > a.config.KeepFiles
		old := a.config.Keep > 0 && !f.To.IsZero() && f.To.Before(now.Add(-a.config.Keep))
		if (many || old) && f.To.Before(now.Add(-young)) {
			due = append(due, f)
		}
	}
	return due
}

// remove prunes a file. The manifest says so first: a file that is there although it
// was pruned is removed the next time.
func (a *Archive) remove(f *File, now time.Time) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	f.Pruned = now.UTC().Truncate(time.Second)
	if err := a.manifest.write(a.path(manifestName), true); err != nil {
		f.Pruned = time.Time{}
		return err
	}
	if name := found(a.config.Dir, f.Name); name != "" {
		return os.Remove(a.path(name))
	}
	return nil
}
