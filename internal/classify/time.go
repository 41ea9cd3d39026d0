package classify

import (
	"math"
	"time"
)

// Timestamp reads an instant: a date, T or a space, the time of day with up to
// nine decimals of a second (more are cut), and Z or an offset such as +02:00,
// +0200 or +02. It returns nanoseconds since the Unix epoch, and false for what
// is no such text, has no offset, or is not in the years 1970 to 2261. A leap
// second is the first of the next minute.
func Timestamp(text []byte) (nanos int64, ok bool) {
	const shortest = len("2006-01-02T15:04Z")
	if len(text) < shortest || text[4] != '-' || text[7] != '-' || text[13] != ':' ||
		text[10] != 'T' && text[10] != 't' && text[10] != ' ' {
		return 0, false
	}
	d := digits{ok: true}
	year, month, day := d.pair(text[0:])*100+d.pair(text[2:]), d.pair(text[5:]), d.pair(text[8:])
	hour, minute := d.pair(text[11:]), d.pair(text[14:])
	rest := text[16:]
	second, fraction := int64(0), int64(0)
	if len(rest) >= 3 && rest[0] == ':' {
		second, rest = d.pair(rest[1:]), rest[3:]
		fraction, rest = d.fraction(rest)
	}
	offset := d.offset(rest)
	if !d.ok || year < 1970 || year > 2261 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month) ||
		hour > 23 || minute > 59 || second > 60 {
		return 0, false
	}
	seconds := ((daysSinceEpoch(year, month, day)*24+hour)*60+minute)*60 + second - offset
	if seconds < 0 || seconds >= math.MaxInt64/int64(time.Second) {
		return 0, false
	}
	return seconds*int64(time.Second) + fraction, true
}

// digits reads numbers of fixed length; ok turns false at what is none.
type digits struct{ ok bool }

// pair reads two digits, which the caller knows to be in bounds.
func (d *digits) pair(text []byte) int64 {
	tens, units := text[0]-'0', text[1]-'0'
	if tens > 9 || units > 9 {
		d.ok = false
	}
	return int64(tens)*10 + int64(units)
}

// fraction reads a dot or a comma and decimals of a second, if there are any,
// and returns nanoseconds.
func (d *digits) fraction(text []byte) (nanos int64, rest []byte) {
	if len(text) == 0 || text[0] != '.' && text[0] != ',' {
		return 0, text
	}
	unit := int64(time.Second) / 10
	i := 1
	for ; i < len(text) && text[i] >= '0' && text[i] <= '9'; i++ {
		nanos += int64(text[i]-'0') * unit
		unit /= 10
	}
	if i == 1 {
		d.ok = false
	}
	return nanos, text[i:]
}

// offset reads the offset from UTC that ends a timestamp, in seconds.
func (d *digits) offset(text []byte) int64 {
	if len(text) == 1 && (text[0] == 'Z' || text[0] == 'z') {
		return 0
	}
	if len(text) < 3 || text[0] != '+' && text[0] != '-' {
		d.ok = false
		return 0
	}
	hours, minutes := d.pair(text[1:]), int64(0)
	switch {
	case len(text) == len("+02:00") && text[3] == ':':
		minutes = d.pair(text[4:])
	case len(text) == len("+0200"):
		minutes = d.pair(text[3:])
	case len(text) != len("+02"):
		d.ok = false
	}
	if hours > 23 || minutes > 59 {
		d.ok = false
	}
	if seconds := (hours*60 + minutes) * 60; text[0] == '+' {
		return seconds
	} else {
		return -seconds
	}
}

// daysSinceEpoch counts days from 1970-01-01, with years that begin in March so
// that a leap day is the last of its year.
func daysSinceEpoch(year, month, day int64) int64 {
	if month <= 2 {
		year, month = year-1, month+12
	}
	leaps := year/4 - year/100 + year/400
	const epoch = 719_468 // days from 0000-03-01 to 1970-01-01
	return 365*year + leaps + (153*(month-3)+2)/5 + day - 1 - epoch
}

func daysIn(year, month int64) int64 {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}
