package derive

import (
	"fmt"
	"strings"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/attribution"
	"github.com/dendro-carbon/dendro/unit"
)

// pools gathers a slot's idle energy and shares it among the accounts of its
// pool by their busy energy ([IdleProRata]). They keep the order in which hosts
// come, which is canonical.
type pools struct {
	index map[string]int
	list  []pool
}

// pool is what one pool gathered: busy by account, idle by basis.
type pool struct {
	busy collector
	idle collector
	// rest is the idle account that keeps the energy when nobody was busy.
	rest int32
}

// pool returns the pool of a host: its values of the policy's labels, or the
// host itself. No pool holds figures of two perimeters.
func (p *Policy) pool(host string, labels account.Labels) string {
	if p.Idle != IdleProRata {
		return ""
	}
	if len(p.Pool) == 0 {
		return host
	}
	var b strings.Builder
	b.WriteString(string(labels.Perimeter()))
	for _, name := range p.Pool {
		fmt.Fprintf(&b, "%q", labels.Get(name))
	}
	return b.String()
}

func (p *pools) reset() {
	clear(p.index)
	p.list = p.list[:0]
}

// add puts a share's quantities into its pool: idle energy with its time to what
// is shared, the rest to the account.
func (p *pools) add(name string, key entryKey, rest int32, q account.Quantities) error {
	i, ok := p.index[name]
	if !ok {
		if p.index == nil {
			p.index = map[string]int{}
		}
		i = len(p.list)
		p.index[name] = i
		p.list = append(p.list, pool{rest: rest})
		p.list[i].busy.reset()
		p.list[i].idle.reset()
	}
	busy, idle, err := splitIdle(q)
	if err != nil {
		return err
	}
	if err := p.list[i].busy.add(key, busy); err != nil {
		return err
	}
	return p.list[i].idle.add(entryKey{p.list[i].rest, key.basis}, idle)
}

// splitIdle takes the idle energy and time out of quantities. Host time stays.
func splitIdle(q account.Quantities) (busy, idle account.Quantities, err error) {
	energies := []uint64{uint64(q.BusyEnergy), uint64(q.Energy - q.BusyEnergy)}
	var parts [3][]unit.Energy
	for i, v := range []unit.Energy{q.CarbonEnergy, q.EstimatedEnergy, q.MeasuredEnergy} {
		if parts[i], err = appendPart(nil, v, energies); err != nil {
			return q, q, err
		}
	}
	idle = account.Quantities{
		Energy: q.Energy - q.BusyEnergy, Operational: q.Operational - q.BusyOperational, Idle: q.Idle,
		CarbonEnergy: parts[0][1], EstimatedEnergy: parts[1][1], MeasuredEnergy: parts[2][1],
	}
	busy, err = q.Sub(idle)
	return busy, idle, err
}

// share divides what was gathered and books all of it.
func (p *pools) share(out *collector) error {
	for i := range p.list {
		if err := p.list[i].share(out); err != nil {
			return err
		}
	}
	return nil
}

func (p *pool) share(out *collector) error {
	weights, total := make([]uint64, len(p.busy.keys)), uint64(0)
	for i := range p.busy.keys {
		weights[i] = uint64(p.busy.sums[i].BusyEnergy)
		total |= weights[i]
		if err := out.add(p.busy.keys[i], p.busy.sums[i]); err != nil {
			return err
		}
	}
	for i, key := range p.idle.keys {
		if total == 0 { // nobody was busy: the energy stays apart
			if err := out.add(key, p.idle.sums[i]); err != nil {
				return err
			}
			continue
		}
		parts, err := divideQuantities(p.idle.sums[i], weights)
		if err != nil {
			return err
		}
		for j, part := range parts {
			if err := out.add(entryKey{p.busy.keys[j].account, key.basis}, part); err != nil {
				return err
			}
		}
	}
	return nil
}

// divideQuantities divides energy and time by weights and what is part of energy
// by the energy.
func divideQuantities(q account.Quantities, weights []uint64) ([]account.Quantities, error) {
	values := q.Values()
	divided := make([][len(values)]int64, len(weights))
	energies := make([]uint64, len(weights))
	for field, v := range values {
		by := weights
		if partOfEnergy(field) {
			by = energies
		}
		parts, err := attribution.Divide(v, by)
		if v == 0 {
			parts, err = make([]int64, len(weights)), nil
		}
		if err != nil {
			return nil, err
		}
		for i, part := range parts {
			divided[i][field] = part
			if field == 0 {
				energies[i] = uint64(part)
			}
		}
	}
	out := make([]account.Quantities, len(weights))
	for i := range divided {
		out[i] = account.QuantitiesOf(divided[i])
	}
	return out, nil
}

// partOfEnergy reports whether a field of [Quantities.Values] is a part of
// energy, or carbon, which comes with it.
func partOfEnergy(field int) bool { return field >= 1 && field <= 6 }
