package emit

import "github.com/dendro-carbon/dendro/internal/value"

const dayMillis = 24 * 60 * 60 * 1000

// calendar writes instants. It remembers the date that it wrote last, which is
// the next one's in all but one of a day's observations.
type calendar struct {
	day  int64
	date [len("2006-01-02T")]byte
	set  bool
}

// append writes an instant in ms since 1970-01-01 UTC in a layout.
func (c *calendar) append(dst []byte, ms int64, layout value.Layout) []byte {
	day := ms / dayMillis
	if ms%dayMillis < 0 {
		day--
	}
	if day != c.day || !c.set {
		if !inFourDigits(ms) {
			return appendTime(dst, ms)
		}
		var room [len("2006-01-02T15:04")]byte
		copy(c.date[:], value.AppendISO(room[:0], ms, value.NaiveShort))
		c.day, c.set = day, true
	}
	rest := uint32(ms - day*dayMillis)
	seconds := rest / 1000
	dst = append(dst, c.date[:]...)
	dst = append2(dst, seconds/3600, ':')
	dst = append2(dst, seconds/60%60, ':')
	switch layout {
	case value.NaiveShort:
		return dst[:len(dst)-1]
	case value.ISOMinutes:
		dst[len(dst)-1] = 'Z'
		return dst
	}
	dst = append2(dst, seconds%60, '.')
	switch layout {
	case value.Naive:
		return dst[:len(dst)-1]
	case value.ISOSeconds:
		dst[len(dst)-1] = 'Z'
		return dst
	}
	milli := rest % 1000
	return append(dst, '0'+byte(milli/100), '0'+byte(milli/10%10), '0'+byte(milli%10), 'Z')
}

func append2(dst []byte, n uint32, behind byte) []byte {
	return append(dst, '0'+byte(n/10), '0'+byte(n%10), behind)
}
