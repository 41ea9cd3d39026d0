package timesync

import (
	"math"
	"strings"
	"time"

	"github.com/dendro-carbon/dendro/internal/value"
)

// ParseInstant reads a time, or a text that [ParseUTC] or [ParseOffset] reads, in
// ms since 1970-01-01 UTC.
func ParseInstant(v value.Value) (ms int64, ok bool) {
	if ms, ok := v.Millis(); ok {
		return ms, true
	}
	s, _ := v.Str()
	if ms, ok := ParseUTC(s); ok {
		return ms, true
	}
	return ParseOffset(s)
}

// ParseUTC reads an instant that ends in Z, with or without seconds and their
// fraction, in ms since 1970-01-01 UTC. What is finer than a millisecond is cut.
func ParseUTC(s string) (ms int64, ok bool) {
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

// ParseOffset reads an instant with an offset from UTC, such as +01:00, in ms
// since 1970-01-01 UTC.
func ParseOffset(s string) (ms int64, ok bool) {
	for _, layout := range [...]string{time.RFC3339Nano, "2006-01-02T15:04Z07:00"} {
		if t, err := time.Parse(layout, s); err == nil && t.Year() > 0 {
			return t.UnixMilli(), true
		}
	}
	return 0, false
}
