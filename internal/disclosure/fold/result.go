package fold

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/attribution"
	"github.com/dendro-carbon/dendro/internal/disclosure"
	"github.com/dendro-carbon/dendro/unit"
)

// From kWh and gCO2e to the whole numbers of units.
const (
	perKWh  = 1_000_000_000
	perGram = 1_000_000
)

// period returns what was folded.
func (r *run) period(f *folder) (*disclosure.Period, error) {
	p := &disclosure.Period{Span: r.Span, Windows: f.windows}
	for _, file := range r.files {
		p.Inputs = append(p.Inputs, r.inputOf(file))
		in := &p.Inputs[len(p.Inputs)-1]
		mergeChain(&p.Windows.Chain, &in.Chain)
		p.Windows.Duplicates += in.Duplicates
	}
	if p.Windows.Counted == 0 {
		return nil, r.nothing()
	}
	if err := f.rows(p, r.By); err != nil {
		return nil, err
	}
	var err error
	round := func(s *sum, factor uint64) int64 {
		v, e := s.rounded(factor)
		err = cmp.Or(err, e)
		return v
	}
	p.Embodied, p.Transport = unit.Mass(round(&f.embodied, perGram)), unit.Mass(round(&f.carried, perGram))
	p.Bounds.Mid, err = unit.Sum(p.Total.Operational, p.Embodied, p.Transport)
	p.Bounds.Low = min(unit.Mass(round(&f.low, perGram)), p.Bounds.Mid)
	p.Bounds.High = max(unit.Mass(round(&f.high, perGram)), p.Bounds.Mid)
	p.Models, p.Intensities = sourcesOf(f.models, round), sourcesOf(f.electrics, round)
	p.Coverage = f.coverage(p)
	p.Report, p.Factors = f.result(), f.factorList()
	p.Uncertainty = &disclosure.Uncertainty{Method: windowBounds, Kinds: []disclosure.KindBounds{}}
	p.Quality = f.quality(r, p)
	return p, err
}

// nothing says that there is no window, and which files are damaged, where that may be why.
func (r *run) nothing() error {
	err := ErrNoWindows
	for _, f := range r.files {
		if f.damage != nil {
			err = fmt.Errorf("%w; %s is damaged after line %d: %w", err, f.input.Name, f.input.Lines, f.damage)
		}
	}
	return err
}

// windowBounds says how the bounds of windows add up.
const windowBounds = "each window says how low and how high its carbon may be, and these bounds add up: the factors of a model are wrong for all " +
	"windows alike, so that errors do not cancel; energy whose carbon is not known is in the bounds alone"

func mergeChain(c, o *disclosure.ChainCounts) {
	c.Verified += o.Verified
	c.Unchained += o.Unchained
	c.Breaks += o.Breaks
	c.BreaksOutside += o.BreaksOutside
}

// inputOf returns what was read of a file. Windows that a file before it has, or it has
// itself, are its duplicates.
func (r *run) inputOf(f *fileFold) disclosure.Input {
	in := f.input
	in.SHA256, in.Bytes, in.Chain = f.stored.sum(), f.stored.bytes, f.chain.counts
	in.Duplicates = r.seen.again[f.number].Load()
	in.Counted -= in.Duplicates
	return in
}

func sourcesOf(sources map[string]*sum, round func(*sum, uint64) int64) []disclosure.Source {
	var out []disclosure.Source
	for _, name := range slices.Sorted(maps.Keys(sources)) {
		out = append(out, disclosure.Source{Name: name, Energy: unit.Energy(round(sources[name], perKWh))})
	}
	return out
}

// rowSums are the exact sums of a row.
type rowSums struct {
	account account.Account
	cell
}

