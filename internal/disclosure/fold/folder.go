package fold

import (
	"hash/maphash"
	"math"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/disclosure"
	"github.com/dendro-carbon/dendro/internal/window"
)

// folder adds windows up. Several folders over parts of the windows, merged, hold what
// one holds over all of them: sums are exact, sets are cut at their smallest members.
type folder struct {
	span account.Span
	zone *time.Location // of days

	windows  disclosure.Windows
	repairs  disclosure.Repairs
	report   reportSums
	factors  factors
	services map[string]*service
	names    nameSet // of services
	other    service // those beyond the limit
	nobody   service // what belongs to no service
	embodied sum     // gCO2e, of all windows
	carried  sum     // gCO2e of transport

	low, mid, high    sum // gCO2e, of all carbon
	covered, weight   sum // energy times coverage, and energy
	models, electrics map[string]*sum
	open              intervals
	days              map[int64]struct{}
	partly            uint64
	mixed             map[string]struct{} // perimeters of windows: what live intensities count
	seed              maphash.Seed        // of endpoints; one for all folders that are merged
	unattributedAt    time.Time           // the first window of whose services nothing is known

	io     []amountOf // used again
	recent [64]recent // services, by the length and the ends of their names
}

// Limits of what is kept by name. What is beyond is folded into rows of kind other,
// or left out of a set, and counted.
const (
	maxServices  = 4096
	maxTags      = 64
	maxTag       = 64 // bytes
	maxVersions  = 256
	maxCells     = 64   // of a service
	maxEndpoints = 1024 // of a service
	maxPatterns  = 64   // of a service
)

// flatKWh is what the original counts for an operation of which nothing else is known.
const flatKWh = 1e-7

func newFolder(span account.Span, zone *time.Location, seed maphash.Seed) *folder {
	return &folder{
		span: span, zone: zone, services: map[string]*service{}, models: map[string]*sum{}, electrics: map[string]*sum{},
		days: map[int64]struct{}{}, mixed: map[string]struct{}{}, seed: seed, report: newReportSums(), factors: newFactors(),
		names: nameSet{limit: maxServices},
	}
}

// amount returns a number that was read, or 0 for one that cannot be, which is counted.
func (f *folder) amount(x float64) float64 {
	clean, ok := window.Clean(x)
	if !ok || clean > maxAmount {
		f.repairs.Amounts++
		return 0
	}
	return clean
}

// windowFigures are what is read of a window once.
type windowFigures struct {
	energy, operational, embodied, transport float64 // kWh, gCO2e
	carbon                                   float64 // gCO2e, all
	factorLow, factorHigh                    float64 // of its carbon
	runtime                                  bool
	at                                       time.Time
}

// add adds a window of the period up.
func (f *folder) add(l *window.Line) {
	w, g := &l.Window, &l.Window.Green
	v := f.figures(l)
	f.windows.Counted++
	f.report.add(f, l, &v)
	f.when(l)
	f.embodied.addFloat(v.embodied)
	f.carried.addFloat(v.transport)
	f.bounds(w, &v)
	nobody := false
	if v.runtime {
		f.windows.Runtime++
		f.runtime(w, &v)
	} else {
		f.windows.Fallback++
		nobody = f.fallback(w, &v)
	}
	f.ratios(g)
	f.factors.add(g)
	f.endpoints(w.Endpoints)
	f.findings(w.Found, v.at, nobody)
	if w.DetectionConfig != nil || w.Waste != nil {
		f.windows.Findings++
	}
	if w.Detail != nil {
		f.cells(w.Detail)
	} else {
		f.foreign(w, &v)
	}
}

// figures reads the figures of a window that stand for all of it.
func (f *folder) figures(l *window.Line) windowFigures {
	g := &l.Window.Green
	v := windowFigures{at: l.Time, factorLow: 1, factorHigh: 1}
	if v.energy = f.amount(g.EnergyKWh); v.energy == 0 {
		v.energy = f.amount(float64(g.TotalOps) * flatKWh)
	}
	v.runtime = len(g.ServiceCarbonKg) > 0 && len(g.ServiceEnergyKWh) > 0
	co2 := g.CO2
	if co2 == nil {
		return v
	}
	v.operational, v.embodied = f.amount(co2.Operational), f.amount(co2.Embodied)
	if co2.Transport != nil {
		v.transport = f.amount(*co2.Transport)
	}
	v.carbon = f.amount(co2.Total.Mid)
	if parts := v.operational + v.embodied + v.transport; !near(parts, v.carbon) || co2.Total.Mid < 0 {
		f.repairs.Inconsistent++
		v.carbon = parts
	}
	if low, high := f.amount(co2.Total.Low), f.amount(co2.Total.High); v.carbon > 0 && low <= v.carbon && v.carbon <= high {
		v.factorLow, v.factorHigh = low/v.carbon, high/v.carbon
	}
	return v
}

