// Package sci holds the formulas of the Software Carbon Intensity specification
// and nothing else: no data, no units to convert, no rounding beyond that of
// float64.
//
// Source: ISO/IEC 21031:2024, which is the Green Software Foundation's Software
// Carbon Intensity (SCI) Specification v1.0, https://sci.greensoftware.foundation
// (section "Methodology").
//
// Every product is rounded to float64 before it is used, so that no machine
// fuses it with a sum and all give the same bits. The functions do not judge
// their arguments: a divisor of zero gives what IEEE 754 says, and callers
// refuse such inputs where they can name them.
package sci

// Operational returns O = E × I in grams of CO2e, for energy E in kWh and a
// location-based carbon intensity I in g/kWh (specification, "Operational
// emissions").
func Operational(energyKWh, intensity float64) float64 {
	return float64(energyKWh * intensity)
}

// Equipment describes the share of hardware that a piece of software holds
// (specification, "Embodied emissions").
type Equipment struct {
	// Total is TE, the embodied emissions of the whole equipment over its life
	// cycle, in grams of CO2e.
	Total float64
	// Reserved is TiR, the time for which it is reserved, and Lifespan is EL,
	// its expected life, in the same unit of time.
	Reserved, Lifespan float64
	// Resources is RR, the resources reserved, and AllResources is ToR, those
	// that the equipment has, in the same unit.
	Resources, AllResources float64
}

// Embodied returns M = TE × TS × RS in grams of CO2e, with the time share
// TS = TiR/EL and the resource share RS = RR/ToR.
func Embodied(e Equipment) float64 {
	timeShare := e.Reserved / e.Lifespan
	resourceShare := e.Resources / e.AllResources
	return float64(float64(e.Total*timeShare) * resourceShare)
}

// Score returns SCI = (O + M) per R in grams of CO2e per functional unit, for r
// functional units.
func Score(operational, embodied, r float64) float64 {
	return (operational + embodied) / r
}
