package window

// window reads a report.
func (d *Decoder) window(w *Window) {
	*w = Window{Endpoints: w.Endpoints[:0], Green: w.Green, Extra: w.Extra[:0]}
	var analysis, findings, green, gate bool
	d.object(func(name []byte) {
		switch string(name) {
		case "analysis":
			analysis = true
			d.analysis(&w.Analysis)
		case "binary_version":
			w.BinaryVersion = d.name()
		case "dendro":
			w.Detail = d.detail()
		case "detection_config":
			w.DetectionConfig = d.raw()
		case "disclosure_waste":
			d.avoidable(w)
		case "findings":
			findings = true
			d.found(w)
		case "green_summary":
			green = true
			d.green(&w.Green)
		case "per_endpoint_io_ops":
			w.Endpoints = d.endpoints(w.Endpoints)
		case "quality_gate":
			gate = true
			w.QualityGate = Raw(d.scanner.Skip())
		default:
			w.Extra = append(w.Extra, d.member(name))
		}
	})
	d.need("analysis", analysis)
	d.need("findings", findings)
	d.need("green_summary", green)
	d.need("quality_gate", gate)
}

// avoidable reads the waste of a window.
func (d *Decoder) avoidable(w *Window) {
	if d.Values {
		w.Waste = d.waste()
		return
	}
	w.DisclosureWaste = d.raw()
}

// found reads the anti-patterns of a window.
func (d *Decoder) found(w *Window) {
	if d.Values {
		d.memory.found = d.findings(d.memory.found[:0])
		w.Found = d.memory.found
		return
	}
	w.Findings = d.list()
}

func (d *Decoder) need(name string, have bool) {
	if !have {
		d.lacks(name)
	}
}

// list reads an array as it stands.
func (d *Decoder) list() Raw {
	if d.scanner.Peek() != '[' {
		d.scanner.Fail("expected an array")
	}
	return Raw(d.scanner.Skip())
}

func (d *Decoder) analysis(a *Analysis) {
	var events, traces bool
	d.object(func(name []byte) {
		switch string(name) {
		case "duration_ms":
			a.DurationMS = d.scanner.Uint()
		case "events_processed":
			events = true
			a.Events = d.scanner.Uint()
		case "traces_analyzed":
			traces = true
			a.Traces = d.scanner.Uint()
		default:
			a.Extra = append(a.Extra, d.member(name))
		}
	})
	d.need("events_processed", events)
	d.need("traces_analyzed", traces)
}

func (d *Decoder) endpoints(list []EndpointOps) []EndpointOps {
	d.scanner.Array()
	for d.scanner.Next() {
		var e EndpointOps
		d.object(func(name []byte) {
			switch string(name) {
			case "endpoint":
				e.Endpoint = d.name()
			case "service":
				e.Service = d.name()
			case "io_ops":
				e.Ops = d.scanner.Uint()
			default:
				d.scanner.Skip()
			}
		})
		list = append(list, e)
	}
	return list
}

// green reads the summary. Its lists are used again.
func (d *Decoder) green(g *Green) {
	*g = Green{
		Regions: g.Regions[:0], Extra: g.Extra[:0],
		ServiceEnergyKWh: g.ServiceEnergyKWh[:0], ServiceCarbonKg: g.ServiceCarbonKg[:0],
		ServiceMeasuredRatio: g.ServiceMeasuredRatio[:0], ServiceRegion: g.ServiceRegion[:0], ServiceModel: g.ServiceModel[:0],
	}
	var total, avoidable, ratio bool
	d.object(func(name []byte) {
		switch string(name) {
		case "total_io_ops":
			total = true
			g.TotalOps = d.scanner.Uint()
		case "avoidable_io_ops":
			avoidable = true
			g.AvoidableOps = d.scanner.Uint()
		case "io_waste_ratio":
			ratio = true
			g.WasteRatio = d.scanner.Float()
		default:
			if !d.greenOps(name, g) && !d.greenServices(name, g) && !d.greenParts(name, g) {
				g.Extra = append(g.Extra, d.member(name))
			}
		}
	})
	d.need("total_io_ops", total)
	d.need("avoidable_io_ops", avoidable)
	d.need("io_waste_ratio", ratio)
	d.need("io_waste_ratio_band", g.WasteBand != "")
	d.need("top_offenders", g.Offenders != nil)
}

func (d *Decoder) greenOps(name []byte, g *Green) bool {
	switch string(name) {
	case "total_sql_io_ops":
		g.SQLOps = d.scanner.Uint()
	case "avoidable_sql_io_ops":
		g.AvoidableSQLOps = d.scanner.Uint()
	case "total_messaging_io_ops":
		g.MessagingOps = d.scanner.Uint()
	case "avoidable_messaging_io_ops":
		g.AvoidableMessagingOps = d.scanner.Uint()
	case "io_waste_ratio_band":
		g.WasteBand = d.name()
	case "top_offenders":
		g.Offenders = d.list()
	default:
		return false
	}
	return true
}

