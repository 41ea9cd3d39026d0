package demo

// pattern is what the machines of a group do.
type pattern uint8

const (
	// office is people at work from Monday to Friday.
	office pattern = iota
	// night is jobs that begin in the evening.
	night
	// steady is jobs all the time.
	steady
	// quiet is a machine that somebody forgot.
	quiet
	// campaign is days around the clock while an instrument has beam, and then weeks
	// of little.
	campaign
	// training is a course of some days, with breaks.
	training
)

// load returns how much of a machine is busy, in millionths, at a time: the pattern
// of the day, made uneven.
func (g *group) load(seed uint64, at int64) int64 {
	d := floor(at, day)
	h := (at - d*day) / hour
	weekday := (d + 3) % 7 // 1 January 1970 was a Thursday: 0 is Monday
	level := g.level(seed, d, h, weekday < 5)
	uneven := between(40, 190, chance(seed, ofLoad, g.number, uint64(at)))
	return min(1_000_000, level*uneven/100)
}

// level returns the usual load at an hour of a day, in millionths.
func (g *group) level(seed uint64, d, h int64, working bool) int64 {
	switch g.pattern {
	case office:
		switch {
		case working && h >= 9 && h < 12, working && h >= 13 && h < 17:
			return 90_000
		case working && h >= 7 && h < 20:
			return 35_000
		}
		return 4_000
	case night:
		if h >= 19 || h < 4 {
			return 240_000
		}
		return 6_000
	case steady:
		return 430_000
	case campaign:
		if chance(seed, ofCampaign, g.number, uint64(floor(d, 5)))%6 == 0 {
			return 310_000
		}
		return 5_000
	case training:
		course := chance(seed, ofCampaign, g.number, uint64(floor(d+3, 7)))%3 == 0
		if course && working && (h == 10 || h == 11 || h == 14 || h == 15) {
			return 380_000
		}
		return 2_000
	default:
		return 3_000
	}
}
