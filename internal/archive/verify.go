package archive

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// Finding is something that is wrong with an archive.
type Finding struct {
	// Code is a short fixed word.
	Code FindingCode `json:"code"`
	// File is the file, and Line its line from 1 if it is about one.
	File string `json:"file"`
	Line int    `json:"line,omitempty"`
	// Text says it to people.
	Text string `json:"text"`
}

// FindingCode is a kind of finding.
type FindingCode string

// The kinds of findings.
const (
	FindingBroken    FindingCode = "chain-broken"
	FindingDuplicate FindingCode = "duplicate"
	FindingMissing   FindingCode = "file-missing"
	FindingExtra     FindingCode = "file-extra"
	FindingAltered   FindingCode = "file-altered"
	FindingCut       FindingCode = "tail-cut"
	FindingManifest  FindingCode = "manifest"
)

// Summary is what is in a file.
type Summary struct {
	Name   string `json:"name"`
	Number uint64 `json:"number"`
	Bytes  int64  `json:"bytes"`
	Lines  int    `json:"lines"`
	// Windows are the lines that hold one.
	Windows int `json:"windows"`
	// Verified, Unchained, Broken and Malformed count lines by how they stand in the
	// chain.
	Verified  int       `json:"verified"`
	Unchained int       `json:"unchained"`
	Broken    int       `json:"broken"`
	Malformed int       `json:"malformed"`
	First     time.Time `json:"first,omitzero"`
	Last      time.Time `json:"last,omitzero"`
	Pruned    time.Time `json:"pruned,omitzero"`
	Active    bool      `json:"active,omitempty"`

	head string
}

// Verification is the result of [Verify].
type Verification struct {
	// Manifest is whether the archive has one. Without, nobody can tell whether files
	// or the ends of files are missing.
	Manifest bool      `json:"manifest"`
	Files    []Summary `json:"files"`
	Findings []Finding `json:"findings"`
}

// Sound reports whether nothing is wrong.
func (v *Verification) Sound() bool { return len(v.Findings) == 0 }

// Verify reads a whole archive, a folder or a single file, and reports what is wrong with
// it: broken chains, lines that are there twice, and, where there is a manifest,
// files that are missing, altered or unknown to it and ends that were cut off. Lines
// that are no JSON are counted; they are what a crash leaves, and no finding as long
// as the chain holds. The error is one of reading.
func Verify(path string) (*Verification, error) {
	v := &verifier{result: &Verification{Findings: []Finding{}}, seen: map[string]string{}}
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		err := v.file(filepath.Dir(path), entry{File: File{Number: 1, Name: plainName(info.Name())}, there: info.Name()})
		return v.result, err
	}
	m, err := readManifest(filepath.Join(path, manifestName))
	if errors.Is(err, ErrBroken) {
		v.find(FindingManifest, manifestName, 0, "%v", err)
	} else if err != nil {
		return nil, err
	}
	v.result.Manifest = m != nil && err == nil
	if !v.result.Manifest {
		m = &manifest{}
	}
	return v.result, v.folder(path, m)
}

// verifier gathers what is found.
type verifier struct {
	result *Verification
	seen   map[string]string // where a line was met first, by hash
}

func (v *verifier) find(code FindingCode, file string, line int, format string, args ...any) {
	v.result.Findings = append(v.result.Findings, Finding{code, file, line, fmt.Sprintf(format, args...)})
}

