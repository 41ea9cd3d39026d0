package emit

import (
	"fmt"
	"strings"
	"time"

	"github.com/dendro-carbon/dendro/internal/value"
)

// isTimestamp reports whether a plain text would be read as a time: a date,
// or a date and a time of day to the second, with or without a zone. (The YAML
// type timestamp, yaml.org/type/timestamp.html, as js-yaml 4 reads it.)
func isTimestamp(s string) bool {
	t := cursor{s}
	if !t.digits(4, 4) || !t.sign('-') {
		return false
	}
	month := len(t.rest)
	if !t.digits(1, 2) || !t.sign('-') || !t.digits(1, 2) {
		return false
	}
	if t.rest == "" {
		return month == len("12-12")
	}
	if !t.separator() || !t.digits(1, 2) || !t.sign(':') || !t.digits(2, 2) || !t.sign(':') || !t.digits(2, 2) {
		return false
	}
	if t.sign('.') {
		t.rest = t.rest[countDigits(t.rest):]
	}
	return t.rest == "" || t.zone()
}

// cursor reads a text from its start; a method that returns false leaves the
// text as it was or is the last to be called.
type cursor struct{ rest string }

func (t *cursor) digits(least, most int) bool {
	n := min(countDigits(t.rest), most)
	t.rest = t.rest[n:]
	return n >= least
}

func (t *cursor) sign(c byte) bool {
	if t.rest == "" || t.rest[0] != c {
		return false
	}
	t.rest = t.rest[1:]
	return true
}

func (t *cursor) separator() bool {
	return t.sign('T') || t.sign('t') || t.blanks()
}

func (t *cursor) blanks() bool {
	rest := strings.TrimLeft(t.rest, " \t")
	found := len(rest) < len(t.rest)
	t.rest = rest
	return found
}

func (t *cursor) zone() bool {
	t.blanks()
	if t.sign('Z') {
		return t.rest == ""
	}
	if !t.sign('+') && !t.sign('-') || !t.digits(1, 2) {
		return false
	}
	return t.rest == "" || t.sign(':') && t.digits(2, 2) && t.rest == ""
}

// appendTime writes an instant as JavaScript's Date.toISOString does.
func appendTime(dst []byte, ms int64) []byte {
	if inFourDigits(ms) {
		return value.AppendISO(dst, ms, value.ISOMillis)
	}
	t := time.UnixMilli(ms).UTC()
	if t.Year() != 0 {
		dst = fmt.Appendf(dst, "%+07d", t.Year())
		return t.AppendFormat(dst, "-01-02T15:04:05.000Z")
	}
	return t.AppendFormat(dst, "2006-01-02T15:04:05.000Z")
}

// inFourDigits reports whether the year of an instant is one of 1 to 9999.
func inFourDigits(ms int64) bool {
	const first, behind = -62135596800000, 253402300800000 // 0001-01-01, 10000-01-01
	return first <= ms && ms < behind
}
