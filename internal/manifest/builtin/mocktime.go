package builtin

import (
	"regexp"
	"strconv"

	"github.com/dendro-carbon/dendro/internal/value"
)

// parseISO8601 reads an instant in the forms of ISO 8601 that Luxon reads, in
// ms since 1970-01-01 UTC: a calendar date, a week date or an ordinal date, with
// or without separators, and behind a T a time with as much of it as there is
// and an offset; without one it is UTC. Not read are years of six digits, names
// of zones, and times without a date.
func parseISO8601(s string) (ms int64, ok bool) {
	const clock = `(?:[Tt](\d\d)(?::?(\d\d)(?::?(\d\d)(?:[.,](\d{1,30}))?)?)?(?:[Zz]|([+-])(\d\d)(?::?(\d\d))?)?)?$`
	for _, form := range [...]struct {
		pattern string
		days    func(year, a, b int) (int64, bool)
	}{
		{`^(\d{4})(?:-?(\d\d)(?:-?(\d\d))?)?` + clock, calendarDays},
		{`^(\d{4})-?W(\d\d)(?:-?(\d))?` + clock, weekDays},
		{`^(\d{4})-?(\d{3})()` + clock, ordinalDays},
	} {
		m := regexp.MustCompile(form.pattern).FindStringSubmatch(s)
		if m == nil {
			continue
		}
		days, okDays := form.days(count(m[1], 0), count(m[2], 1), count(m[3], 1))
		time, okTime := clockMillis(m[4:])
		return days*86_400_000 + time, okDays && okTime
	}
	return 0, false
}

// count reads digits, or gives the fallback for none.
func count(digits string, fallback int) int {
	n, err := strconv.Atoi(digits)
	if err != nil {
		return fallback
	}
	return n
}

func calendarDays(year, month, day int) (int64, bool) {
	if year == 0 || month < 1 || month > 12 || day < 1 {
		return 0, false
	}
	days := value.DaysFromCivil(year, month, day)
	nextYear, next := year, month+1
	if next > 12 {
		nextYear, next = year+1, 1
	}
	return days, days < value.DaysFromCivil(nextYear, next, 1)
}

func ordinalDays(year, day, _ int) (int64, bool) {
	first := value.DaysFromCivil(year, 1, 1)
	days := first + int64(day) - 1
	return days, year > 0 && day >= 1 && days < value.DaysFromCivil(year+1, 1, 1)
}

func weekDays(year, week, weekday int) (int64, bool) {
	first := firstMonday(year)
	days := first + int64(week-1)*7 + int64(weekday-1)
	return days, year > 0 && week >= 1 && first+int64(week-1)*7 < firstMonday(year+1) && weekday >= 1 && weekday <= 7
}

// firstMonday returns the begin of the first week of a year: the Monday of the
// week of 4 January. 1970-01-01 was a Thursday.
func firstMonday(year int) int64 {
	fourth := value.DaysFromCivil(year, 1, 4)
	return fourth - ((fourth+3)%7+7)%7
}

// clockMillis reads hours, minutes, seconds, their fraction, and the sign, hours
// and minutes of an offset.
func clockMillis(m []string) (ms int64, ok bool) {
	hour, minute, second := count(m[0], 0), count(m[1], 0), count(m[2], 0)
	milli := 0
	if m[3] != "" {
		milli = int(value.ParseFloat("0."+m[3]) * 1000)
	}
	offset := int64(count(m[5], 0)*60 + count(m[6], 0))
	if m[4] == "-" {
		offset = -offset
	}
	midnight := hour == 24 && minute+second+milli == 0
	ms = int64((hour*60+minute)*60+second)*1000 + int64(milli) - offset*60_000
	return ms, (hour < 24 || midnight) && minute < 60 && second < 60
}
