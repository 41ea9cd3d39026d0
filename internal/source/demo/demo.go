// Package demo simulates a research facility: 780 groups of four facilities,
// their machines and users, working days, nights and weekends, reboots and outages,
// and a grid whose forecasts are later replaced by actuals.
//
// Nothing of it was measured. The origin of every fact and the version of every
// intensity say so, and hosts and users have names that begin with "sim-". It is for
// looking at Dendro without a facility, and for trying views and policies.
//
// The fact that a reader would get wrong: it is no random walk. What a machine did in a
// slot is a function of the seed, the machine and the time alone, in integers. So any
// slot can be read at any time, in any order, on any machine, with the same result.
package demo

import (
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/source"
)

// Region is the region of the simulated grid.
const Region = "simulated grid"

// Version marks every intensity of the simulated grid.
const Version = "simulated"

// Config says which facility is simulated, and since when.
type Config struct {
	// Name is the name of the source and of the intensity source.
	Name string
	// Seed chooses the facility.
	Seed uint64
	// Begin is when the facility was opened; nothing is known of before. Zero is
	// midnight (UTC), Days ago.
	Begin time.Time
	// Days is how far back it goes if Begin is not given.
	Days int
}

// Defaults returns the facility that is shown where nothing is set: 60 days.
func Defaults() Config { return Config{Name: "demo", Seed: 1, Days: 60} }

// Validate returns all that is wrong with the config, as a [diag.List].
func (c Config) Validate() error {
	var list diag.List
	if c.Name == "" {
		list = append(list, diag.New("", "name: required"))
	}
	if c.Begin.IsZero() && (c.Days < 1 || c.Days > 3660) {
		list = append(list, diag.New("", "days: %d: from 1 to 3660", c.Days))
	}
	return list.Err()
}

// begin returns when the facility was opened.
func (c Config) begin(now time.Time) time.Time {
	if !c.Begin.IsZero() {
		return account.Instant(c.Begin)
	}
	return account.Instant(now).Truncate(24*time.Hour).AddDate(0, 0, -c.Days)
}

// Source is a [source.Source] over the simulated machines. It is safe for concurrent
// use.
type Source struct {
	config Config
	now    func() time.Time
	begin  time.Time
	groups []group
}

// New returns a source, or the error of [Config.Validate]. Now tells the time up to
// which things have happened, [time.Now] for a facility that lives.
func New(c Config, now func() time.Time) (*Source, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	groups, err := newGroups(c.Seed)
	if err != nil {
		return nil, err
	}
	return &Source{c, now, c.begin(now()), groups}, nil
}

// Begin returns when the facility was opened.
func (s *Source) Begin() time.Time { return s.begin }

// Info implements [source.Source].
func (s *Source) Info() source.Info { return source.Info{Name: s.config.Name, Replayable: true} }

// Read implements [source.Source].
func (s *Source) Read(ctx context.Context, r source.Request) iter.Seq2[source.Reading, error] {
	return func(yield func(source.Reading, error) bool) {
		if err := r.Validate(); err != nil {
			yield(source.Reading{}, err)
			return
		}
		if r.Span.From.Before(s.begin) {
			yield(source.Reading{}, fmt.Errorf("%w: %s: the simulation begins at %s",
				source.ErrGone, s.config.Name, s.begin.Format(time.RFC3339)))
			return
		}
		v := &visit{source: s, now: s.now(), cuts: r.Cuts, lives: make([]life, len(s.groups)), hosts: len(s.groups)}
		for slot := range r.Grid.Slots(r.Span) {
			if err := ctx.Err(); err != nil {
				yield(source.Reading{}, err)
				return
			}
			batch, err := v.batch(slot)
			if err != nil {
				yield(source.Reading{}, err)
				return
			}
			if !yield(source.Reading{Facts: batch}, nil) {
				return
			}
		}
	}
}

// chance returns 64 bits that depend on all of its arguments and on nothing else:
// the finaliser of SplitMix64 (Steele, Lea, Flood 2014, doi:10.1145/2660193.2660195)
// over each.
func chance(seed uint64, of ...uint64) uint64 {
	x := seed
	for _, v := range of {
		x += 0x9e3779b97f4a7c15 ^ v
		x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
		x = (x ^ x>>27) * 0x94d049bb133111eb
		x ^= x >> 31
	}
	return x
}

// between returns a number from low to high, both included.
func between(low, high int64, chance uint64) int64 { return low + int64(chance%uint64(high-low+1)) }
