package metric

import "strings"

// SameUnit reports whether two units, as written, are the same: gCO2e is
// gCO2eq, seconds are s, nothing is dimensionless. Units that only measure the
// same quantity, as g and kg, are not the same. Prefixes keep their case: mW is
// not MW.
func SameUnit(a, b string) bool { return normalUnit(a) == normalUnit(b) }

// normalUnit returns the one way to write a unit that [SameUnit] compares.
func normalUnit(s string) string {
	parts := strings.Split(strings.ReplaceAll(s, " per ", "/"), "/")
	for i, part := range parts {
		parts[i] = normalPart(part)
	}
	return strings.Join(parts, "/")
}

// normalPart normalises what stands before, between or behind slashes.
func normalPart(s string) string {
	s = strings.Join(strings.Fields(s), "")
	s = strings.NewReplacer("₂", "2", "-eq", "eq", "μ", "µ").Replace(s)
	if i := strings.Index(strings.ToLower(s), "co2e"); i >= 0 { // CO2 alone is not CO2e
		end := i + len("co2e")
		return s[:i] + "CO2e" + strings.TrimPrefix(s[end:], "q")
	}
	if plain, ok := unitWords[strings.ToLower(s)]; ok {
		return plain
	}
	return s
}

// unitWords are the other ways to write a unit, in lower case. No key may be a
// unit whose case carries a meaning.
//
//archtest:table words for units, never written
var unitWords = map[string]string{
	"": "1", "none": "1", "dimensionless": "1", "ratio": "1", "count": "1", "1": "1", "number": "1",
	"percent": "%", "percentage": "%",
	"second": "s", "seconds": "s", "sec": "s", "minute": "min", "minutes": "min",
	"hour": "h", "hours": "h", "hr": "h", "day": "d", "days": "d",
	"kwh": "kWh", "kilowatthour": "kWh", "kilowatthours": "kWh", "kilowatt-hours": "kWh",
	"watt": "W", "watts": "W", "joule": "J", "joules": "J", "gram": "g", "grams": "g",
	"cpu": "CPUs", "cpus": "CPUs", "vcpu": "CPUs", "vcpus": "CPUs",
	"gigabyte": "GB", "gigabytes": "GB",
}