func (d *Decoder) greenServices(name []byte, g *Green) bool {
	switch string(name) {
	case "energy_kwh":
		g.EnergyKWh = d.amount()
	case "energy_model":
		g.EnergyModel = d.name()
	case "per_service_carbon_kgco2eq":
		g.ServiceCarbonKg = d.amounts(g.ServiceCarbonKg)
	case "per_service_energy_kwh":
		g.ServiceEnergyKWh = d.amounts(g.ServiceEnergyKWh)
	case "per_service_measured_ratio":
		g.ServiceMeasuredRatio = d.amounts(g.ServiceMeasuredRatio)
	case "per_service_region":
		g.ServiceRegion = d.labels(g.ServiceRegion)
	case "per_service_energy_model":
		g.ServiceModel = d.labels(g.ServiceModel)
	default:
		return false
	}
	return true
}

func (d *Decoder) greenParts(name []byte, g *Green) bool {
	switch string(name) {
	case "co2":
		if g.CO2 = nil; !d.scanner.Null() {
			g.CO2 = d.co2()
		}
	case "regions":
		g.Regions = d.regions(g.Regions)
	case "transport_gco2":
		g.Transport = d.optional()
	case "scoring_config":
		if g.ScoringConfig = nil; !d.scanner.Null() {
			g.ScoringConfig = d.scoringConfig()
		}
	case "database_waste":
		g.DatabaseWaste = d.raw()
	case "messaging_waste":
		g.MessagingWaste = d.raw()
	default:
		return false
	}
	return true
}

func (d *Decoder) co2() *CO2 {
	c := keep(d, &d.memory.co2)
	var total, avoidable bool
	d.object(func(name []byte) {
		switch string(name) {
		case "total":
			total = true
			d.estimate(&c.Total)
		case "avoidable":
			avoidable = true
			d.estimate(&c.Avoidable)
		case "operational_gco2":
			c.Operational = d.amount()
		case "embodied_gco2":
			c.Embodied = d.amount()
		case "transport_gco2":
			c.Transport = d.optional()
		case "sci_per_trace":
			if c.SCIPerTrace = nil; !d.scanner.Null() {
				c.SCIPerTrace = keep(d, &d.memory.sci)
				d.estimate(c.SCIPerTrace)
			}
		case "functional_unit":
			c.FunctionalUnit = d.name()
		default:
			c.Extra = append(c.Extra, d.member(name))
		}
	})
	d.need("total", total)
	d.need("avoidable", avoidable)
	return c
}

func (d *Decoder) estimate(e *Estimate) {
	d.object(func(name []byte) {
		switch string(name) {
		case "low":
			e.Low = d.amount()
		case "mid":
			e.Mid = d.amount()
		case "high":
			e.High = d.amount()
		case "model":
			e.Model = d.name()
		case "methodology":
			e.Methodology = d.name()
		default:
			d.scanner.Skip()
		}
	})
}

func (d *Decoder) regions(list []Region) []Region {
	d.scanner.Array()
	for d.scanner.Next() {
		var r Region
		d.object(func(name []byte) {
			switch string(name) {
			case "status":
				r.Status = d.name()
			case "region":
				r.Region = d.name()
			case "grid_intensity_gco2_kwh":
				r.Intensity = d.amount()
			case "pue":
				r.PUE = d.amount()
			case "io_ops":
				r.Ops = d.scanner.Uint()
			case "co2_gco2":
				r.Grams = d.amount()
			case "intensity_source":
				r.Source = d.name()
			case "intensity_estimated":
				r.Estimated = d.optionalBool()
			case "intensity_estimation_method":
				if !d.scanner.Null() {
					r.Method = d.name()
				}
			default:
				d.scanner.Skip()
			}
		})
		list = append(list, r)
	}
	return list
}

func (d *Decoder) scoringConfig() *ScoringConfig {
	c := keep(d, &d.memory.config)
	d.object(func(name []byte) {
		switch string(name) {
		case "api_version":
			c.APIVersion = d.name()
		case "emission_factor_type":
			c.EmissionFactorType = d.name()
		case "temporal_granularity":
			c.TemporalGranularity = d.name()
		case "electricity_maps":
			c.ElectricityMaps = d.optionalBool()
		case "embodied_per_request_gco2":
			c.EmbodiedPerRequest = d.optional()
		case "network_energy_per_byte_kwh":
			c.NetworkKWhPerByte = d.optional()
		case "per_operation_coefficients":
			c.PerOperation = d.optionalBool()
		case "use_hourly_profiles":
			c.HourlyProfiles = d.optionalBool()
		default:
			d.scanner.Skip()
		}
	})
	return c
}
