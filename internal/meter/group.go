package meter

import (
	"cmp"
	"slices"
	"time"

	"github.com/dendro-carbon/dendro/internal/window"
)

// maxPieces bounds what is kept of a group that nobody asks for: what is older is kept
// in larger pieces.
const maxPieces = 1024

const joulesPerKWh = 3.6e6

// group is services that are measured together.
type group struct {
	energy   window.Energy
	services []string // folded, sorted
	every    int64    // the grid of pieces, in nanoseconds

	pieces []piece // by time, each within a step of the grid unless they were joined
	late   float64 // joules of a time whose readings were given before
	given  int64   // until when readings were given
	known  int64   // until when something is known
}

// groups returns the groups of sources in a fixed order, and for each source the group
// of each of its targets.
func groups(infos []Info) (all []*group, of [][]*group) {
	type key struct {
		energy  window.Energy
		service string
	}
	byService := map[key]*group{}
	joined := map[*group]*group{} // a group that went into another
	root := func(g *group) *group {
		for joined[g] != nil {
			g = joined[g]
		}
		return g
	}
	for _, info := range infos {
		targets := make([]*group, len(info.Targets))
		for i, services := range info.Targets {
			g := &group{energy: info.Energy, every: int64(info.Every)}
			targets[i] = g
			for _, name := range services {
				k := key{info.Energy, window.Fold(name)}
				g.services = append(g.services, k.service)
				if other := byService[k]; other == nil {
					byService[k] = g
				} else if other, g := root(other), root(g); other != g {
					joined[g] = other
				}
			}
		}
		of = append(of, targets)
	}
	for _, targets := range of {
		for i, g := range targets {
			if targets[i] = root(g); targets[i] == g {
				all = append(all, g)
				continue
			}
			targets[i].services = append(targets[i].services, g.services...)
			targets[i].every = max(targets[i].every, g.every)
		}
	}
	for _, g := range all {
		slices.Sort(g.services)
		g.services = slices.Compact(g.services)
	}
	slices.SortFunc(all, func(a, b *group) int {
		return cmp.Or(cmp.Compare(a.energy, b.energy), slices.Compare(a.services, b.services))
	})
	return all, of
}

// add spreads energy evenly over its time.
func (g *group) add(p piece) {
	g.known = max(g.known, p.to)
	if g.given == 0 {
		g.given = p.from
	}
	spent := 0.0
	for at := p.from; at < p.to; {
		next := min(p.to, at-at%g.every+g.every)
		if at < g.given {
			next = min(p.to, g.given)
		}
		// What was spent up to here, so that the parts add up to the whole.
		upTo := p.joules
		if next < p.to {
			upTo *= float64(next-p.from) / float64(p.to-p.from)
		}
		g.put(piece{at, next, upTo - spent})
		at, spent = next, upTo
	}
	g.bound()
}

// put adds a part that lies within a step of the grid, or before what was given.
func (g *group) put(p piece) {
	if p.to <= g.given {
		g.late += p.joules
		return
	}
	step := p.from - p.from%g.every
	i, _ := slices.BinarySearchFunc(g.pieces, step, func(q piece, step int64) int {
		if q.to <= step {
			return -1
		}
		return 1
	})
	if i == len(g.pieces) || g.pieces[i].from >= step+g.every {
		g.pieces = slices.Insert(g.pieces, i, p)
		return
	}
	q := &g.pieces[i]
	q.from, q.to, q.joules = min(q.from, p.from), max(q.to, p.to), q.joules+p.joules
}

// bound joins the older half of the pieces, two by two, when there are too many.
func (g *group) bound() {
	if len(g.pieces) <= maxPieces {
		return
	}
	out := g.pieces[:0]
	for i := 0; i < len(g.pieces); i++ {
		p := g.pieces[i]
		if i < maxPieces/2 && i+1 < len(g.pieces) {
			i++
			p.to, p.joules = g.pieces[i].to, p.joules+g.pieces[i].joules
		}
		out = append(out, p)
	}
	g.pieces = out
}

// take returns what was measured since it was called last and before the end of a
// window, less the time that spans need to come, and does not return it again. The
// readings at both ends of the window also hold for spans that came late or early. The
// second result is what they were made of.
func (g *group) take(from, to int64, hold, stale time.Duration) ([]window.Reading, []piece) {
	limit := min(g.known, to-int64(hold))
	pieces := g.cut(limit)
	if len(pieces) == 0 {
		return nil, nil
	}
	given := slices.Clone(pieces)
	g.given = limit
	pieces = g.head(pieces, from, int64(hold))
	if last := &pieces[len(pieces)-1]; to-g.known <= int64(hold+stale) {
		last.to = max(to, last.to)
	}
	out := make([]window.Reading, len(pieces))
	for i, p := range pieces {
		out[i] = window.Reading{Source: g.energy, Services: g.services, From: p.from, To: p.to, KWh: p.joules / joulesPerKWh}
	}
	return out, given
}

// cut removes and returns the pieces before an instant. One that goes on after it is
// divided by time.
func (g *group) cut(limit int64) []piece {
	n, _ := slices.BinarySearchFunc(g.pieces, limit, func(p piece, limit int64) int {
		return cmp.Compare(p.to, limit+1)
	})
	out := slices.Clone(g.pieces[:n])
	g.pieces = slices.Delete(g.pieces, 0, n)
	if len(g.pieces) > 0 && g.pieces[0].from < limit {
		p := &g.pieces[0]
		part := p.joules * (float64(limit-p.from) / float64(p.to-p.from))
		out = append(out, piece{p.from, limit, part})
		p.from, p.joules = limit, p.joules-part
	}
	return out
}

// head joins what was measured just before a window, whose spans may or may not have
// been in the window before, with the first step of this one, and adds what was measured
// late. So it is shared by the spans that came late and by the first others: for itself
// it would seem idle where spans come fast.
func (g *group) head(pieces []piece, from, hold int64) []piece {
	first := 0
	for first < len(pieces)-1 && pieces[first].to <= from-2*hold {
		first++
	}
	last := first
	for last < len(pieces)-1 && pieces[last].to <= from {
		last++
	}
	whole := pieces[first]
	for _, p := range pieces[first+1 : last+1] {
		whole.to, whole.joules = p.to, whole.joules+p.joules
	}
	whole.joules += g.late
	g.late = 0
	if first == 0 {
		whole.from -= hold
		whole.from -= whole.from % int64(time.Second)
	}
	return slices.Replace(pieces, first, last+1, whole)
}