// rows rounds the sums of accounts. Each total is rounded once and divided among the rows by
// the largest remainder, so that rows add up to it.
func (f *folder) rows(p *disclosure.Period, by []string) error {
	if len(by) == 0 {
		by = []string{disclosure.LabelService, disclosure.LabelRegion}
	}
	of := map[account.Account]*rowSums{}
	add := func(service string, kind account.Kind, s *service) error { return s.project(of, service, kind, by) }
	for _, name := range slices.Sorted(maps.Keys(f.services)) {
		if err := add(name, account.KindAccount, f.services[name]); err != nil {
			return err
		}
	}
	if err := add("", account.KindOther, &f.other); err != nil {
		return err
	}
	if err := add("", account.KindUnattributed, &f.nobody); err != nil {
		return err
	}
	if len(of) == 0 {
		nobody := account.Account{Kind: account.KindUnattributed}
		of[nobody] = &rowSums{account: nobody}
	}
	sums := slices.SortedFunc(maps.Values(of), func(a, b *rowSums) int { return a.account.Compare(b.account) })
	p.Rows = make([]disclosure.Row, len(sums))
	for i, s := range sums {
		p.Rows[i] = disclosure.Row{Account: s.account, Operations: s.ops}
	}
	if err := roundRows(p.Rows, sums); err != nil {
		return err
	}
	if err := divideRequests(p.Rows, f.report.requests); err != nil {
		return err
	}
	return sumRows(p)
}

// project adds the cells of a service to the rows of a view.
func (s *service) project(of map[account.Account]*rowSums, name string, kind account.Kind, by []string) error {
	cells := s.cells
	if s.rest != nil {
		cells = append(slices.Clip(cells), s.rest)
	}
	for _, c := range cells {
		a := account.Account{Kind: kind}
		for _, label := range by {
			value, missing := "", account.KindUnknown
			switch label {
			case disclosure.LabelService:
				value, missing = name, kind
			case disclosure.LabelRegion:
				value, missing = c.key.region, c.key.kind
			case disclosure.LabelEnvironment:
				value = c.key.environment
			}
			if value == "" {
				if a.Kind == account.KindAccount {
					a.Kind = cmp.Or(missing, account.KindUnknown)
				}
				continue
			}
			labels, err := a.Labels.With(label, value)
			if err != nil {
				return err
			}
			a.Labels = labels
		}
		row := of[a]
		if row == nil {
			row = &rowSums{account: a}
			of[a] = row
		}
		row.merge(c)
	}
	return nil
}

// roundRows fills in the quantities of rows.
func roundRows(rows []disclosure.Row, sums []*rowSums) error {
	energy, err := apportion(sums, perKWh, func(s *rowSums) *sum { return &s.energy }, nil)
	if err != nil {
		return err
	}
	high, err := apportion(sums, perGram, func(s *rowSums) *sum { return &s.high }, nil)
	if err != nil {
		return err
	}
	carbon, err := apportion(sums, perGram, func(s *rowSums) *sum { return &s.carbon }, nil)
	if err != nil {
		return err
	}
	low, err := apportion(sums, perGram, func(s *rowSums) *sum { return &s.low }, high)
	if err != nil {
		return err
	}
	parts := [3][]int64{}
	for i, part := range []func(*rowSums) *sum{
		func(s *rowSums) *sum { return &s.known }, func(s *rowSums) *sum { return &s.measured }, func(s *rowSums) *sum { return &s.estimated },
	} {
		if parts[i], err = apportion(sums, perKWh, part, energy); err != nil {
			return err
		}
	}
	for i := range rows {
		q := &rows[i].Quantities
		q.Energy, q.CarbonEnergy = unit.Energy(energy[i]), unit.Energy(parts[0][i])
		q.MeasuredEnergy, q.EstimatedEnergy = unit.Energy(parts[1][i]), unit.Energy(parts[2][i])
		q.Operational, rows[i].Low, rows[i].High = unit.Mass(carbon[i]), unit.Mass(low[i]), unit.Mass(high[i])
	}
	return nil
}

// apportion rounds sums so that they add up to their rounded total: what rounding down leaves
// goes to those that lost most. None gets more than its cap; nil is no caps.
func apportion(sums []*rowSums, factor uint64, of func(*rowSums) *sum, caps []int64) ([]int64, error) {
	type left struct {
		fraction uint64
		i        int
	}
	var total sum
	out, order := make([]int64, len(sums)), make([]left, len(sums))
	rest := int64(0)
	for i, s := range sums {
		whole, fraction, err := of(s).scaled(factor)
		if err != nil {
			return nil, err
		}
		total.add(of(s))
		out[i], order[i] = whole, left{fraction, i}
		if caps != nil && out[i] > caps[i] {
			out[i] = caps[i] // a part that exceeds its whole by what rounding floats leaves
		}
		rest -= out[i]
	}
	whole, err := total.rounded(factor)
	if err != nil {
		return nil, err
	}
	rest += whole
	slices.SortFunc(order, func(a, b left) int { return cmp.Or(cmp.Compare(b.fraction, a.fraction), cmp.Compare(a.i, b.i)) })
	for given := true; rest > 0 && given; {
		given = false
		for _, o := range order {
			if rest > 0 && (caps == nil || out[o.i] < caps[o.i]) {
				out[o.i]++
				rest--
				given = true
			}
		}
	}
	return out, nil
}

