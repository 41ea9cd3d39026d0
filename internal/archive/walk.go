package archive

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"path/filepath"
	"slices"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/window"
)

// Chain says how a line stands in the chain of its file.
type Chain uint8

const (
	// ChainMalformed is a line that is no JSON.
	ChainMalformed Chain = iota
	// ChainVerified is a line whose hash is right and that follows the one before.
	ChainVerified
	// ChainUnchained is a line without a hash, of before its file had a chain.
	ChainUnchained
	// ChainBroken is a line that was changed, or before which one is missing.
	ChainBroken
)

// Line is a line of an archive.
type Line struct {
	window.Line
	// At is where it stands: the number of its file, and of its line in it from 0.
	// Files are numbered as in the manifest; in its absence, and those that it does
	// not know, by their place from 1.
	At account.Mark
	// File is the name of the file, and Text the line itself.
	File string
	Text []byte
	// Chain says how it stands in the chain of the file.
	Chain Chain
	// Fault is why there is no window in it, or nil.
	Fault error
}

// chain follows the lines of a file, as perf-sentinel's reader does.
type chain struct {
	verifier window.Verifier
	started  bool
	anchored bool // whether it is known what comes next
	hash     string
	seq      uint64
}

func newChain() *chain { return &chain{anchored: true, hash: window.ChainSeed} }

// next returns how a line stands, whose envelope is read.
func (c *chain) next(text []byte, e *window.Envelope, fault error) Chain {
	if fault != nil && !errors.Is(fault, window.ErrShape) {
		return ChainMalformed
	}
	if e.Hash == "" {
		if !c.started {
			return ChainUnchained
		}
		c.anchored = false
		return ChainBroken
	}
	c.started = true
	follows := !c.anchored || e.Prev == c.hash && (!e.HasSeq || e.Seq == c.seq)
	right, err := c.verifier.Verify(text)
	right = right && err == nil
	if right && follows {
		if e.HasSeq {
			c.seq = e.Seq
		}
		c.anchored, c.hash, c.seq = true, e.Hash, c.seq+1
		return ChainVerified
	}
	if e.HasSeq {
		c.seq = e.Seq
	}
	c.anchored, c.hash, c.seq = true, e.Hash, c.seq+1
	return ChainBroken
}

// ReadFile calls yield with each line of one file, plain or compressed. A bad line
// costs itself: it comes with a fault. The line, its text included, is valid until the
// next one. An error is that of the file, or of yield.
func ReadFile(path string, number uint64, yield func(*Line) error) error {
	var decoder window.Decoder
	walk := newChain()
	line := &Line{File: filepath.Base(path)}
	var seq uint64
	return openFile(path, func(r io.Reader) error {
		return eachLine(r, func(text []byte, _ bool) error {
			if text != nil && len(text) == 0 {
				return nil
			}
			line.Text, line.At = text, account.Mark{File: number, Seq: seq}
			if text == nil {
				line.Line, line.Fault = window.Line{}, fmt.Errorf("longer than %d bytes", MaxLine)
			} else {
				line.Fault = decoder.Decode(text, &line.Line)
			}
			line.Chain = walk.next(text, &line.Envelope, line.Fault)
			if line.Chain != ChainMalformed {
				if line.HasSeq {
					line.At.Seq = line.Seq
				}
				seq = line.At.Seq + 1
			}
			return yield(line)
		})
	})
}

// errStop ends a walk that nobody listens to any more.
var errStop = errors.New("stopped")

// Lines yields the lines of an archive from a place on (the zero mark is its begin), as
// far as their files may hold windows or cells of a span; an empty span is all time.
// Each is valid until the next one. The archive may be written to meanwhile; the end
// of a line that is just being written is a line with a fault.
func Lines(ctx context.Context, dir string, from account.Mark, span account.Span) iter.Seq2[*Line, error] {
	return func(yield func(*Line, error) bool) {
		files, err := readable(dir)
		if err != nil {
			yield(nil, fmt.Errorf("archive %s: %w", dir, err))
			return
		}
		for _, f := range files {
			if f.Number < from.File || !f.holds(span) {
				continue
			}
			err := ReadFile(filepath.Join(dir, f.there), f.Number, func(l *Line) error {
				if err := ctx.Err(); err != nil {
					return err
				}
				if l.At.Compare(from) < 0 {
					return nil
				}
				if !yield(l, nil) {
					return errStop
				}
				return nil
			})
			if errors.Is(err, errStop) {
				return
			}
			if err != nil {
				yield(nil, fmt.Errorf("archive %s: %s: %w", dir, f.there, err))
				return
			}
		}
	}
}

// Pruned reports whether files were removed, by the archive's own rules, that held
// windows or cells of a span.
func Pruned(dir string, span account.Span) (bool, error) {
	m, err := readManifest(filepath.Join(dir, manifestName))
	if err != nil || m == nil {
		return false, err
	}
	return slices.ContainsFunc(m.Files, func(f *File) bool {
		return !f.Pruned.IsZero() && f.From.Before(span.To) && span.From.Before(f.To)
	}), nil
}

// Stored is a file of an archive as readers find it.
type Stored struct {
	// File is what the manifest says; of a file that it does not know, Number and Name
	// alone.
	File
	// Path is where the file is; "" if it was pruned.
	Path string
	// Known is whether the manifest knows it.
	Known bool
}

// List returns the files of an archive, oldest first, with those that were pruned. A
// folder that is not there has none.
func List(dir string) ([]Stored, error) {
	m, err := readManifest(filepath.Join(dir, manifestName))
	if err != nil {
		return nil, fmt.Errorf("archive %s: %w", dir, err)
	}
	var out []Stored
	if m != nil {
		for _, f := range m.Files {
			if !f.Pruned.IsZero() {
				out = append(out, Stored{File: *f, Known: true})
			}
		}
	}
	there, err := readable(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return out, nil
	}
	if err != nil {
		return nil, fmt.Errorf("archive %s: %w", dir, err)
	}
	for _, e := range there {
		out = append(out, Stored{File: e.File, Path: filepath.Join(dir, e.there), Known: e.known})
	}
	slices.SortStableFunc(out, func(a, b Stored) int { return cmp.Compare(a.Number, b.Number) })
	return out, nil
}

// entry is a file that is there.
type entry struct {
	File
	there string // its name
	known bool   // to the manifest
}

// holds reports whether something of a span may be in the file.
func (e *entry) holds(span account.Span) bool {
	if span.IsEmpty() || !e.known || !e.Closed || e.From.IsZero() {
		return true
	}
	return e.From.Before(span.To) && span.From.Before(e.To)
}

// readable returns the files of a folder in order, with what the manifest says of them.
func readable(dir string) ([]entry, error) {
	m, err := readManifest(filepath.Join(dir, manifestName))
	if err != nil {
		return nil, err
	}
	there, err := names(dir)
	if err != nil {
		return nil, err
	}
	of := map[string]*File{}
	if m != nil {
		for _, f := range m.Files {
			of[f.Name] = f
		}
	}
	var out []entry
	for i, name := range there {
		e := entry{File: File{Number: uint64(i) + 1, Name: plainName(name)}, there: name}
		if f := of[e.Name]; f != nil && f.Pruned.IsZero() {
			e.File, e.known = *f, true
		}
		out = append(out, e)
	}
	return out, nil
}