// folder verifies what is there against the manifest.
func (v *verifier) folder(dir string, m *manifest) error {
	there, err := names(dir)
	if err != nil {
		return err
	}
	of := map[string]*File{}
	for _, f := range m.Files {
		of[f.Name] = f
		name := found(dir, f.Name)
		switch {
		case !f.Pruned.IsZero():
			v.result.Files = append(v.result.Files, Summary{Name: f.Name, Number: f.Number, Bytes: f.Bytes, Lines: int(f.Lines), Pruned: f.Pruned})
		case name == "" && (f.Closed || f.Lines > 0):
			v.find(FindingMissing, f.Name, 0, "the file is gone: %d lines, windows from %s to %s", f.Lines, day(f.From), day(f.To))
		}
	}
	for i, name := range there {
		e := entry{File: File{Number: uint64(i) + 1, Name: plainName(name)}, there: name}
		switch f := of[e.Name]; {
		case f != nil:
			e.File, e.known = *f, true
			if !f.Pruned.IsZero() {
				v.find(FindingExtra, name, 0, "the file was pruned at %s and is there", day(f.Pruned))
			}
		case v.result.Manifest:
			v.find(FindingExtra, name, 0, "the manifest does not know the file")
		}
		if err := v.file(dir, e); err != nil {
			return err
		}
	}
	return nil
}

func day(t time.Time) string {
	if t.IsZero() {
		return "?"
	}
	return t.UTC().Format(time.RFC3339)
}

// file verifies one file.
func (v *verifier) file(dir string, e entry) error {
	path := filepath.Join(dir, e.there)
	s := Summary{Name: e.there, Number: e.Number, Active: !e.Closed && e.known}
	err := ReadFile(path, e.Number, func(l *Line) error {
		s.Lines++
		v.line(&s, l)
		return nil
	})
	if unreadable(err) {
		v.find(FindingAltered, e.there, s.Lines+1, "the compressed file is damaged: %v", err)
		err = nil
	}
	if err == nil {
		err = v.content(path, &s, &e)
	}
	v.result.Files = append(v.result.Files, s)
	return err
}

// unreadable reports whether an error is of the content and not of the disk.
func unreadable(err error) bool {
	var path *os.PathError
	return err != nil && !errors.As(err, &path)
}

// line takes notice of a line.
func (v *verifier) line(s *Summary, l *Line) {
	switch l.Chain {
	case ChainVerified:
		s.Verified++
	case ChainUnchained:
		s.Unchained++
	case ChainMalformed:
		s.Malformed++
		return
	case ChainBroken:
		s.Broken++
		v.find(FindingBroken, s.Name, s.Lines, "the line is altered, or lines before it are missing or in another order")
	}
	s.head = l.Hash
	if l.Fault == nil {
		s.Windows++
		if s.First.IsZero() {
			s.First = l.Time
		}
		s.Last = l.Time
	}
	if l.Hash == "" {
		return
	}
	where := fmt.Sprintf("%s line %d", s.Name, s.Lines)
	if first, again := v.seen[l.Hash]; again {
		v.find(FindingDuplicate, s.Name, s.Lines, "the line is that of %s", first)
		return
	}
	v.seen[l.Hash] = where
}

// content compares a file with what the manifest says of it.
func (v *verifier) content(path string, s *Summary, e *entry) error {
	digest, size, head := sha256.New(), int64(0), ""
	err := openFile(path, func(r io.Reader) error {
		n, err := io.Copy(digest, io.LimitReader(r, max(e.Bytes, 0)))
		size, head = n, sumText(digest)
		if err != nil {
			return err
		}
		more, err := io.Copy(io.Discard, r)
		s.Bytes = n + more
		return err
	})
	if unreadable(err) {
		return nil // told already
	}
	if err != nil || !e.known || !e.Pruned.IsZero() {
		return err
	}
	switch {
	case size < e.Bytes:
		v.find(FindingCut, s.Name, 0, "%d bytes, and %d were written (%d lines): the end is gone", size, e.Bytes, e.Lines)
	case e.Bytes > 0 && head != e.SHA256:
		v.find(FindingAltered, s.Name, 0, "the content is not what was written")
	case e.Closed && s.Bytes > e.Bytes:
		v.find(FindingAltered, s.Name, 0, "%d bytes, and %d were written", s.Bytes, e.Bytes)
	}
	return nil
}