// divideRequests divides requests by operations: a request passes through many services, so
// none of them has it alone.
func divideRequests(rows []disclosure.Row, requests uint64) error {
	weights := make([]uint64, len(rows))
	some := false
	for i := range rows {
		weights[i] = rows[i].Operations
		some = some || weights[i] > 0
	}
	if !some {
		weights[0] = 1
	}
	parts, err := attribution.Divide(int64(min(requests, math.MaxInt64)), weights) // counts of windows may be anything
	for i := range parts {
		rows[i].Requests = uint64(parts[i])
	}
	return err
}

// sumRows makes the total of the rows.
func sumRows(p *disclosure.Period) error {
	t := &p.Total
	for i := range p.Rows {
		row := &p.Rows[i]
		var err error
		if t.Quantities, err = t.Quantities.Add(row.Quantities); err != nil {
			return err
		}
		if t.Low, err = t.Low.Add(row.Low); err != nil {
			return err
		}
		if t.High, err = t.High.Add(row.High); err != nil {
			return err
		}
		t.Operations, t.Requests = plus(t.Operations, row.Operations), plus(t.Requests, row.Requests)
	}
	return nil
}

// coverage returns how much of what should be known is known.
func (f *folder) coverage(p *disclosure.Period) disclosure.Coverage {
	c := disclosure.Coverage{Days: days(p.Span, f.zone), ObservedDays: len(f.days), Spans: unit.One}
	c.LargestGap = largestGap(sortedDays(f.days), dayOf(p.Span.From, f.zone), dayOf(p.Span.To.Add(-1), f.zone))
	if length := p.Span.Duration(); length > 0 {
		c.Time = ratioOf(float64(f.open.length()), float64(length))
	}
	if !f.weight.isZero() {
		c.Spans = ratioOf(f.covered.float(), f.weight.float())
	}
	var attributed unit.Energy
	for i := range p.Rows {
		if k := p.Rows[i].Kind; k != account.KindUnattributed && k != account.KindIdle {
			attributed += p.Rows[i].Energy
		}
	}
	c.Attributed = energyRatio(attributed, p.Total.Energy)
	shares(&c, &p.Total.Quantities)
	return c
}

// shares fills in what is worked out from sums.
func shares(c *disclosure.Coverage, q *account.Quantities) {
	c.Carbon = energyRatio(q.CarbonEnergy, q.Energy)
	if q.Energy <= 0 {
		return
	}
	c.Measured = energyRatio(q.MeasuredEnergy, q.Energy)
	c.Estimated = min(energyRatio(q.EstimatedEnergy, q.Energy), unit.One-c.Measured)
	c.Modelled = unit.One - c.Measured - c.Estimated
}

func energyRatio(part, whole unit.Energy) unit.Ratio {
	r, err := unit.RatioOf(part, whole)
	if err != nil {
		return 0
	}
	return r
}

// ratioOf returns a / b, from 0 to 1, never rounded to all of it.
func ratioOf(a, b float64) unit.Ratio {
	r := unit.Ratio(math.Round(a / b * float64(unit.One)))
	if r >= unit.One && a < b*(1-1e-12) {
		return unit.One - 1
	}
	return max(0, min(r, unit.One))
}

// days returns the days of a zone that a span touches.
func days(s account.Span, zone *time.Location) int {
	if s.IsEmpty() {
		return 0
	}
	return int(dayOf(s.To.Add(-1), zone)-dayOf(s.From, zone)) + 1
}

func sortedDays(of map[int64]struct{}) []int64 { return slices.Sorted(maps.Keys(of)) }

// largestGap returns the longest run of days from first to last without any of observed.
func largestGap(observed []int64, first, last int64) int {
	gap, before := int64(0), first-1
	for _, day := range observed {
		gap, before = max(gap, day-before-1), day
	}
	return int(max(gap, last-before))
}
