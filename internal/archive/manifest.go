package archive

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/dendro-carbon/dendro/internal/window"
)

// Schema is the version of the shape of manifests.
const Schema = "dendro-archive/v1"

// manifest says which files there are. The last one is that which is written to.
type manifest struct {
	Schema string  `json:"schema"`
	Files  []*File `json:"files"`
}

// File is what a manifest says of a file.
type File struct {
	// Number counts the files of an archive from 1, whatever their names.
	Number uint64 `json:"number"`
	// Name is that of the file, without an extension of compression.
	Name string `json:"name"`
	// Lines and Bytes are how much is in it, uncompressed.
	Lines uint64 `json:"lines"`
	Bytes int64  `json:"bytes"`
	// SHA256 is the hash of these bytes, Head that of the last line.
	SHA256 string `json:"sha256"`
	Head   string `json:"head"`
	// From and To bound the windows in it and the slots of their cells.
	From time.Time `json:"from,omitzero"`
	To   time.Time `json:"to,omitzero"`
	// Closed is false for the file that is written to.
	Closed bool `json:"closed,omitempty"`
	// Pruned is when the file was removed by the archive's own rules.
	Pruned time.Time `json:"pruned,omitzero"`
}

// head returns the hash that the next line has as prev.
func (f *File) head() string {
	if f.Lines == 0 || f.Head == "" { // lines of before there were chains
		return window.ChainSeed
	}
	return f.Head
}

// see widens the time of a file by a window.
func (f *File) see(w *window.Window) {
	if w.Detail == nil {
		return
	}
	f.include(w.Detail.From, w.Detail.To)
	for i := range w.Detail.Cells {
		if slot := w.Detail.Cells[i].Slot; slot > 0 {
			f.include(slot, slot+int64(w.Detail.Slot))
		}
	}
	for i := range w.Detail.Idle {
		if slot := w.Detail.Idle[i].Slot; slot > 0 {
			f.include(slot, slot+int64(w.Detail.Slot))
		}
	}
}

func (f *File) include(from, to int64) {
	if from <= 0 || to <= from {
		return
	}
	begin, end := time.Unix(0, from).UTC(), time.Unix(0, to).UTC()
	if f.From.IsZero() || begin.Before(f.From) {
		f.From = begin
	}
	if end.After(f.To) {
		f.To = end
	}
}

// active returns the file that is written to.
func (m *manifest) active() *File { return m.Files[len(m.Files)-1] }

// begin adds the next file to write to.
func (m *manifest) begin() {
	number := uint64(1)
	if n := len(m.Files); n > 0 {
		number = m.Files[n-1].Number + 1
	}
	m.Files = append(m.Files, &File{Number: number, Name: activeName})
}

// readManifest reads a manifest, nil if there is none.
func readManifest(name string) (*manifest, error) {
	text, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	m := &manifest{}
	decoder := json.NewDecoder(bytes.NewReader(text))
	if err := decoder.Decode(m); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrBroken, name, err)
	}
	return m, m.check(name)
}

// check holds a manifest that was read to its shape.
func (m *manifest) check(name string) error {
	if m.Schema != Schema {
		return fmt.Errorf("%w: %s: schema %q, and this program knows %q", ErrBroken, name, m.Schema, Schema)
	}
	if len(m.Files) == 0 || m.active().Closed {
		return fmt.Errorf("%w: %s: no file to write to", ErrBroken, name)
	}
	for i, f := range m.Files {
		wrong := f == nil || f.Number != m.Files[0].Number+uint64(i) || f.Bytes < 0 || filepath.Base(f.Name) != f.Name
		if wrong || f.Closed == (i == len(m.Files)-1) {
			return fmt.Errorf("%w: %s: files[%d] is not valid", ErrBroken, name, i)
		}
	}
	return nil
}

// write replaces the manifest on the disk: the old one or the new one is there,
// whatever happens.
func (m *manifest) write(name string, sync bool) error {
	text, err := json.MarshalIndent(m, "", " ")
	if err != nil {
		return err
	}
	partial := name + ".partial"
	f, err := os.OpenFile(partial, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o640)
	if err != nil {
		return err
	}
	_, err = f.Write(append(text, '\n'))
	if err == nil && sync {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := os.Rename(partial, name); err != nil || !sync {
		return err
	}
	return flushDir(filepath.Dir(name))
}

// sumText returns a hash as manifests have it.
func sumText(digest hash.Hash) string { return "sha256:" + hex.EncodeToString(digest.Sum(nil)) }
