package scan

import (
	"strings"

	"github.com/dendro-carbon/dendro/internal/value"
)

// The lengths of time in ms.
const (
	second = 1000
	minute = 60 * second
	hour   = 60 * minute
	day    = 24 * hour
)

// Timestamp returns the instant, in ms since 1970-01-01 UTC, that an unquoted
// scalar is, if it is one: YYYY-MM-DD, or a date, T or white space, a time with
// seconds and optionally a fraction and a zone. Without a zone it is UTC; what is
// finer than a millisecond is cut off.
//
// Numbers out of their range carry over (the 32nd of January is the 1st of
// February) and the years 0000 to 0099 are 1900 to 1999: both are what
// JavaScript's Date.UTC does with them.
func Timestamp(s string) (ms int64, ok bool) {
	if len(s) < 8 || s[4] != '-' {
		return 0, false
	}
	if ms, ok := instant(s); ok {
		return ms, true
	}
	r := reader{s: s}
	year, month, dom := r.number(4, 4), r.after('-').number(1, 2), r.after('-').number(1, 2)
	if r.failed {
		return 0, false
	}
	date := dateMillis(year, month, dom)
	if r.s == "" {
		return date, len(s) == len("2006-01-02") // single digits need a time
	}
	r.skipTimeMark()
	h, m, sec := r.number(1, 2), r.after(':').number(2, 2), r.after(':').number(2, 2)
	ms = date + int64(h)*hour + int64(m)*minute + int64(sec)*second + r.fraction()
	ms -= r.zone()
	return ms, !r.failed && r.s == ""
}

// instant is Timestamp for the two forms that are written most.
func instant(s string) (ms int64, ok bool) {
	ms, layout := value.ParseISO(s)
	return ms, (layout == value.ISOMillis || layout == value.ISOSeconds) && s[:2] != "00"
}

// dateMillis returns the ms at which a day begins, month and day carried over.
func dateMillis(year, month, dom int) int64 {
	if year < 100 {
		year += 1900
	}
	month--
	if month < 0 {
		year, month = year-1, month+12
	}
	return (value.DaysFromCivil(year+month/12, month%12+1, 1) + int64(dom) - 1) * day
}

// reader cuts a text into its parts from the left.
type reader struct {
	s      string
	failed bool
}

// number reads between min and max digits.
func (r *reader) number(min, max int) int {
	n, i := 0, 0
	for i < max && i < len(r.s) && r.s[i]-'0' <= 9 {
		n = n*10 + int(r.s[i]-'0')
		i++
	}
	r.failed = r.failed || i < min
	r.s = r.s[i:]
	return n
}

// after reads one given byte.
func (r *reader) after(c byte) *reader {
	if r.s == "" || r.s[0] != c {
		r.failed = true
		return r
	}
	r.s = r.s[1:]
	return r
}

// skipTimeMark reads what separates date and time: a T, or white space.
func (r *reader) skipTimeMark() {
	rest := strings.TrimLeft(r.s, " \t")
	if rest == r.s {
		if r.s[0] != 'T' && r.s[0] != 't' {
			r.failed = true
		}
		rest = r.s[1:]
	}
	r.s = rest
}

// fraction reads a fraction of a second, if there is one, as ms.
func (r *reader) fraction() int64 {
	if r.s == "" || r.s[0] != '.' {
		return 0
	}
	digits := r.s[1 : 1+countDigits(r.s[1:])]
	r.s = r.s[1+len(digits):]
	ms := int64(0)
	for i := range 3 {
		ms *= 10
		if i < len(digits) {
			ms += int64(digits[i] - '0')
		}
	}
	return ms
}

// zone reads a zone, if there is one, as ms east of UTC.
func (r *reader) zone() int64 {
	rest := strings.TrimLeft(r.s, " \t")
	if rest == "" { // white space without a zone stays, and is an error
		return 0
	}
	sign := rest[0]
	r.s = rest[1:]
	switch sign {
	case 'Z':
		return 0
	case '+', '-':
	default:
		r.failed = true
		return 0
	}
	offset := int64(r.number(1, 2)) * hour
	if r.s != "" {
		offset += int64(r.after(':').number(2, 2)) * minute
	}
	if sign == '-' {
		return -offset
	}
	return offset
}
