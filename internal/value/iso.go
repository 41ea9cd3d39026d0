package value

import "time"

// Layout is a way to write an instant. Every layout is exact: [ParseISO] gives
// the layout that writes the same bytes again.
type Layout uint8

// The layouts of instants that observations carry. Only UTC with a Z has a
// layout: any other text stays text.
const (
	NoLayout   Layout = iota
	ISOMillis         // 2023-12-12T00:00:00.000Z
	ISOSeconds        // 2023-12-12T00:00:00Z
	ISOMinutes        // 2023-12-12T00:00Z
	Naive             // 2023-12-12T00:00:00
	NaiveShort        // 2023-12-12T00:00
)

const dayMillis = 24 * 60 * 60 * 1000

// ParseISO reads an instant in one of the layouts, in ms since 1970-01-01 UTC.
// It returns NoLayout for any other text, also for dates that do not exist and
// for years outside 0001 to 9999.
func ParseISO(s string) (ms int64, layout Layout) {
	if len(s) < 16 || s[4] != '-' || s[7] != '-' || s[10] != 'T' || s[13] != ':' {
		return 0, NoLayout
	}
	second, milli := 0, 0
	layout = layoutOf(s)
	ok := true
	if layout == ISOMillis || layout == ISOSeconds || layout == Naive {
		second, ok = two(s, 17)
	}
	if layout == ISOMillis && ok {
		milli, ok = three(s, 20)
	}
	day, okDay := parseDay(s)
	hour, okHour := two(s, 11)
	minute, okMinute := two(s, 14)
	if layout == NoLayout || !ok || !okDay || !okHour || !okMinute || hour > 23 || minute > 59 || second > 59 {
		return 0, NoLayout
	}
	return day*dayMillis + int64(((hour*60+minute)*60+second)*1000+milli), layout
}

func layoutOf(s string) Layout {
	switch {
	case len(s) == 16:
		return NaiveShort
	case len(s) == 17 && s[16] == 'Z':
		return ISOMinutes
	case s[16] != ':':
		return NoLayout
	case len(s) == 19:
		return Naive
	case len(s) == 20 && s[19] == 'Z':
		return ISOSeconds
	case len(s) == 24 && s[19] == '.' && s[23] == 'Z':
		return ISOMillis
	}
	return NoLayout
}

// parseDay returns the days since 1970-01-01 of the date at the start of s.
func parseDay(s string) (int64, bool) {
	century, ok1 := two(s, 0)
	year, ok2 := two(s, 2)
	month, ok3 := two(s, 5)
	day, ok4 := two(s, 8)
	year += century * 100
	if !(ok1 && ok2 && ok3 && ok4) || year == 0 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month) {
		return 0, false
	}
	return DaysFromCivil(year, month, day), true
}

func daysIn(year, month int) int {
	if month == 2 {
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 30 + (month+month>>3)&1
}

// DaysFromCivil returns the days from 1970-01-01 to a date of the proleptic
// Gregorian calendar. (Howard Hinnant, chrono-compatible low-level date
// algorithms, days_from_civil.)
func DaysFromCivil(year, month, day int) int64 {
	if month <= 2 {
		year--
		month += 12
	}
	era := floorDiv(year, 400)
	yearOfEra := year - era*400
	dayOfYear := (153*(month-3)+2)/5 + day - 1
	return int64(era*146097 + yearOfEra*365 + yearOfEra/4 - yearOfEra/100 + dayOfYear - 719468)
}

func floorDiv(a, b int) int {
	if a < 0 {
		return (a - b + 1) / b
	}
	return a / b
}

// AppendISO appends an instant, in ms since 1970-01-01 UTC, in a layout other
// than NoLayout. A year outside 0000 to 9999, which [ParseISO] never gives, has
// a sign and six digits, as JavaScript writes it.
func AppendISO(dst []byte, ms int64, layout Layout) []byte {
	day := ms / dayMillis
	rest := int(ms % dayMillis)
	if rest < 0 {
		day--
		rest += dayMillis
	}
	year, month, dom := civilFromDays(day)
	if year < 0 || year > 9999 {
		dst, year = appendCentury(dst, year)
	}
	dst = append(dst, '0'+byte(year/1000%10), '0'+byte(year/100%10), '0'+byte(year/10%10), '0'+byte(year%10), '-')
	dst = append(append2(dst, month), '-')
	dst = append(append2(dst, dom), 'T')
	dst = append(append2(dst, rest/3600000), ':')
	dst = append2(dst, rest/60000%60)
	switch layout {
	case NaiveShort:
		return dst
	case ISOMinutes:
		return append(dst, 'Z')
	}
	dst = append2(append(dst, ':'), rest/1000%60)
	switch layout {
	case Naive:
		return dst
	case ISOSeconds:
		return append(dst, 'Z')
	}
	return append(dst, '.', '0'+byte(rest/100%10), '0'+byte(rest/10%10), '0'+byte(rest%10), 'Z')
}

// appendCentury appends the sign and the first two digits of a year of six, and
// returns the rest of it.
func appendCentury(dst []byte, year int) ([]byte, int) {
	sign := byte('+')
	if year < 0 {
		sign, year = '-', -year
	}
	return append2(append(dst, sign), year/10000), year % 10000
}

func civilFromDays(day int64) (year, month, dom int) {
	t := time.Unix(day*86400, 0).UTC()
	y, m, d := t.Date()
	return y, int(m), d
}

func append2(dst []byte, n int) []byte { return append(dst, '0'+byte(n/10), '0'+byte(n%10)) }

func two(s string, i int) (int, bool) {
	a, b := s[i]-'0', s[i+1]-'0'
	return int(a)*10 + int(b), a <= 9 && b <= 9
}

func three(s string, i int) (int, bool) {
	n, ok := two(s, i)
	c := s[i+2] - '0'
	return n*10 + int(c), ok && c <= 9
}
