// Package linehash recomputes the hash that a line of JSON states of the rest of itself: the
// link of a chain of windows.
//
// The fact that a reader would get wrong: the hash is of the canonical text without the
// member hash, so a line that was indented or whose members were sorted otherwise is
// still right.
package linehash

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"

	"github.com/dendro-carbon/dendro/internal/canon"
)

// Prefix begins every hash.
const Prefix = "sha256:"

// Verifier recomputes the hashes of lines. The zero value is ready; it is not safe for
// concurrent use.
type Verifier struct {
	digest   hash.Hash
	sum      []byte
	text     []byte
	canon    canon.Canonicalizer
	scanner  canon.Scanner
	verbatim bool
}

// Verify reports whether a line's hash is that of the rest of it. An error, which wraps
// [canon.ErrSyntax], means that the line is no JSON object or has no hash.
//
// A line is hashed in its canonical text. One that is canonical and begins with its hash is hashed as it
// stands, which is the same and faster.
func (v *Verifier) Verify(line []byte) (bool, error) {
	line = bytes.TrimSpace(line)
	v.scanner.Reset(line)
	v.scanner.Skip()
	return v.VerifyRead(line, v.scanner.Loose())
}

// VerifyRead is [Verifier.Verify] for a line that was read, and showed whether its text is loose, and not
// canonical (see [canon.Scanner.Loose]).
func (v *Verifier) VerifyRead(line []byte, loose bool) (bool, error) {
	line = bytes.TrimSpace(line)
	stated, rest, ok := cutHash(line)
	if v.verbatim = ok && !loose && bytes.Equal(v.hash([]byte("{"), rest), stated); v.verbatim {
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
	v.sum = hex.AppendEncode(append(v.sum[:0], Prefix...), v.digest.Sum(sum[:0]))
	return v.sum
}

// cutHash takes the hash off the front of a line, where canonical text has it.
func cutHash(line []byte) (stated, rest []byte, ok bool) {
	const front = `{"hash":"`
	end := len(front) + len(Prefix) + 2*sha256.Size
	if len(line) < end+2 || !bytes.HasPrefix(line, []byte(front)) || line[end] != '"' || line[end+1] != ',' {
		return nil, nil, false
	}
	return line[len(front):end], line[end+2:], true
}

// body returns the hash that a line states and the canonical text of its other members.
func (v *Verifier) body(line []byte) (stated string, body []byte, err error) {
	var s canon.Scanner
	s.Reset(line)
	rest := []byte{'{'}
	s.Object()
	for name, more := s.Key(); more; name, more = s.Key() {
		if string(name) != "hash" {
			if len(rest) > 1 {
				rest = append(rest, ',')
			}
			rest = append(canon.AppendString(rest, string(name)), ':')
			rest = append(rest, s.Skip()...)
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
	v.text, err = v.canon.Append(v.text[:0], append(rest, '}'))
	return stated, v.text, err
}
