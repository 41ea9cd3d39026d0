package fold

import (
	"cmp"
	"slices"
	"strings"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/window"
)

// cellKey says which part of a service a cell is.
type cellKey struct {
	region, environment string
	kind                account.Kind // of the region
}

func (k cellKey) compare(o cellKey) int {
	return cmp.Or(strings.Compare(k.region, o.region), strings.Compare(k.environment, o.environment), cmp.Compare(k.kind, o.kind))
}

// cell adds up the energy and the operational carbon of a service in a region. Nothing of
// another perimeter is in it, whichever way the window was attributed.
type cell struct {
	key cellKey
	ops uint64
	// energy is in kWh; known is the part whose carbon is known, measured and estimated
	// parts by where it is from. Carbon is in gCO2e.
	energy, known, measured, estimated sum
	carbon, low, high                  sum
}

func (c *cell) merge(o *cell) {
	c.ops = plus(c.ops, o.ops)
	for _, p := range [][2]*sum{
		{&c.energy, &o.energy},
		{&c.known, &o.known},
		{&c.measured, &o.measured},
		{&c.estimated, &o.estimated},
		{&c.carbon, &o.carbon},
		{&c.low, &o.low},
		{&c.high, &o.high},
	} {
		p[0].add(p[1])
	}
}

// cell returns a cell of a service, that of the rest for one beyond the limit. As with
// names, the smallest keys stay.
func (s *service) cell(key cellKey) *cell {
	i, found := slices.BinarySearchFunc(s.cells, key, func(c *cell, k cellKey) int { return c.key.compare(k) })
	if found {
		return s.cells[i]
	}
	if i == maxCells {
		return s.beyond()
	}
	if len(s.cells) == maxCells {
		last := len(s.cells) - 1
		s.beyond().merge(s.cells[last])
		s.cells = s.cells[:last]
	}
	key.region, key.environment = strings.Clone(key.region), strings.Clone(key.environment)
	c := &cell{key: key}
	s.cells = slices.Insert(s.cells, i, c)
	return c
}

func (s *service) beyond() *cell {
	if s.rest == nil {
		s.rest = &cell{key: cellKey{kind: account.KindOther}}
	}
	return s.rest
}

// cells adds the cells of a window that Dendro scored.
func (f *folder) cells(d *window.Detail) {
	for i := range d.Cells {
		in := &d.Cells[i]
		s := f.kindOf(in.Service, in.ServiceKind)
		c := s.cell(cellKey{shorten(in.Region), shorten(in.Environment), in.RegionKind})
		c.ops = plus(c.ops, in.Ops)
		energy, unknown := f.amount(in.EnergyKWh), f.amount(in.UnknownKWh)
		unknown = min(unknown, energy)
		c.energy.addFloat(energy)
		carbon, low, high := f.amount(in.Operational), f.amount(in.Low), f.amount(in.High)
		if in.HasCarbon {
			c.known.addFloat(energy - unknown)
			c.carbon.addFloat(carbon)
		}
		c.low.addFloat(low)
		c.high.addFloat(max(low, high))
		f.parts(c, energy, in.EnergyBy)
		for _, p := range in.IntensityBy {
			addSource(f.electrics, p.Source, f.amount(p.KWh))
		}
	}
}

// parts adds the energy of a cell by where it is from. What no part tells of is
// estimated.
func (f *folder) parts(c *cell, energy float64, parts []window.Part) {
	rest := energy
	for _, p := range parts {
		kwh := min(f.amount(p.KWh), rest)
		rest -= kwh
		c.source(p.Source, kwh)
		addSource(f.models, p.Source, kwh)
	}
	if rest > 1e-9*energy {
		addSource(f.models, "unknown", rest)
	} else {
		rest = 0
	}
	c.estimated.addFloat(rest)
}

// source adds energy as measured, modelled or estimated.
func (c *cell) source(name string, kwh float64) {
	switch {
	case metered(name):
		c.measured.addFloat(kwh)
	case name == "cloud_specpower" || name == "duration_proxy" || strings.HasSuffix(name, "+cal"):
	default:
		c.estimated.addFloat(kwh)
	}
}

// metered reports whether a tag is that of a meter.
func metered(tag string) bool {
	switch tag {
	case "redfish_bmc", "kepler_ebpf", "scaphandre_rapl", "alumet_rapl":
		return true
	}
	return false
}

// maxLabel bounds the texts of labels, in bytes.
const maxLabel = 256

func shorten(text string) string {
	if len(text) <= maxLabel {
		return text
	}
	return strings.ToValidUTF8(text[:maxLabel], "")
}

// kindOf returns the sums of a service by its name and its kind.
func (f *folder) kindOf(name string, kind account.Kind) *service {
	switch kind {
	case account.KindAccount:
		return f.named(shorten(name))
	case account.KindOther:
		f.other.seen = true
		return &f.other
	}
	f.nobody.seen = true
	return &f.nobody
}

