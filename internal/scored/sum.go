package scored

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/scoring"
	"github.com/dendro-carbon/dendro/internal/window"
)

// maxCells bounds the cells of a period. Further ones are one of kind other.
const maxCells = 5_000

// sums are the sums of some windows.
type sums struct {
	period  Period
	drops   map[string]uint64
	covered float64 // nanoseconds times coverage
	length  float64
	meters  map[string]Meter
	cells   map[cellKey]*cellSum
}

type cellKey struct{ service, region Name }

// tally is energy and its carbon.
type tally struct {
	energy, unknown, operational, low, high float64
	known                                   bool
}

type cellSum struct {
	tally
	ops, others    uint64
	intensity, pue float64 // times energy of known carbon
	energyBy       map[string]float64
	intensityBy    map[string]float64
}

func newSums() *sums {
	return &sums{drops: map[string]uint64{}, meters: map[string]Meter{}, cells: map[cellKey]*cellSum{}}
}

// amount is a figure of a line as it can be added up.
func amount(x float64) float64 {
	x, _ = window.Clean(x)
	return x
}

func (t *tally) add(c *window.Carbon) {
	t.energy += amount(c.EnergyKWh)
	t.unknown += amount(c.UnknownKWh)
	t.low += amount(c.Low)
	t.high += amount(c.High)
	if c.HasCarbon {
		t.operational, t.known = t.operational+amount(c.Operational), true
	}
}

func (t *tally) merge(o *tally) {
	t.energy += o.energy
	t.unknown += o.unknown
	t.operational += o.operational
	t.low += o.low
	t.high += o.high
	t.known = t.known || o.known
}

func (t *tally) carbon() Carbon {
	c := Carbon{EnergyKWh: finite(t.energy), UnknownKWh: finite(t.unknown), Low: finite(t.low), High: finite(t.high)}
	if operational := finite(t.operational); t.known || t.energy == 0 {
		c.Operational = &operational
	}
	return c
}

// finite returns what JSON can hold of a sum.
func finite(x float64) float64 { return min(x, math.MaxFloat64) }

// window adds a window that begins in the period.
func (s *sums) window(w *window.Window) {
	p := &s.period
	p.Windows++
	d := w.Detail
	if d == nil {
		p.Foreign++
		p.Spans.Counted += w.Analysis.Events
		return
	}
	p.Spans.add(&d.Spans)
	for _, drop := range d.Drops {
		s.drops[drop.Reason] += drop.Spans
	}
	length := max(0, float64(d.To-d.From))
	s.length += length
	s.covered += length * min(1, amount(d.Coverage))
	p.Embodied += amount(d.Total.Embodied)
	p.Transport += amount(d.Total.Transport)
	for _, m := range d.Meters {
		sum := s.meters[m.Source]
		sum.Energy += amount(m.EnergyKWh)
		sum.Attributed += amount(m.AttributedKWh)
		sum.Idle += amount(m.IdleKWh)
		sum.Superseded += amount(m.SupersededKWh)
		s.meters[m.Source] = sum
	}
}

func (s *Spans) add(c *window.SpanCounts) {
	s.merge(&Spans{c.Counted, c.SQL, c.HTTP, c.Messaging, c.Other, c.Undated, c.Late, c.Folded})
}

func (s *Spans) merge(o *Spans) {
	s.Counted += o.Counted
	s.SQL += o.SQL
	s.HTTP += o.HTTP
	s.Messaging += o.Messaging
	s.Other += o.Other
	s.Undated += o.Undated
	s.Late += o.Late
	s.Folded += o.Folded
}

// cellOf returns the sum of a key, that of all others once there are too many.
func (s *sums) cellOf(key cellKey) *cellSum {
	if s.cells[key] == nil && len(s.cells) >= maxCells {
		other := Name{Kind: account.KindOther}
		key = cellKey{other, other}
	}
	sum := s.cells[key]
	if sum == nil {
		sum = &cellSum{energyBy: map[string]float64{}, intensityBy: map[string]float64{}}
		s.cells[key] = sum
	}
	return sum
}

// cell adds a cell that is booked in the period.
func (s *sums) cell(c *window.Cell) {
	key := cellKey{nameOf(c.Service, c.ServiceKind), nameOf(c.Region, c.RegionKind)}
	sum := s.cellOf(key)
	sum.add(&c.Carbon)
	sum.ops += c.Ops
	sum.others += c.Others
	known := amount(amount(c.EnergyKWh) - amount(c.UnknownKWh))
	sum.intensity += float64(amount(c.Intensity) * known)
	sum.pue += float64(amount(c.PUE) * known)
	for _, part := range c.EnergyBy {
		sum.energyBy[part.Source] += amount(part.KWh)
	}
	for _, part := range c.IntensityBy {
		sum.intensityBy[part.Source] += amount(part.KWh)
	}
}

