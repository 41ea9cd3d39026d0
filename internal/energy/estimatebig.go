package energy

import (
	"math/big"

	"github.com/dendro-carbon/dendro/unit"
)

// estimateBig is the same estimate without bounds on the numbers: for power per
// host, for a meter that was there for part of the time, and for amounts that do
// not fit 128 bits on the way.
func (e *Estimator) estimateBig(u Use) (Figures, error) {
	p := e.bigPicojoules(u)
	var whole, measured int64
	var err error
	if u.Metered > 0 {
		if measured, err = round(product(int64(u.Measured), int64(e.pueNum)), product(microjoules, int64(e.pueDen))); err != nil {
			return Figures{}, err
		}
	}
	switch {
	case u.Metered > 0 && u.Metered >= u.Observed:
		whole = measured
	default:
		whole, err = round(e.bigWhole(u, p))
	}
	if err != nil {
		return Figures{}, err
	}
	f := Figures{Idle: unit.Energy(whole), Measured: unit.Energy(measured)}
	if p.all.Sign() > 0 {
		f.Idle = idleShare(whole, p)
		f.Busy = unit.Energy(whole) - f.Idle
	}
	return f, nil
}

// bigWork is [work] without bounds.
type bigWork struct{ idle, all, denominator *big.Int }

// bigPicojoules is [Estimator.picojoules] for either kind of power. Power per host
// is that per processor time, times the time observed, over the processor time.
func (e *Estimator) bigPicojoules(u Use) bigWork {
	b, c := uint64(u.Busy), uint64(u.Busy)+uint64(u.Idle)
	if e.model.Per == PerHost && c == 0 { // nothing counted: on, and doing nothing
		c = 1
	}
	i := e.segment(b, c)
	low, high := e.model.Curve[i], e.model.Curve[i+1]
	u0, u1 := int64(e.scaled[i]), int64(e.scaled[i+1])
	busy := product(int64(b), int64(e.full))
	total := new(big.Int).SetUint64(c)

	below := new(big.Int).Mul(total, big.NewInt(u1))
	below.Sub(below, busy).Mul(below, big.NewInt(int64(low.Power)))
	above := new(big.Int).Mul(total, big.NewInt(u0))
	above.Sub(busy, above).Mul(above, big.NewInt(int64(high.Power)))
	p := bigWork{
		all:         below.Add(below, above),
		idle:        new(big.Int).Mul(product(int64(c-b), u1-u0), big.NewInt(int64(e.model.Curve[0].Power))),
		denominator: big.NewInt(u1 - u0),
	}
	if e.model.Per == PerHost {
		observed := big.NewInt(int64(u.Observed))
		p.all.Mul(p.all, observed)
		p.idle.Mul(p.idle, observed)
		p.denominator.Mul(p.denominator, total)
	}
	return p
}

// bigWhole returns the energy of the slot in µWh as a fraction: the model's, or
// the meter's and the model's for the share of the time that the meter missed.
func (e *Estimator) bigWhole(u Use, p bigWork) (num, den *big.Int) {
	pue := new(big.Int).SetUint64(e.pueNum)
	num = new(big.Int).Mul(p.all, pue)
	den = new(big.Int).Mul(p.denominator, product(picojoules, int64(e.pueDen)))
	if u.Metered == 0 {
		return num, den
	}
	num.Mul(num, big.NewInt(int64(u.Observed-u.Metered)))
	den.Mul(den, big.NewInt(int64(u.Observed)))
	// measured × PUE ÷ 3600, over the same denominator
	meter := new(big.Int).Mul(den, pue)
	meter.Mul(meter, big.NewInt(int64(u.Measured)))
	meter.Quo(meter, product(microjoules, int64(e.pueDen))) // exact: den is a multiple
	return num.Add(num, meter), den
}

func product(a, b int64) *big.Int { return new(big.Int).Mul(big.NewInt(a), big.NewInt(b)) }

// idleShare divides a whole by largest remainder, a tie to the busy part, as
// attribution does.
func idleShare(whole int64, p bigWork) unit.Energy {
	q, rest := new(big.Int).Mul(p.idle, big.NewInt(whole)), new(big.Int)
	q.QuoRem(q, p.all, rest)
	if rest.Lsh(rest, 1).Cmp(p.all) > 0 {
		q.Add(q, big.NewInt(1))
	}
	return unit.Energy(q.Int64())
}

// round returns num ÷ den, neither negative, rounded half to even.
func round(num, den *big.Int) (int64, error) {
	q, rest := new(big.Int).QuoRem(num, den, new(big.Int))
	if c := rest.Lsh(rest, 1).Cmp(den); c > 0 || (c == 0 && q.Bit(0) == 1) {
		q.Add(q, big.NewInt(1))
	}
	if !q.IsInt64() {
		return 0, unit.ErrOverflow
	}
	return q.Int64(), nil
}
