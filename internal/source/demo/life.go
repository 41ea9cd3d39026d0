package demo

import (
	"fmt"

	"github.com/dendro-carbon/dendro/internal/account"
)

// Lengths of time in seconds.
const (
	minute int64 = 60
	hour         = 60 * minute
	day          = 24 * hour
)

// users is how many users the facility has.
const users = 310

// life is one machine of a group: from when to when, in seconds since 1970 UTC, and
// whose. Between two of them the group has none.
type life struct {
	// cell is the stretch of time that it belongs to, [begins, ends) as a whole; the
	// machine is there from from to to.
	cell         int64
	begins, ends int64
	from, to     int64
	subject      account.Subject
}

// lifeAt returns the machine of a group around a time.
func (g *group) lifeAt(seed uint64, at int64) (life, error) {
	l := life{cell: floor(at-g.phase, g.cell)}
	l.begins = g.phase + l.cell*g.cell
	l.ends = l.begins + g.cell
	c, n := uint64(l.cell), g.number
	// A machine is there for a good third of the time: most groups are not in use.
	length := g.cell * between(15, 60, chance(seed, ofLife, n, c)) / 100
	l.from = l.begins + between(0, g.cell-length, chance(seed, ofLife, n, c, 1))
	l.to = l.from + length

	// The number of the group comes first, so that hosts are in the order of groups.
	l.subject.Host = fmt.Sprintf("sim-%03d-%d", g.number, l.cell)
	user := ""
	if u := chance(seed, ofUser, n, c) % (users + users/10); u < users { // the others have none: a pool
		user = userName(u)
	}
	var err error
	l.subject.Labels, err = account.LabelsOf(
		"cloud_project_name", g.project, "machine_name", g.machine, "instance", l.subject.Host+":9100", "user", user)
	return l, err
}

// floor divides and rounds down.
func floor(a, b int64) int64 {
	if a < 0 {
		return -((b - 1 - a) / b)
	}
	return a / b
}

// stretch is [from, to), mostly in seconds since 1970 UTC.
type stretch struct{ from, to int64 }

// micro returns a stretch in microseconds.
func (s stretch) micro() stretch { return stretch{s.from * micro, s.to * micro} }

// overlap returns what two stretches share, which may be empty.
func (s stretch) overlap(other stretch) stretch {
	return stretch{max(s.from, other.from), min(s.to, other.to)}
}

func (s stretch) length() int64 { return max(0, s.to-s.from) }

// rebootNear returns when a machine is down for a reboot, if it is on the day of a
// time: about once in three weeks, in the small hours.
func (g *group) rebootNear(seed uint64, at int64) stretch {
	d := floor(at, day)
	c := chance(seed, ofReboot, g.number, uint64(d))
	if c%21 != 0 {
		return stretch{}
	}
	from := d*day + between(hour, 5*hour, c>>8)
	return stretch{from, from + between(40, 200, c>>32)}
}

// silenceNear returns when the samples of a machine are missing on the day of a time:
// for some hours, once in two months. What it did is known from the counter after.
func (g *group) silenceNear(seed uint64, at int64) stretch {
	d := floor(at, day)
	c := chance(seed, ofSilence, g.number, uint64(d))
	if c%60 != 0 {
		return stretch{}
	}
	from := d*day + between(0, 18*hour, c>>8)
	return stretch{from, from + between(20*minute, 5*hour, c>>32)}
}

// outageNear returns when a whole project is not observed on the day of a time: for most
// of a night, once in a month. It is too long to be bridged.
func (g *group) outageNear(seed uint64, at int64) stretch {
	d := floor(at, day)
	c := chance(seed, ofOutage, uint64(len(g.project)), uint64(g.project[0]), uint64(d))
	if c%30 != 0 {
		return stretch{}
	}
	from := d*day + between(0, 2*hour, c>>8)
	return stretch{from, from + between(7*hour, 11*hour, c>>32)}
}
