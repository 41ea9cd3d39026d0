package builtin

import (
	"math"
	"strings"
	"time"

	"github.com/dendro-carbon/dendro/internal/value"
)

// datetime accepts texts of an instant: date, T, time with or without seconds
// and their fraction, and Z, or an offset such as +01:00 if offsets are allowed.
func datetime(offsets bool) schema {
	return func(v value.Value, path string, r *report) bool {
		s, ok := v.Str()
		if !ok {
			return wrongType(v, path, "string", r)
		}
		_, ok = parseUTC(s)
		if !ok && offsets {
			_, ok = parseOffset(s)
		}
		if !ok {
			r.add(path, "invalid_string", "Invalid datetime")
		}
		return true
	}
}

// parseInstant reads a time, or a text that [datetime] accepts, in ms since
// 1970-01-01 UTC.
func parseInstant(v value.Value) (ms int64, ok bool) {
	if ms, ok := v.Millis(); ok {
		return ms, true
	}
	s, _ := v.Str()
	if ms, ok := parseUTC(s); ok {
		return ms, true
	}
	return parseOffset(s)
}

// parseUTC reads an instant that ends in Z. What is finer than a millisecond is
// cut.
func parseUTC(s string) (ms int64, ok bool) {
	ms, layout := value.ParseISO(s)
	switch layout {
	case value.ISOMillis, value.ISOSeconds, value.ISOMinutes:
		return ms, true
	}
	whole, fraction, found := strings.Cut(s, ".")
	digits, zulu := strings.CutSuffix(fraction, "Z")
	if !found || !zulu || digits == "" || strings.Trim(digits, "0123456789") != "" {
		return 0, false
	}
	ms, layout = value.ParseISO(whole)
	if layout != value.Naive {
		return 0, false
	}
	return ms + int64(math.Floor(value.ParseFloat("0."+digits)*1000)), true
}

// parseOffset reads an instant with an offset from UTC.
func parseOffset(s string) (ms int64, ok bool) {
	for _, layout := range [...]string{time.RFC3339Nano, "2006-01-02T15:04Z07:00"} {
		if t, err := time.Parse(layout, s); err == nil && t.Year() > 0 {
			return t.UnixMilli(), true
		}
	}
	return 0, false
}

// isoText writes an instant as outputs have it.
func isoText(ms int64) string { return string(value.AppendISO(nil, ms, value.ISOMillis)) }
