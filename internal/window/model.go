package window

// Energy says where a figure of energy is from. The zero value is the proxy model.
type Energy uint8

// The order of measured sources is that of precedence: of two that measure the
// same operation the later one counts.
const (
	// EnergyProxy is the proxy model.
	EnergyProxy Energy = iota
	// EnergyCalibrated is the proxy model times the factor of the service.
	EnergyCalibrated
	// EnergyDuration is a factor for each second of a span that is no operation.
	EnergyDuration
	// EnergyCloud is the load of a cloud instance and the powers of its type.
	EnergyCloud
	// EnergyRedfish is the meter of a chassis.
	EnergyRedfish
	// EnergyKepler is Kepler.
	EnergyKepler
	// EnergyScaphandre is Scaphandre.
	EnergyScaphandre
	// EnergyAlumet is Alumet.
	EnergyAlumet
	energies // how many there are
)

func energyNames() [energies]string {
	return [...]string{
		"io_proxy", "io_proxy+cal", "duration_proxy", "cloud_specpower", "redfish_bmc", "kepler_ebpf", "scaphandre_rapl", "alumet_rapl",
	}
}

// String returns the word used in windows, on the wire of the original for what is
// measured.
func (e Energy) String() string {
	if e < energies {
		return energyNames()[e]
	}
	return "unknown"
}

// Measured reports whether a meter or the load of a machine is behind it.
func (e Energy) Measured() bool { return e >= EnergyCloud && e < energies }

// Electric says where an intensity is from. Higher ones say more.
type Electric uint8

const (
	// ElectricUnknown is no intensity at all.
	ElectricUnknown Electric = iota
	// ElectricAnnual is the mean of a year.
	ElectricAnnual
	// ElectricHourly is a profile of 24 hours.
	ElectricHourly
	// ElectricMonthly is a profile of 12 months of 24 hours.
	ElectricMonthly
	// ElectricLive is a value for the time of the span.
	ElectricLive
	electrics // how many there are
)

func electricNames() [electrics]string {
	return [...]string{"unknown", "annual", "hourly", "monthly_hourly", "real_time"}
}

// String returns the word used in windows.
func (e Electric) String() string {
	if e < electrics {
		return electricNames()[e]
	}
	return "unknown"
}

// evidence is what figures of a window, a region or a service rest on: the best that
// was seen, as the compatible tags say it.
type evidence struct {
	energy     Energy   // the best measured one, or EnergyProxy
	electric   Electric // the best one
	calibrated bool     // a figure that is not measured is calibrated
}

// see takes note of a figure.
func (e *evidence) see(energy Energy, electric Electric) {
	e.electric = max(e.electric, electric)
	if energy.Measured() {
		e.energy = max(e.energy, energy)
	}
	e.calibrated = e.calibrated || energy == EnergyCalibrated
}

// tag returns the compatible tag of a window: electricity_maps_api if an intensity is
// live, else the best meter, else the version of the proxy model.
func (e evidence) tag() string {
	tag := "io_proxy_v1"
	switch {
	case e.electric == ElectricLive:
		return "electricity_maps_api"
	case e.energy.Measured():
		return e.energy.String()
	case e.electric == ElectricMonthly:
		tag = "io_proxy_v3"
	case e.electric == ElectricHourly:
		tag = "io_proxy_v2"
	}
	if e.calibrated {
		tag += "+cal"
	}
	return tag
}
