package window

import (
	"github.com/dendro-carbon/dendro/internal/account"
)

// kindOf returns the kind of a name by its number.
func kindOf(id int32) account.Kind {
	switch id {
	case noName:
		return account.KindUnknown
	case otherName:
		return account.KindOther
	}
	return account.KindAccount
}

// cellOf returns a row as it is published.
func (p *pricer) cellOf(r *row) Cell {
	c := Cell{
		Service: p.services.list[r.key.service], ServiceKind: kindOf(r.key.service),
		RegionKind: kindOf(r.key.region), Environment: p.environments.list[r.key.environment],
		Ops: r.ops, Others: r.others, Carbon: r.carbon(),
	}
	if c.RegionKind == account.KindAccount {
		c.Region = p.Scorer.regions.list[r.key.region]
	}
	if r.key.time != undated {
		c.Slot = r.key.time
	}
	if known := c.EnergyKWh - c.UnknownKWh; known > 0 {
		c.Intensity, c.PUE = r.intensity.float()/known, r.pue.float()/known
	}
	c.EnergyBy, c.IntensityBy = r.parts()
	return c
}

// serviceDetails returns what the figures of each service rest on. Rows come in the
// order of services.
func (p *pricer) serviceDetails() []ServiceDetail {
	var out []ServiceDetail
	all := p.sum(0, classes-1)
	for i := 0; i < len(p.rows); {
		id := p.rows[i].key.service
		var t tally
		d := ServiceDetail{Service: p.services.list[id], Kind: kindOf(id)}
		for ; i < len(p.rows) && p.rows[i].key.service == id; i++ {
			t.merge(&p.rows[i].tally)
			d.Ops += p.rows[i].ops
		}
		d.Carbon = t.carbon()
		energy, intensity := t.parts()
		d.EnergyShares, d.IntensityShares = shares(energy, d.EnergyKWh), shares(intensity, d.EnergyKWh)
		if p.config.SplitEmbodied && all > 0 {
			embodied := p.embodied() * ratio(d.Ops, all)
			d.Embodied = &embodied
		}
		out = append(out, d)
	}
	return out
}

// meterSums returns what each kind of meter measured, and where that went.
func (p *pricer) meterSums() []Meter {
	var out []Meter
	by := p.idleBy()
	for source := EnergyCloud; source < energies; source++ {
		var all, attributed, idle, superseded sum
		for i, r := range p.meters.readings {
			switch shared := p.meters.shared[i]; {
			case r.Source != source:
			case p.isIdle(i) && p.superseded(by, i):
				all.add(r.KWh)
				superseded.add(r.KWh)
			case p.isIdle(i):
				all.add(r.KWh)
				idle.add(r.KWh)
			default:
				perOp := p.meters.perOp(i)
				all.add(float64(float64(shared) * perOp))
				attributed.add(float64(float64(p.used[i]) * perOp))
				superseded.add(float64(float64(shared-p.used[i]) * perOp))
			}
		}
		if all.float() > 0 {
			out = append(out, Meter{source.String(), all.float(), attributed.float(), idle.float(), superseded.float()})
		}
	}
	return out
}
