package window

import (
	"cmp"
	"maps"
	"math"
	"slices"
)

// pricer multiplies what a scorer counted: cell by cell, in sorted order.
type pricer struct {
	*Scorer
	grid    grid
	meters  *meters
	used    []uint64 // operations that got their energy from each reading
	costs   [classes]float64
	rows    []row                 // one a (service, region, environment, slot), in order
	regions map[int32]*regionSum  // resolved ones
	named   map[int32]*serviceSum // of resolved regions
	best    evidence

	transport sum    // gCO2e
	unplaced  uint64 // operations without a resolved region
	undated   uint64
	counts    [classes]uint64
	others    uint64
}

// row is a cell of the window.
type row struct {
	key         cellKey // its time is that of the slot
	ops, others uint64
	tally
}

// regionSum is a row of the compatible regions.
type regionSum struct {
	ops       uint64
	carbon    sum
	intensity sum // weighted by operations
	evidence
	estimated *bool
	method    string
}

// serviceSum is what the compatible maps say of a service.
type serviceSum struct {
	energy, carbon sum
	ops, measured  uint64
	best           Energy
	first          int64
	region         string // that of the first operation
}

// price prices all cells of the open window.
func (s *Scorer) price(c *Conditions) *pricer {
	p := &pricer{
		Scorer: s, grid: grid{&s.config, lowerRegions(c.Live)}, meters: s.meters(c.Readings), costs: s.config.Factors.costs(),
		regions: map[int32]*regionSum{}, named: map[int32]*serviceSum{},
	}
	p.used = make([]uint64, len(p.meters.readings))
	for _, at := range p.order() {
		p.cell(&s.cells[at])
	}
	return p
}

// order returns the cells sorted by names and time.
func (s *Scorer) order() []int {
	order := make([]int, len(s.cells))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int {
		a, b := s.cells[i].key, s.cells[j].key
		return cmp.Or(
			cmp.Compare(s.services.list[a.service], s.services.list[b.service]), cmp.Compare(a.service, b.service),
			cmp.Compare(s.regions.list[a.region], s.regions.list[b.region]), cmp.Compare(a.region, b.region),
			cmp.Compare(s.environments.list[a.environment], s.environments.list[b.environment]), cmp.Compare(a.environment, b.environment),
			cmp.Compare(a.time, b.time))
	})
	return order
}

// cell prices one cell.
func (p *pricer) cell(c *cell) {
	var now current
	if c.key.region >= firstName {
		now = p.grid.at(p.Scorer.regions.list[c.key.region], c.when())
	}
	r := p.row(c)
	ops := c.operations()
	r.ops += ops
	r.others += c.others
	p.count(c)
	if c.key.region < firstName {
		p.unplaced += ops
	} else {
		p.place(c, ops, now)
	}
	p.energy(c, func(kwh float64, source Energy, ops uint64) {
		r.add(&p.grid, kwh, source, now)
		if c.key.region >= firstName {
			p.compatible(c, figure{kwh, source, ops}, now)
		}
	})
}

// row returns the row of a cell. Cells come in order, so it is the last one or new.
func (p *pricer) row(c *cell) *row {
	key := c.key
	if key.time != undated {
		key.time -= key.time % int64(p.config.Slot)
	}
	if last := len(p.rows) - 1; last >= 0 && p.rows[last].key == key {
		return &p.rows[last]
	}
	p.rows = append(p.rows, row{key: key})
	return &p.rows[len(p.rows)-1]
}

func (p *pricer) count(c *cell) {
	for i, ops := range c.ops {
		p.counts[i] += ops
	}
	p.others += c.others
	if c.key.time == undated {
		p.undated += c.operations() + c.others
	}
}

// energy gives the parts of a cell's energy, with the operations that each is of: those
// of the best meter, else of the proxy model.
func (p *pricer) energy(c *cell, part func(kwh float64, source Energy, ops uint64)) {
	if r := p.meters.best(c.key); r >= 0 {
		ops := c.operations()
		p.used[r] += ops
		part(float64(ops)*p.meters.perOp(r), p.meters.readings[r].Source, ops)
		return
	}
	var proxy sum
	for i, ops := range c.ops {
		proxy.add(float64(float64(ops) * p.costs[i]))
	}
	factor, calibrated := p.config.Calibration[p.services.list[c.key.service]]
	if ops := c.operations(); calibrated && c.key.service >= firstName {
		part(float64(proxy.float()*factor), EnergyCalibrated, ops)
	} else {
		part(proxy.float(), EnergyProxy, ops)
	}
	if seconds := float64(c.otherNanos) / 1e9; seconds > 0 && p.config.Factors.KWhPerSecond > 0 {
		part(float64(seconds*p.config.Factors.KWhPerSecond), EnergyDuration, 0)
	}
}

// figure is a part of the energy of a cell.
type figure struct {
	kwh    float64
	source Energy
	ops    uint64
}

// compatible adds a figure to the compatible sums: its region is resolved.
func (p *pricer) compatible(c *cell, f figure, now current) {
	carbon := float64(now.carbon(f.kwh))
	if f.ops == 0 && f.kwh == 0 {
		return
	}
	r := p.regions[c.key.region]
	r.carbon.add(carbon)
	r.see(f.source, now.source)
	p.best.see(f.source, now.source)
	s := p.named[p.compatibleName(c.key.service)]
	s.energy.add(f.kwh)
	s.carbon.add(carbon)
	if f.source.Measured() {
		s.measured += f.ops
		s.best = max(s.best, f.source)
	}
}

// place notes the operations of a cell in its region and its service.
func (p *pricer) place(c *cell, ops uint64, now current) {
	if ops == 0 && (c.otherNanos == 0 || p.config.Factors.KWhPerSecond == 0) {
		return
	}
	r := p.regions[c.key.region]
	if r == nil {
		r = &regionSum{}
		p.regions[c.key.region] = r
	}
	r.ops += ops
	r.intensity.add(float64(float64(ops) * now.intensity))
	if now.source == ElectricLive && r.estimated == nil {
		r.estimated, r.method = now.live.Estimated, now.live.Method
	}
	p.transport.add(float64(now.carbon(float64(c.bytes) * p.config.Factors.TransportKWhPerByte)))
	id := p.compatibleName(c.key.service)
	s := p.named[id]
	if s == nil {
		s = &serviceSum{first: math.MaxInt64}
		p.named[id] = s
	}
	s.ops += ops
	region := p.Scorer.regions.list[c.key.region]
	if s.region == "" || c.first < s.first || c.first == s.first && region < s.region {
		s.first, s.region = c.first, region
	}
}

// compatibleName returns the number of the service in the compatible maps. They have no
// kinds: what was folded stands with a service that is called other.
func (p *pricer) compatibleName(service int32) int32 {
	if id, ok := p.services.ids[p.services.list[otherName]]; ok && service == otherName {
		return id
	}
	return service
}

// sortedKeys returns the numbers of names in the order of the names.
func sortedKeys[V any](m map[int32]V, n *names) []int32 {
	return slices.SortedFunc(maps.Keys(m), func(a, b int32) int { return cmp.Compare(n.list[a], n.list[b]) })
}