// idle adds what a meter measured while nothing was served.
func (s *sums) idle(row *window.Idle) {
	sum := s.cellOf(cellKey{Name{Kind: account.KindIdle}, nameOf(row.Region, row.RegionKind)})
	sum.add(&row.Carbon)
	known := amount(amount(row.EnergyKWh) - amount(row.UnknownKWh))
	sum.intensity += float64(amount(row.Intensity) * known)
	sum.pue += float64(amount(row.PUE) * known)
	sum.energyBy[row.Source] += amount(row.EnergyKWh)
}

func nameOf(name string, kind account.Kind) Name {
	if kind != account.KindAccount {
		return Name{Kind: kind}
	}
	return Name{Name: scoring.Label(name)}
}

// merge adds other sums. The other ones stay as they are.
func (s *sums) merge(o *sums) {
	p, q := &s.period, &o.period
	p.Windows += q.Windows
	p.Foreign += q.Foreign
	p.Unreadable += q.Unreadable
	p.Embodied += q.Embodied
	p.Transport += q.Transport
	p.Spans.merge(&q.Spans)
	s.covered += o.covered
	s.length += o.length
	for reason, n := range o.drops {
		s.drops[reason] += n
	}
	for source, m := range o.meters {
		sum := s.meters[source]
		sum.Energy += m.Energy
		sum.Attributed += m.Attributed
		sum.Idle += m.Idle
		sum.Superseded += m.Superseded
		s.meters[source] = sum
	}
	for _, key := range sortedCells(o.cells) { // in order: which ones fold must not be chance
		s.cellOf(key).merge(o.cells[key])
	}
}

func (c *cellSum) merge(o *cellSum) {
	c.tally.merge(&o.tally)
	c.ops += o.ops
	c.others += o.others
	c.intensity += o.intensity
	c.pue += o.pue
	for source, kwh := range o.energyBy {
		c.energyBy[source] += kwh
	}
	for source, kwh := range o.intensityBy {
		c.intensityBy[source] += kwh
	}
}

func sortedCells(cells map[cellKey]*cellSum) []cellKey {
	return slices.SortedFunc(maps.Keys(cells), func(a, b cellKey) int {
		return cmp.Or(a.service.compare(b.service), a.region.compare(b.region))
	})
}

func (n Name) compare(o Name) int {
	return cmp.Or(cmp.Compare(n.Kind, o.Kind), cmp.Compare(n.Name, o.Name))
}

// publish returns the sums as they are shown.
func (s *sums) publish() *Period {
	p := s.period
	p.Drops = []Drop{}
	for _, reason := range slices.Sorted(maps.Keys(s.drops)) {
		if n := s.drops[reason]; n > 0 {
			p.Drops = append(p.Drops, Drop{reason, n})
		}
	}
	p.Meters = []Meter{}
	for _, source := range slices.Sorted(maps.Keys(s.meters)) {
		m := s.meters[source]
		m.Source, m.IdleShare = source, ratio(m.Idle, m.Energy)
		p.Meters = append(p.Meters, m)
	}
	if s.length > 0 {
		coverage := s.covered / s.length
		p.Coverage = &coverage
	}
	p.Cells = []Cell{}
	var total tally
	for _, key := range sortedCells(s.cells) {
		sum := s.cells[key]
		total.merge(&sum.tally)
		p.Cells = append(p.Cells, sum.publish(key))
	}
	p.Carbon = total.carbon()
	p.Embodied, p.Transport = finite(p.Embodied), finite(p.Transport)
	slices.SortStableFunc(p.Cells, func(a, b Cell) int { return cmp.Compare(b.EnergyKWh, a.EnergyKWh) })
	return &p
}

func (c *cellSum) publish(key cellKey) Cell {
	out := Cell{
		Service: key.service, Region: key.region, Carbon: c.carbon(), Operations: c.ops, OtherSpans: c.others,
		EnergyShares: shares(c.energyBy, c.energy), IntensityShares: shares(c.intensityBy, c.energy),
	}
	if known := c.energy - c.unknown; c.known && known > 0 {
		intensity, pue := finite(c.intensity/known), finite(c.pue/known)
		out.Intensity, out.PUE = &intensity, &pue
	}
	return out
}

// shares returns the parts of energy by source, the largest first.
func shares(by map[string]float64, energy float64) []Share {
	out := []Share{}
	for _, source := range slices.Sorted(maps.Keys(by)) {
		if by[source] > 0 {
			out = append(out, Share{source, ratio(by[source], energy)})
		}
	}
	slices.SortStableFunc(out, func(a, b Share) int { return cmp.Compare(b.Share, a.Share) })
	return out
}

func ratio(part, whole float64) float64 {
	if whole <= 0 {
		return 0
	}
	return min(1, finite(part)/finite(whole))
}
