package window

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"github.com/dendro-carbon/dendro/internal/account"
)

// Idle is what one kind of meter measured in a region and slot while none of the services
// that it measures did anything.
type Idle struct {
	Source string
	// Region is where those services run, in lower case; "" and of kind unknown if that
	// is not known, or not one region.
	Region     string
	RegionKind account.Kind
	// Slot is when the slot begins, in nanoseconds since the Unix epoch, or 0 for a
	// reading without a time.
	Slot int64
	Carbon
	// Intensity (gCO2e/kWh) and PUE are of what is known.
	Intensity, PUE float64
}

// isIdle reports whether nothing shares a reading.
func (p *pricer) isIdle(r int) bool {
	return cmp.Or(p.meters.readings[r].Ops, p.meters.shared[r]) == 0
}

// idleBy are the readings of services by name, also of those of which no span came.
type idleBy map[string]*measured

func (p *pricer) idleBy() idleBy {
	by := idleBy{}
	for i, r := range p.meters.readings {
		for _, name := range r.Services {
			key := string(p.services.key(cmp.Or(name, unnamed)))
			if by[key] == nil {
				by[key] = &measured{}
			}
			by[key][r.Source] = append(by[key][r.Source], i)
		}
	}
	return by
}

// superseded reports whether a better meter measured each of the services of an idle
// reading at that time: the same joules are not idle twice.
func (p *pricer) superseded(by idleBy, reading int) bool {
	r := &p.meters.readings[reading]
	for _, name := range r.Services {
		of, found := by[string(p.services.key(cmp.Or(name, unnamed)))], false
		for source := r.Source + 1; source < energies && !found; source++ {
			found = p.meters.holding(of[source], r.From) >= 0
		}
		if !found {
			return false
		}
	}
	return len(r.Services) > 0
}

// idleKey is a row of what was measured in idleness.
type idleKey struct {
	source Energy
	region string
	slot   int64
}

// idle returns what meters measured in idleness, in order.
func (p *pricer) idle() []Idle {
	tallies := map[idleKey]*tally{}
	by, homes := p.idleBy(), p.seenRegions()
	for i := range p.meters.readings {
		r := &p.meters.readings[i]
		if !p.isIdle(i) || r.KWh == 0 || p.superseded(by, i) {
			continue
		}
		key, when := idleKey{source: r.Source, region: p.homeOf(r.Services, homes)}, undated
		if r.From > 0 {
			when = r.From
			key.slot = when - when%int64(p.config.Slot)
		}
		var now current
		if key.region != "" {
			now = p.grid.at(key.region, when)
		}
		if tallies[key] == nil {
			tallies[key] = &tally{}
		}
		tallies[key].add(&p.grid, r.KWh, r.Source, now)
	}
	var out []Idle
	for _, key := range slices.SortedFunc(maps.Keys(tallies), func(a, b idleKey) int {
		return cmp.Or(cmp.Compare(a.source, b.source), cmp.Compare(a.region, b.region), cmp.Compare(a.slot, b.slot))
	}) {
		t := tallies[key]
		row := Idle{Source: key.source.String(), Region: key.region, Slot: key.slot, Carbon: t.carbon()}
		if key.region == "" {
			row.RegionKind = account.KindUnknown
		}
		if known := row.EnergyKWh - row.UnknownKWh; known > 0 {
			row.Intensity, row.PUE = t.intensity.float()/known, t.pue.float()/known
		}
		out = append(out, row)
	}
	return out
}

// several stands for more than one region.
const several = math.MaxInt32

// seenRegions returns in which region each service was seen, by numbers.
func (p *pricer) seenRegions() map[int32]int32 {
	seen := map[int32]int32{}
	for i := range p.cells {
		key := p.cells[i].key
		if before, ok := seen[key.service]; ok && before != key.region {
			key.region = several
		}
		seen[key.service] = key.region
	}
	return seen
}

// homeOf returns the one region in which services run: where their spans of this window
// were, or where they are said to be. It is "" if that is not known or not one.
func (p *pricer) homeOf(services []string, seen map[int32]int32) string {
	home := ""
	for i, name := range services {
		key := p.services.key(cmp.Or(name, unnamed))
		region := cmp.Or(p.config.ServiceRegions[string(key)], p.config.DefaultRegion)
		if id, ok := p.services.ids[string(key)]; ok {
			if at, ok := seen[id]; ok && (at < firstName || at == several) {
				region = ""
			} else if ok {
				region = p.Scorer.regions.list[at]
			}
		}
		if region == "" || i > 0 && region != home {
			return ""
		}
		home = region
	}
	return home
}
