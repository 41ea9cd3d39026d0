package energy

import (
	"fmt"
	"math/big"

	"github.com/dendro-carbon/dendro/internal/attribution"
	"github.com/dendro-carbon/dendro/internal/wide"
	"github.com/dendro-carbon/dendro/unit"
)

// picojoulesPerMicrowattHour is 3600 s/h in the smallest steps: µW × µs are
// picojoules, and 1 µWh is 3.6e9 of them.
const picojoulesPerMicrowattHour = 3_600_000_000

// Use is what one host did in one slot. No field may be negative.
type Use struct {
	// Busy and Idle are processor time, summed over processors.
	Busy, Idle unit.Duration
	// Observed is host time for which Busy and Idle are known.
	Observed unit.Duration
	// Measured is the energy a meter counted over Metered of host time. A
	// meter is the whole as far as it goes; the model estimates the rest of
	// Observed and splits the sum into busy and idle.
	Measured unit.Joules
	Metered  unit.Duration
}

// Figures is the energy of one host and slot.
type Figures struct {
	// Busy and Idle sum to the whole.
	Busy, Idle unit.Energy
	// Measured is the part of the whole that a meter counted, PUE included.
	Measured unit.Energy
}

// Estimator applies one valid [Model]. It is immutable and safe for concurrent
// use.
type Estimator struct {
	model Model
	// full is use 1 and scaled are the points' uses in units of 1/full, the
	// coarsest in which all are integers, so that products stay small.
	full   uint64
	scaled []uint64
	// pueNum/pueDen is the PUE in lowest terms.
	pueNum, pueDen uint64
}

// NewEstimator returns the estimator of a model, or the error of
// [Model.Validate].
func NewEstimator(m Model) (*Estimator, error) {
	if err := m.Validate(); err != nil {
		return nil, err
	}
	if m.Per == "" {
		m.Per = PerCPU
	}
	if m.PUE == 0 {
		m.PUE = unit.One
	}
	step := uint64(unit.One)
	for _, p := range m.Curve {
		step = gcd(step, uint64(p.Use))
	}
	e := &Estimator{model: m, full: uint64(unit.One) / step}
	for _, p := range m.Curve {
		e.scaled = append(e.scaled, uint64(p.Use)/step)
	}
	common := gcd(uint64(m.PUE), uint64(unit.One))
	e.pueNum, e.pueDen = uint64(m.PUE)/common, uint64(unit.One)/common
	return e, nil
}

// Model returns the estimator's model with its defaults filled in.
func (e *Estimator) Model() Model { return e.model }

// Estimate returns the energy of u: one rounding, half to even, of the whole,
// which is then split by the model. It returns an error when a field of u is
// negative or the result does not fit.
func (e *Estimator) Estimate(u Use) (Figures, error) {
	if u.Busy < 0 || u.Idle < 0 || u.Observed < 0 || u.Measured < 0 || u.Metered < 0 {
		return Figures{}, fmt.Errorf("estimate energy: negative use %+v", u)
	}
	p, err := e.picojoules(u)
	if err != nil {
		return Figures{}, fmt.Errorf("estimate energy with %q: %w", e.model.Name, err)
	}
	whole, measured, err := e.whole(u, p)
	if err != nil {
		return Figures{}, fmt.Errorf("estimate energy with %q: %w", e.model.Name, err)
	}
	busy, idle, err := split(whole, p)
	if err != nil {
		return Figures{}, fmt.Errorf("estimate energy with %q: %w", e.model.Name, err)
	}
	return Figures{Busy: busy, Idle: idle, Measured: measured}, nil
}

// work is modelled energy as fractions over one denominator, in picojoules
// before PUE: idle is what the idle processors would draw, all the whole.
type work struct{ idle, all, denominator wide.Uint }

