package archive

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/dendro-carbon/dendro/internal/window"
)

// recover puts in order what a writer left that was killed, and opens the file to
// write to.
func (a *Archive) recover() error {
	m, err := readManifest(a.path(manifestName))
	if err != nil {
		return err
	}
	if m == nil {
		if m, err = a.adopt(); err != nil {
			return err
		}
	}
	a.manifest = m
	if err := a.finishRotation(); err != nil {
		return err
	}
	if err := a.reopen(); err != nil {
		return err
	}
	return a.manifest.write(a.path(manifestName), true)
}

// adopt makes the manifest of a folder without one: files of perf-sentinel, or none.
func (a *Archive) adopt() (*manifest, error) {
	m := &manifest{Schema: Schema}
	names, err := closedNames(a.config.Dir)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		m.begin()
		f := m.active()
		f.Name, f.Closed = plainName(name), true
		if err := measure(a.path(name), f); err != nil {
			return nil, err
		}
	}
	m.begin()
	return m, nil
}

// finishRotation does what is left of closing a file: its new name is in the manifest
// before the file has it.
func (a *Archive) finishRotation() error {
	n := len(a.manifest.Files)
	if n < 2 || a.manifest.active().Lines > 0 {
		return nil
	}
	last := a.manifest.Files[n-2]
	if !last.Pruned.IsZero() || found(a.config.Dir, last.Name) != "" {
		return nil
	}
	first, err := firstLines(a.path(activeName), last.Bytes)
	if err != nil || first != last.SHA256 {
		return err // verification tells that a file is missing
	}
	return os.Rename(a.path(activeName), a.path(last.Name))
}

// reopen opens the file to write to and cuts off what is no whole line. It returns
// [ErrBroken] if the manifest knows more than there is.
func (a *Archive) reopen() error {
	if a.file != nil {
		if err := a.file.Close(); err != nil && !errors.Is(err, fs.ErrClosed) {
			return err
		}
	}
	if err := a.openActive(); err != nil {
		return err
	}
	active := a.manifest.active()
	content, err := io.ReadAll(a.file)
	if err != nil {
		return err
	}
	whole := content[:bytes.LastIndexByte(content, '\n')+1]
	if len(whole) < len(content) {
		a.torn++
		if err := errors.Join(a.file.Truncate(int64(len(whole))), a.file.Sync()); err != nil {
			return fmt.Errorf("cut off a torn line: %w", err)
		}
	}
	if err := a.tail(active, whole); err != nil {
		return err
	}
	a.digest.Write(whole)
	active.Bytes, active.SHA256 = int64(len(whole)), sumText(a.digest)
	return nil
}

// tail reads the lines of the active file beyond what the manifest knows, and checks
// that what it knows is there.
func (a *Archive) tail(active *File, whole []byte) error {
	known := active.Bytes
	if int64(len(whole)) < known {
		return fmt.Errorf("%w: %s has %d bytes, and %d were written: lines were cut off; "+
			"put the file back, or move the folder away to begin another archive", ErrBroken, activeName, len(whole), known)
	}
	a.digest.Write(whole[:known])
	altered := known > 0 && sumText(a.digest) != active.SHA256
	a.digest.Reset()
	if altered {
		return fmt.Errorf("%w: %s is not as it was written: dendro archive verify tells where", ErrBroken, activeName)
	}
	if active.Lines > 0 {
		a.first = time.Now()
		if line, ok := decodeFirst(whole); ok {
			a.first = line.Time
		}
	}
	var decoder window.Decoder
	for _, text := range bytes.Split(whole[known:], []byte{'\n'}) {
		if len(text) == 0 {
			continue
		}
		var line window.Line
		if err := decoder.Decode(text, &line); err != nil && !errors.Is(err, window.ErrShape) {
			continue // a fragment that another program closed with a line feed
		}
		if active.Lines == 0 {
			a.first = line.Time
		}
		active.Lines++
		if line.HasSeq {
			active.Lines = line.Seq + 1
		}
		active.Head = line.Hash
		active.see(&line.Window)
	}
	return nil
}

func decodeFirst(content []byte) (window.Line, bool) {
	first, _, _ := bytes.Cut(content, []byte{'\n'})
	var line window.Line
	err := new(window.Decoder).Decode(first, &line)
	return line, err == nil
}

// firstLines returns the hash of the first bytes of a file; "" if it is shorter.
func firstLines(name string, size int64) (string, error) {
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	defer f.Close()
	digest := sha256.New()
	n, err := io.Copy(digest, io.LimitReader(f, size))
	if err != nil || n < size {
		return "", err
	}
	return sumText(digest), nil
}
