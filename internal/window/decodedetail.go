package window

import (
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
)

// detail reads the member dendro. Members that it does not know are passed over.
func (d *Decoder) detail() *Detail {
	if d.scanner.Null() {
		return nil
	}
	v := &Detail{}
	d.object(func(name []byte) {
		switch string(name) {
		case "cells":
			d.each(func() { v.Cells = append(v.Cells, d.cell()) })
		case "coverage":
			v.Coverage = d.amount()
		case "drops":
			d.each(func() { v.Drops = append(v.Drops, d.drop()) })
		case "from":
			v.From = d.instant()
		case "idle":
			d.each(func() { v.Idle = append(v.Idle, d.idle()) })
		case "meters":
			d.each(func() { v.Meters = append(v.Meters, d.meter()) })
		case "services":
			d.each(func() { v.Services = append(v.Services, d.service()) })
		case "slot_s":
			v.Slot = time.Duration(min(d.scanner.Uint(), uint64(time.Hour/time.Second))) * time.Second
		case "spans":
			d.spanCounts(&v.Spans)
		case "to":
			v.To = d.instant()
		case "total":
			d.total(&v.Total)
		default:
			d.scanner.Skip()
		}
	})
	return v
}

// each reads an array.
func (d *Decoder) each(element func()) {
	d.scanner.Array()
	for d.scanner.Next() {
		element()
	}
}

// lastSecond is the last whole second, from the Unix epoch, whose nanoseconds an int64 holds.
const lastSecond = 9_223_372_035

// instant reads an instant between the years 1677 and 2262.
func (d *Decoder) instant() int64 {
	t, err := time.Parse(time.RFC3339, string(d.scanner.TextBytes()))
	if err != nil || t.Unix() < -lastSecond || t.Unix() > lastSecond {
		d.scanner.Fail("expected an instant in RFC 3339")
		return 0
	}
	return t.UnixNano()
}

func (d *Decoder) drop() (v Drop) {
	d.object(func(name []byte) {
		switch string(name) {
		case "reason":
			v.Reason = d.name()
		case "spans":
			v.Spans = d.scanner.Uint()
		default:
			d.scanner.Skip()
		}
	})
	return v
}

func (d *Decoder) idle() (v Idle) {
	d.object(func(name []byte) {
		switch string(name) {
		case "source":
			v.Source = d.name()
		case "region":
			v.Region = d.name()
		case "region_kind":
			v.RegionKind = d.kind()
		case "slot":
			v.Slot = d.instant()
		case "intensity_gco2e_per_kwh":
			v.Intensity = d.amount()
		case "pue":
			v.PUE = d.amount()
		default:
			d.carbonOr(name, &v.Carbon)
		}
	})
	return v
}

func (d *Decoder) meter() (v Meter) {
	d.object(func(name []byte) {
		switch string(name) {
		case "source":
			v.Source = d.name()
		case "energy_kwh":
			v.EnergyKWh = d.amount()
		case "attributed_kwh":
			v.AttributedKWh = d.amount()
		case "idle_kwh":
			v.IdleKWh = d.amount()
		case "superseded_kwh":
			v.SupersededKWh = d.amount()
		default:
			d.scanner.Skip()
		}
	})
	return v
}

func (d *Decoder) spanCounts(v *SpanCounts) {
	d.object(func(name []byte) {
		for _, field := range []struct {
			name string
			to   *uint64
		}{
			{"counted", &v.Counted},
			{"sql", &v.SQL},
			{"http", &v.HTTP},
			{"messaging", &v.Messaging},
			{"other", &v.Other},
			{"undated", &v.Undated},
			{"late", &v.Late},
			{"folded", &v.Folded},
		} {
			if string(name) == field.name {
				*field.to = d.scanner.Uint()
				return
			}
		}
		d.scanner.Skip()
	})
}

func (d *Decoder) total(v *Total) {
	d.object(func(name []byte) {
		switch string(name) {
		case "carbon_coverage":
			v.CarbonCoverage = d.amount()
		case "embodied_gco2e":
			v.Embodied = d.amount()
		case "transport_gco2e":
			v.Transport = d.amount()
		default:
			d.carbonOr(name, &v.Carbon)
		}
	})
}

// carbonOr reads a member of Carbon, or passes over another one.
func (d *Decoder) carbonOr(name []byte, v *Carbon) {
	switch string(name) {
	case "energy_kwh":
		v.EnergyKWh = d.amount()
	case "unknown_energy_kwh":
		v.UnknownKWh = d.amount()
	case "operational_gco2e":
		v.Operational, v.HasCarbon = d.amount(), true
	case "low_gco2e":
		v.Low = d.amount()
	case "high_gco2e":
		v.High = d.amount()
	default:
		d.scanner.Skip()
	}
}

func (d *Decoder) cell() (v Cell) {
	d.object(func(name []byte) {
		switch string(name) {
		case "service":
			v.Service = d.name()
		case "service_kind":
			v.ServiceKind = d.kind()
		case "region":
			v.Region = d.name()
		case "region_kind":
			v.RegionKind = d.kind()
		case "environment":
			v.Environment = d.name()
		case "slot":
			v.Slot = d.instant()
		case "operations":
			v.Ops = d.scanner.Uint()
		case "other_spans":
			v.Others = d.scanner.Uint()
		case "intensity_gco2e_per_kwh":
			v.Intensity = d.amount()
		case "pue":
			v.PUE = d.amount()
		case "energy_by_kwh":
			v.EnergyBy = d.parts()
		case "intensity_by_kwh":
			v.IntensityBy = d.parts()
		default:
			d.carbonOr(name, &v.Carbon)
		}
	})
	return v
}

func (d *Decoder) service() (v ServiceDetail) {
	d.object(func(name []byte) {
		switch string(name) {
		case "service":
			v.Service = d.name()
		case "kind":
			v.Kind = d.kind()
		case "operations":
			v.Ops = d.scanner.Uint()
		case "energy_shares":
			v.EnergyShares = d.shares()
		case "intensity_shares":
			v.IntensityShares = d.shares()
		case "embodied_gco2e":
			v.Embodied = d.optional()
		default:
			d.carbonOr(name, &v.Carbon)
		}
	})
	return v
}

func (d *Decoder) kind() account.Kind {
	var k account.Kind
	if err := k.UnmarshalText(d.scanner.TextBytes()); err != nil && d.scanner.Err() == nil {
		d.scanner.Fail("expected account, unattributed, idle, unknown or other")
	}
	return k
}

func (d *Decoder) parts() []Part {
	var list []Part
	d.object(func(name []byte) {
		source := d.intern(name)
		list = append(list, Part{source, d.amount()})
	})
	return list
}

func (d *Decoder) shares() []Share {
	var list []Share
	d.object(func(name []byte) {
		source := d.intern(name)
		list = append(list, Share{source, d.amount()})
	})
	return list
}
