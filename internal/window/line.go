package window

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"time"

	"github.com/dendro-carbon/dendro/internal/canon"
)

// ChainSeed stands for the hash before the first line of a file.
const ChainSeed = "perf-sentinel-archive/v1"

// hashPrefix begins every hash.
const hashPrefix = "sha256:"

// Envelope is what a line of an archive says beside its report.
type Envelope struct {
	// Time is when the window was scored. It is the zero time if the line does not say,
	// or not in RFC 3339.
	Time time.Time
	// Hash is the line's own hash, or "" if it has none, or none that is a text.
	Hash string
	// Prev is the hash of the line before, or [ChainSeed], or "".
	Prev string
	// Seq numbers the lines of a file from 0.
	Seq uint64
	// HasSeq is whether the line has a number.
	HasSeq bool
}

// Line is a line of an archive.
type Line struct {
	Envelope
	Window Window
	// Report is the text of the window, as it stands in the line.
	Report Raw
	// Negative counts amounts of energy and carbon below 0 in the line. They are kept
	// as they are; [Clean] takes such a figure as 0.
	Negative int
}

// Clean returns an amount that was read from an archive, or 0 and false for one that
// cannot be: negative, infinite or not a number.
func Clean(x float64) (amount float64, ok bool) {
	if !isAmount(x) {
		return 0, false
	}
	return x + 0, true
}

// AppendLine appends a line of an archive, without the end of the line, and returns its
// hash, which the next line has as prev. It fails as [Window.AppendJSON] does.
func AppendLine(dst []byte, e Envelope, w *Window) (line []byte, sum string, err error) {
	report, err := w.AppendJSON(nil)
	if err != nil {
		return dst, "", err
	}
	var body writer
	body.object(func() {
		body.text("prev", e.Prev)
		body.raw("report", report)
		body.uint("seq", e.Seq)
		body.key("ts")
		body.dst = append(append(append(body.dst, '"'), appendInstant(nil, e.Time)...), '"')
	})
	digest := sha256.Sum256(body.dst)
	sum = hashPrefix + hex.EncodeToString(digest[:])
	dst = append(append(append(dst, `{"hash":"`...), sum...), `",`...)
	return append(dst, body.dst[1:]...), sum, nil
}

// Verifier recomputes the hashes of lines. The zero value is ready; it is not safe for
// concurrent use.
type Verifier struct {
	digest   hash.Hash
	sum      []byte
	text     []byte
	canon    canon.Canonicalizer
	verbatim bool
}

// Verify reports whether a line's hash is that of the rest of it. An error, which wraps
// [canon.ErrSyntax], means that the line is no JSON object or has no hash.
//
// A line is hashed in its canonical text. One as this package writes it is hashed as it
// stands, which is the same and faster.
func (v *Verifier) Verify(line []byte) (bool, error) {
	line = bytes.TrimSpace(line)
	stated, rest, ok := cutHash(line)
	if v.verbatim = ok && bytes.Equal(v.hash([]byte("{"), rest), stated); v.verbatim {
		return true, nil
	}
	text, body, err := v.body(line)
	if err != nil {
		return false, err
	}
	return string(v.hash(body, nil)) == text, nil
}

// Verbatim reports whether the line that was verified last has the hash of its very text, so that
// this needs no canonical form.
func (v *Verifier) Verbatim() bool { return v.verbatim }

// hash returns the hash of two pieces of text, in memory that is used again.
func (v *Verifier) hash(a, b []byte) []byte {
	if v.digest == nil {
		v.digest = sha256.New()
	}
	v.digest.Reset()
	v.digest.Write(a)
	v.digest.Write(b)
	var sum [sha256.Size]byte
	v.sum = hex.AppendEncode(append(v.sum[:0], hashPrefix...), v.digest.Sum(sum[:0]))
	return v.sum
}

// cutHash takes the hash off the front of a line, where this package writes it.
func cutHash(line []byte) (stated, rest []byte, ok bool) {
	const front = `{"hash":"`
	end := len(front) + len(hashPrefix) + 2*sha256.Size
	if len(line) < end+2 || !bytes.HasPrefix(line, []byte(front)) || line[end] != '"' || line[end+1] != ',' {
		return nil, nil, false
	}
	return line[len(front):end], line[end+2:], true
}

// body returns the hash that a line states and the canonical text of its other members.
func (v *Verifier) body(line []byte) (stated string, body []byte, err error) {
	var s canon.Scanner
	s.Reset(line)
	rest := writer{dst: []byte{'{'}}
	s.Object()
	for name, more := s.Key(); more; name, more = s.Key() {
		if string(name) != "hash" {
			rest.key(string(name))
			rest.dst = append(rest.dst, s.Skip()...)
			continue
		}
		stated = ""
		if s.Peek() == '"' {
			stated = s.Text()
		} else {
			s.Skip()
		}
	}
	if err := s.End(); err != nil {
		return "", nil, err
	}
	if stated == "" {
		return "", nil, fmt.Errorf("%w: the line has no hash", canon.ErrSyntax)
	}
	v.text, err = v.canon.Append(v.text[:0], append(rest.dst, '}'))
	return stated, v.text, err
}