// near reports whether two sums of the same terms differ by their rounding alone.
func near(a, b float64) bool { return math.Abs(a-b) <= 1e-9*max(math.Abs(a), math.Abs(b)) }

// bounds adds how low and how high the carbon of a window may be. The factors of a model
// are wrong for all windows alike, so bounds add up: they do not shrink as errors do that
// are independent.
func (f *folder) bounds(w *window.Window, v *windowFigures) {
	f.mid.addFloat(v.carbon)
	low, high := v.carbon*v.factorLow, v.carbon*v.factorHigh
	if d := w.Detail; d != nil { // energy of unknown carbon is in its bounds
		shared := v.embodied + v.transport
		low = math.Min(low, float64(shared*v.factorLow)+f.amount(d.Total.Low))
		high = math.Max(high, float64(shared*v.factorHigh)+f.amount(d.Total.High))
	}
	f.low.addFloat(low)
	f.high.addFloat(high)
}

// when takes notice of the time of a window and of what was not counted in it.
func (f *folder) when(l *window.Line) {
	begin := begins(l)
	f.days[dayOf(begin, f.zone)] = struct{}{}
	d := l.Window.Detail
	if d == nil {
		return
	}
	f.open.add(max(d.From, f.span.From.UnixNano()), min(d.To, f.span.To.UnixNano()))
	for _, drop := range d.Drops {
		f.windows.Dropped = plus(f.windows.Dropped, drop.Spans)
	}
	f.windows.Late = plus(f.windows.Late, d.Spans.Late)
	energy := f.amount(d.Total.EnergyKWh)
	f.weight.addFloat(energy)
	f.covered.addFloat(energy * min(f.amount(d.Coverage), 1))
	if d.Coverage < 1 {
		f.partly++
	}
}

// begins returns the instant that decides to which period a window belongs: when it
// began, or when it was scored if it does not say.
func begins(l *window.Line) time.Time {
	if d := l.Window.Detail; d != nil && d.From > 0 && d.From < d.To {
		return time.Unix(0, d.From).UTC()
	}
	return l.Time
}

const secondsOfDay = 24 * 60 * 60

// dayOf returns the number of a day of a zone; nil is UTC.
func dayOf(t time.Time, zone *time.Location) int64 {
	offset := 0
	if zone != nil && zone != time.UTC {
		_, offset = t.In(zone).Zone()
	}
	return int64(math.Floor(float64(t.Unix()+int64(offset)) / secondsOfDay))
}

// plus adds counts that were read, which may be of any size.
func plus(a, b uint64) uint64 {
	if a > math.MaxUint64-b {
		return math.MaxUint64
	}
	return a + b
}

// merge adds what another folder holds, which is of no use afterwards.
func (f *folder) merge(o *folder) {
	mergeWindows(&f.windows, &o.windows)
	mergeRepairs(&f.repairs, &o.repairs)
	f.report.merge(&o.report)
	f.factors.merge(&o.factors)
	for name, s := range o.services {
		f.named(name).merge(s)
	}
	f.other.merge(&o.other)
	f.nobody.merge(&o.nobody)
	for _, p := range [][2]*sum{
		{&f.embodied, &o.embodied},
		{&f.carried, &o.carried},
		{&f.low, &o.low},
		{&f.mid, &o.mid},
		{&f.high, &o.high},
		{&f.covered, &o.covered},
		{&f.weight, &o.weight},
	} {
		p[0].add(p[1])
	}
	mergeSources(f.models, o.models)
	mergeSources(f.electrics, o.electrics)
	f.open.merge(&o.open)
	for day := range o.days {
		f.days[day] = struct{}{}
	}
	for name := range o.mixed {
		f.mixed[name] = struct{}{}
	}
	f.partly += o.partly
	if at := o.unattributedAt; !at.IsZero() && (f.unattributedAt.IsZero() || at.Before(f.unattributedAt)) {
		f.unattributedAt = at
	}
}

func mergeWindows(w, o *disclosure.Windows) {
	w.Counted += o.Counted
	w.Runtime += o.Runtime
	w.Fallback += o.Fallback
	w.Unattributed += o.Unattributed
	w.Duplicates += o.Duplicates
	w.Outside += o.Outside
	w.Malformed += o.Malformed
	w.Findings += o.Findings
	w.Waste += o.Waste
	w.Dropped = plus(w.Dropped, o.Dropped)
	w.Late = plus(w.Late, o.Late)
	mergeChain(&w.Chain, &o.Chain)
}

func mergeRepairs(r, o *disclosure.Repairs) {
	r.Amounts += o.Amounts
	r.Inconsistent += o.Inconsistent
	r.Tags += o.Tags
	r.Services += o.Services
	r.Cells += o.Cells
}