// picojoules applies the curve at the use of the whole slot. With b busy of c
// = b + i processor time, use is b/c, and between points (u0, P0) and (u1, P1)
//
//	P × c = (P0 (u1 c − b) + P1 (b − u0 c)) / (u1 − u0)
//
// in which no term is negative. A model per host multiplies by observed/c.
func (e *Estimator) picojoules(u Use) (work, error) {
	b, c := uint64(u.Busy), uint64(u.Busy)+uint64(u.Idle)
	time := uint64(1)
	if e.model.Per == PerHost {
		time = uint64(u.Observed)
		if c == 0 { // nothing counted: the host was on and did nothing
			b, c = 0, 1
		}
	}
	i := e.segment(b, c)
	u0, u1 := e.scaled[i], e.scaled[i+1]
	p0, p1 := uint64(e.model.Curve[i].Power), uint64(e.model.Curve[i+1].Power)
	scaledBusy := wide.Product(b, e.full)

	var s sums
	low := s.times(s.sub(wide.Product(c, u1), scaledBusy), p0)
	high := s.times(s.sub(scaledBusy, wide.Product(c, u0)), p1)
	all := s.times(s.add(low, high), time)
	idle := s.times(s.times(wide.Product(c-b, u1-u0), uint64(e.model.Curve[0].Power)), time)
	denominator := wide.From(u1 - u0)
	if e.model.Per == PerHost {
		denominator = wide.Product(u1-u0, c)
	}
	return work{idle: idle, all: all, denominator: denominator}, s.err
}

// segment returns the index of the point at or below use b/c that has a
// successor.
func (e *Estimator) segment(b, c uint64) int {
	busy := wide.Product(b, e.full)
	for i := len(e.scaled) - 2; i > 0; i-- {
		if busy.Cmp(wide.Product(c, e.scaled[i])) >= 0 {
			return i
		}
	}
	return 0
}

// whole rounds the energy of the slot, and the metered part of it.
func (e *Estimator) whole(u Use, p work) (whole, measured unit.Energy, err error) {
	switch {
	case u.Metered == 0:
		var s sums
		v, err := s.times(p.all, e.pueNum).Over(s.times(p.denominator, picojoulesPerMicrowattHour*e.pueDen))
		if s.err != nil {
			err = s.err
		}
		return unit.Energy(v), 0, err
	case u.Metered >= u.Observed:
		v, err := wide.Product(uint64(u.Measured), e.pueNum).Over(wide.Product(3600, e.pueDen))
		return unit.Energy(v), unit.Energy(v), err
	}
	return e.partlyMetered(u, p)
}

// partlyMetered adds to the meter's energy the model's for the share of the
// observed time that the meter missed. It is rare, so it may be slow.
func (e *Estimator) partlyMetered(u Use, p work) (whole, measured unit.Energy, err error) {
	pue := big.NewRat(int64(e.model.PUE), int64(unit.One))
	meter := new(big.Rat).Mul(big.NewRat(int64(u.Measured), 3600), pue)
	model := new(big.Rat).SetFrac(p.all.Big(), p.denominator.Big())
	model.Mul(model, big.NewRat(int64(u.Observed-u.Metered), int64(u.Observed)))
	model.Mul(model, pue).Quo(model, big.NewRat(picojoulesPerMicrowattHour, 1))
	w, err := roundRat(model.Add(model, meter))
	if err != nil {
		return 0, 0, err
	}
	m, err := roundRat(meter)
	return unit.Energy(w), unit.Energy(m), err
}

// split divides the whole into busy and idle energy. A whole without any
// modelled power is idle: something drew it, and nothing says it was work.
func split(whole unit.Energy, p work) (busy, idle unit.Energy, err error) {
	if p.all.IsZero() {
		return 0, whole, nil
	}
	rest, err := p.all.Sub(p.idle) // power does not fall, so all >= idle
	if err != nil {
		return 0, 0, err
	}
	parts, err := attribution.DivideWide(whole, []wide.Uint{rest, p.idle})
	if err != nil {
		return 0, 0, err
	}
	return parts[0], parts[1], nil
}

// roundRat rounds a non-negative r half to even.
func roundRat(r *big.Rat) (int64, error) {
	q, rest := new(big.Int).QuoRem(r.Num(), r.Denom(), new(big.Int))
	if c := rest.Lsh(rest, 1).Cmp(r.Denom()); c > 0 || (c == 0 && q.Bit(0) == 1) {
		q.Add(q, big.NewInt(1))
	}
	if !q.IsInt64() {
		return 0, unit.ErrOverflow
	}
	return q.Int64(), nil
}

// sums chains checked operations and keeps the first error.
type sums struct{ err error }

func (s *sums) keep(v wide.Uint, err error) wide.Uint {
	if err != nil && s.err == nil {
		s.err = err
	}
	return v
}

func (s *sums) add(a, b wide.Uint) wide.Uint          { return s.keep(a.Add(b)) }
func (s *sums) sub(a, b wide.Uint) wide.Uint          { return s.keep(a.Sub(b)) }
func (s *sums) times(a wide.Uint, m uint64) wide.Uint { return s.keep(a.Times(m)) }

func gcd(a, b uint64) uint64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
