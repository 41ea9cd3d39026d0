package window

import (
	"cmp"
	"slices"
)

// offender is an endpoint, and how many operations a trace needs of it.
type offender struct {
	calls
	endpoint, service string
	perTrace          float64
}

// offenders returns the endpoints by operations per trace, the most first, in the
// compatible shape. It knows them only if traces are told apart.
func (p *pricer) offenders(unmeasured bool) Raw {
	list := []offender{}
	for _, c := range p.calls {
		if c.traces > 0 {
			perTrace := float64(c.ops) / float64(c.traces)
			list = append(list, offender{c, p.endpoints.list[c.key.endpoint], p.services.list[c.key.service], perTrace})
		}
	}
	slices.SortFunc(list, func(a, b offender) int {
		return cmp.Or(cmp.Compare(b.perTrace, a.perTrace), cmp.Compare(a.service, b.service), cmp.Compare(a.endpoint, b.endpoint))
	})
	perOp, flat := p.flat(unmeasured)
	var w writer
	w.array(len(list), func(i int) {
		o := &list[i]
		w.object(func() {
			if flat {
				w.float("co2_grams", float64(o.ops)*perOp)
			}
			w.text("endpoint", o.endpoint)
			w.text("io_intensity_band", intensityBand(o.perTrace))
			w.float("io_intensity_score", o.perTrace)
			w.text("service", o.service)
		})
	})
	return Raw(w.dst)
}

// flat returns the carbon of an operation, in gCO2e, if all operations cost the same:
// the original gives carbon by endpoint only then.
func (p *pricer) flat(unmeasured bool) (gramsPerOp float64, ok bool) {
	place, placed := p.config.Places[p.config.DefaultRegion]
	if !placed || !unmeasured || p.namedRegion || len(p.config.ServiceRegions) > 0 ||
		p.config.Factors.PerOperation || len(p.config.Calibration) > 0 {
		return 0, false
	}
	return p.config.Factors.KWhPerOp * place.Annual * place.PUE, true
}

// The bands are the original's.

func wasteBand(ratio float64) string { return band(ratio, [3]float64{0.1, 0.3, 0.5}) }

func intensityBand(perTrace float64) string { return band(perTrace, [3]float64{2, 5, 10}) }

func band(x float64, from [3]float64) string {
	switch {
	case x >= from[2]:
		return "critical"
	case x >= from[1]:
		return "high"
	case x >= from[0]:
		return "moderate"
	}
	return "healthy"
}