// foreign makes cells of a window of the original.
func (f *folder) foreign(w *window.Window, v *windowFigures) {
	if t := w.Green.ScoringConfig; t != nil && t.ElectricityMaps != nil && *t.ElectricityMaps && len(t.EmissionFactorType) <= maxTag && len(f.mixed) < 8 {
		f.mixed[t.EmissionFactorType] = struct{}{}
	}
	f.weight.addFloat(v.energy)
	f.covered.addFloat(v.energy)
	if !v.runtime {
		f.shares(w, v)
		return
	}
	f.byService(w, v)
}

// shares divides a window by operations: energy, and operational carbon alone.
func (f *folder) shares(w *window.Window, v *windowFigures) {
	total := f.operations(w.Endpoints)
	put := func(s *service, share float64, ops uint64) {
		c := s.cell(cellKey{kind: account.KindUnknown})
		c.ops = plus(c.ops, ops)
		energy := v.energy * share
		c.energy.addFloat(energy)
		c.estimated.addFloat(energy)
		addSource(f.models, "unknown", energy)
		addSource(f.electrics, "unknown", energy)
		if w.Green.CO2 == nil {
			return
		}
		c.known.addFloat(energy)
		f.carbon(c, v.operational*share, v)
	}
	if total == 0 {
		f.nobody.seen = true
		put(&f.nobody, 1, w.Green.TotalOps)
		return
	}
	for _, a := range f.io {
		put(f.named(a.service), float64(a.ops)/float64(total), a.ops)
	}
}

// carbon adds the operational carbon of a cell with the bounds of its window.
func (f *folder) carbon(c *cell, grams float64, v *windowFigures) {
	c.carbon.addFloat(grams)
	c.low.addFloat(grams * v.factorLow)
	c.high.addFloat(grams * v.factorHigh)
}

// byService takes the services of a window as it has them. What they lack of the
// window's energy belongs to nobody; where they exceed it, they count.
func (f *folder) byService(w *window.Window, v *windowFigures) {
	g := &w.Green
	var energy, grams float64
	for _, a := range g.ServiceEnergyKWh {
		kwh := f.amount(a.Value)
		kg, _ := g.ServiceCarbonKg.Get(a.Service)
		carbon := f.amount(kg) * 1000
		energy, grams = energy+kwh, grams+carbon
		f.serviceOf(w, v, a.Service, kwh, carbon)
	}
	for _, a := range g.ServiceCarbonKg {
		if _, both := g.ServiceEnergyKWh.Get(a.Service); !both {
			carbon := f.amount(a.Value) * 1000
			grams += carbon
			f.serviceOf(w, v, a.Service, 0, carbon)
		}
	}
	if window, _ := window.Clean(g.EnergyKWh); !near(window, energy) || !near(v.operational, grams) {
		f.remainder(v, max(0, min(window, maxAmount)-energy), max(0, v.operational-grams))
		if energy > window && !near(window, energy) {
			f.repairs.Inconsistent++
		}
	}
}

// serviceOf adds a service of a window as it has it.
func (f *folder) serviceOf(w *window.Window, v *windowFigures, name string, kwh, grams float64) {
	g := &w.Green
	region, _ := g.ServiceRegion.Get(name)
	key := cellKey{region: shorten(region)}
	if region == "" {
		key.kind = account.KindUnknown
	}
	c := f.named(name).cell(key)
	if i := slices.IndexFunc(f.io, func(o amountOf) bool { return o.service == name }); i >= 0 {
		c.ops = plus(c.ops, f.io[i].ops)
	}
	c.energy.addFloat(kwh)
	ratio, _ := g.ServiceMeasuredRatio.Get(name)
	ratio, _ = window.Clean(ratio)
	tag, _ := g.ServiceModel.Get(name)
	measured := kwh * min(ratio, 1)
	if metered(tag) {
		c.measured.addFloat(measured)
	}
	if rest := kwh - measured; !strings.HasSuffix(tag, "+cal") {
		c.estimated.addFloat(rest)
	}
	addSource(f.models, cmp.Or(tag, "unknown"), kwh)
	source := "unknown"
	if i := slices.IndexFunc(g.Regions, func(r window.Region) bool { return r.Region == region }); i >= 0 {
		if g.Regions[i].Status == "out_of_table" && grams == 0 {
			addSource(f.electrics, source, kwh)
			return // 0 g stand for a region of which nothing is known
		}
		source = cmp.Or(g.Regions[i].Source, source)
	}
	addSource(f.electrics, source, kwh)
	c.known.addFloat(kwh)
	f.carbon(c, grams, v)
}

// remainder adds what no service has of a window.
func (f *folder) remainder(v *windowFigures, kwh, grams float64) {
	if kwh <= 1e-9*v.energy && grams <= 1e-9*v.operational {
		return
	}
	f.nobody.seen = true
	c := f.nobody.cell(cellKey{kind: account.KindUnknown})
	c.energy.addFloat(kwh)
	c.estimated.addFloat(kwh)
	addSource(f.models, "unknown", kwh)
	addSource(f.electrics, "unknown", kwh)
	if grams > 1e-9*v.operational {
		c.known.addFloat(kwh)
		f.carbon(c, grams, v)
	}
}
