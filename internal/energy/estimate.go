package energy

import (
	"fmt"

	"github.com/dendro-carbon/dendro/internal/attribution"
	"github.com/dendro-carbon/dendro/internal/wide"
	"github.com/dendro-carbon/dendro/unit"
)

// An hour has 3600 s, so 1 µWh is 3600 µJ. Power in µW times µs is in picojoules,
// of which 1 µWh is 3.6e9.
const (
	microjoules = 3600
	picojoules  = 3_600_000_000
)

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
	partly := u.Metered > 0 && u.Metered < u.Observed
	if e.model.Per == PerCPU && !partly {
		if f, err := e.estimateWide(u); err == nil {
			return f, nil
		}
	}
	f, err := e.estimateBig(u)
	if err != nil {
		return Figures{}, fmt.Errorf("estimate energy with %q of %+v: %w", e.model.Name, u, err)
	}
	return f, nil
}

// work is modelled energy before PUE, in picojoules times a denominator: idle is
// what the idle processors would draw, all is the whole.
type work struct {
	idle, all   wide.Uint
	denominator uint64
}

// picojoules applies the curve at the use of the whole slot. With b busy of c
// = b + i processor time, use is b/c, and between points (u0, P0) and (u1, P1)
//
//	P × c = (P0 (u1 c − b) + P1 (b − u0 c)) / (u1 − u0)
//
// in which no term is negative. Uses are scaled so that full use is e.full.
func (e *Estimator) picojoules(u Use) (work, error) {
	b, c := uint64(u.Busy), uint64(u.Busy)+uint64(u.Idle)
	i := e.segment(b, c)
	u0, u1 := e.scaled[i], e.scaled[i+1]
	p0, p1 := uint64(e.model.Curve[i].Power), uint64(e.model.Curve[i+1].Power)
	busy := wide.Product(b, e.full)
	var s sums
	low := s.times(s.sub(wide.Product(c, u1), busy), p0)
	high := s.times(s.sub(busy, wide.Product(c, u0)), p1)
	return work{
		idle:        s.times(wide.Product(c-b, u1-u0), uint64(e.model.Curve[0].Power)),
		all:         s.add(low, high),
		denominator: u1 - u0,
	}, s.err
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

// estimateWide does the usual case in 128 bits: power per processor, and either
// no meter or one that was always there. What does not fit is an error.
func (e *Estimator) estimateWide(u Use) (Figures, error) {
	p, err := e.picojoules(u)
	if err != nil {
		return Figures{}, err
	}
	var whole, measured int64
	if u.Metered > 0 {
		whole, err = wide.Product(uint64(u.Measured), e.pueNum).Over(wide.Product(microjoules, e.pueDen))
		measured = whole
	} else {
		var s sums
		all := s.times(p.all, e.pueNum)
		per := s.times(wide.Product(picojoules, e.pueDen), p.denominator)
		if s.err != nil {
			return Figures{}, s.err
		}
		whole, err = all.Over(per)
	}
	if err != nil {
		return Figures{}, err
	}
	f := Figures{Idle: unit.Energy(whole), Measured: unit.Energy(measured)}
	if p.all.IsZero() { // something drew it, and nothing says that it was work
		return f, nil
	}
	rest, err := p.all.Sub(p.idle) // power does not fall, so all >= idle
	if err != nil {
		return Figures{}, err
	}
	parts, err := attribution.DivideWide(unit.Energy(whole), []wide.Uint{rest, p.idle})
	if err != nil {
		return Figures{}, err
	}
	f.Busy, f.Idle = parts[0], parts[1]
	return f, nil
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
