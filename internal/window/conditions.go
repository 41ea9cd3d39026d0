package window

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// Conditions are what is known of a window's time when it is closed.
type Conditions struct {
	// From and To are the window, half-open, in nanoseconds since the Unix epoch. If
	// both are 0 the window is as long as its spans need.
	From, To int64
	// Live are intensities by region and time. Case does not matter in regions.
	Live map[string][]Live
	// Readings are what meters measured.
	Readings []Reading
	// Late counts spans that came after the window of their time was closed.
	Late uint64
	// Drops are the spans that were received and not counted, by reason.
	Drops []Drop
	// Blind is the part of the window, from 0 to 1, in which no span could be received.
	Blind float64
}

// Live is a carbon intensity that holds for a time.
type Live struct {
	// From and To are that time, half-open, in nanoseconds since the Unix epoch.
	From, To int64
	// Intensity is in gCO2e/kWh.
	Intensity float64
	// Estimated says whether the source estimated it; nil if it did not say.
	Estimated *bool
	// Method is how, or "".
	Method string
}

// Reading is what a meter measured for services over a time. It is divided by their
// operations that began in this time, and takes the place of the proxy model.
type Reading struct {
	Source Energy
	// Services are measured together. Case does not matter.
	Services []string
	// From and To are the time, half-open, in nanoseconds since the Unix epoch. One from
	// math.MinInt64 on holds for spans without a time, too.
	From, To int64
	// KWh is the energy, in kWh.
	KWh float64
	// Ops is how many operations share it; 0 for those of this window. If there are
	// none, the energy is idle.
	Ops uint64
}

// Always returns a reading that gives each operation of a service an energy in kWh, at
// any time.
func Always(source Energy, service string, kwhPerOp float64) Reading {
	return Reading{Source: source, Services: []string{service}, From: math.MinInt64, To: math.MaxInt64, KWh: kwhPerOp, Ops: 1}
}

// Drop counts spans that were received and not counted.
type Drop struct {
	Reason string
	Spans  uint64
}

// meters finds the reading of a service at a time.
type meters struct {
	readings []Reading
	shared   []uint64            // the operations that share each reading
	of       map[int32]*measured // by the number of the service
}

// measured are the readings of a service by source, each in the order of time.
type measured [energies][]int

// meters takes the usable readings of services that the window has, and counts the
// operations that share each.
func (s *Scorer) meters(readings []Reading) *meters {
	m := &meters{of: map[int32]*measured{}}
	for _, r := range readings {
		if r.Source.Measured() && isFactor(r.KWh) && r.From < r.To {
			m.readings = append(m.readings, r)
		}
	}
	slices.SortStableFunc(m.readings, compareReadings)
	for i, r := range m.readings {
		for _, name := range r.Services {
			id, ok := s.services.ids[string(s.services.key(cmp.Or(name, unnamed)))]
			if !ok {
				continue
			}
			if m.of[id] == nil {
				m.of[id] = &measured{}
			}
			m.of[id][r.Source] = append(m.of[id][r.Source], i)
		}
	}
	m.shared = make([]uint64, len(m.readings))
	for i := range s.cells {
		c := &s.cells[i]
		for source := EnergyCloud; source < energies; source++ {
			if r := m.find(c.key, source); r >= 0 {
				m.shared[r] += c.operations()
			}
		}
	}
	return m
}

// compareReadings orders readings by time, and those of one time so that the result
// does not depend on the order in which they were given.
func compareReadings(a, b Reading) int {
	return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To), cmp.Compare(a.Source, b.Source),
		slices.Compare(a.Services, b.Services), cmp.Compare(a.KWh, b.KWh), cmp.Compare(a.Ops, b.Ops))
}

// find returns the reading of one source that holds for a cell, or -1.
func (m *meters) find(key cellKey, source Energy) int {
	of := m.of[key.service]
	if of == nil {
		return -1
	}
	return m.holding(of[source], key.time)
}

// holding returns which of some readings in order holds at a time, or -1.
func (m *meters) holding(list []int, time int64) int {
	next, _ := slices.BinarySearchFunc(list, time, func(i int, time int64) int {
		if m.readings[i].From <= time {
			return -1
		}
		return 1
	})
	if next == 0 || m.readings[list[next-1]].To <= time {
		return -1
	}
	return list[next-1]
}

// best returns the reading of the best source that holds for a cell, or -1.
func (m *meters) best(key cellKey) int {
	for source := EnergyAlumet; source >= EnergyCloud; source-- {
		if r := m.find(key, source); r >= 0 {
			return r
		}
	}
	return -1
}

// perOp returns what a reading gives each operation, in kWh.
func (m *meters) perOp(r int) float64 {
	ops := cmp.Or(m.readings[r].Ops, m.shared[r])
	if ops == 0 {
		return 0
	}
	return m.readings[r].KWh / float64(ops)
}

// live returns the intensity that holds in a region at a time.
func live(all map[string][]Live, region string, time int64) (Live, bool) {
	for _, l := range all[region] {
		if l.From <= time && time < l.To && isFactor(l.Intensity) {
			return l, true
		}
	}
	return Live{}, false
}

// lowerRegions returns the map with its regions in lower case.
func lowerRegions(all map[string][]Live) map[string][]Live {
	out := make(map[string][]Live, len(all))
	for region, values := range sorted(all) {
		key := strings.ToLower(region)
		out[key] = append(out[key], values...)
	}
	return out
}
