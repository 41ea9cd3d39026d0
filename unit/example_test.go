package unit_test

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/dendro-carbon/dendro/unit"
)

// A host draws 12 W while it computes and 1 W while it idles. Its hour, from
// power to carbon, in integers: what is printed adds up to the last digit.
func Example() {
	busy, _ := unit.PowerFromWatts(12)
	idle, _ := unit.ParsePower("1")
	computing, _ := unit.ParseDuration("537.45")
	hour, _ := unit.DurationFromSeconds(3600)
	resting, _ := hour.Sub(computing)

	// µW × µs ÷ 1e6 is µJ, rounded once.
	a, _ := unit.MulDiv(int64(busy), int64(computing), 1_000_000)
	b, _ := unit.MulDiv(int64(idle), int64(resting), 1_000_000)
	joules, _ := unit.Joules(a).Add(unit.Joules(b))
	energy := joules.Energy()

	intensity, _ := unit.IntensityFromGramsPerKWh(231.5)
	carbon, _ := energy.Times(intensity)
	fmt.Println(joules, "=", energy, "→", carbon)
	// Output: 9511.95 J = 0.002642208 kWh → 0.611671 gCO2e
}

// Quantities are added and subtracted by methods that check for overflow.
func ExampleEnergy_Add() {
	web, _ := unit.ParseEnergy("1.5")
	database, _ := unit.EnergyFromKWh(0.25)
	both, err := web.Add(database)
	fmt.Println(both, both.KWh(), err)
	rest, err := both.Sub(web)
	fmt.Println(rest, err)
	_, err = unit.Energy(1 << 62).Add(1 << 62)
	fmt.Println(err)
	// Output:
	// 1.75 kWh 1.75 <nil>
	// 0.25 kWh <nil>
	// quantity overflows 64 bits
}

func ExampleMass_Add() {
	operational, _ := unit.ParseMass("0.414732")
	embodied, _ := unit.MassFromGrams(1.2)
	total, _ := operational.Add(embodied)
	back, _ := total.Sub(embodied)
	fmt.Println(total, back == operational, total.Grams())
	// Output: 1.614732 gCO2e true 1.614732
}

func ExampleDuration_Add() {
	morning, _ := unit.ParseDuration("0.000001")
	evening, _ := unit.DurationFromSeconds(86400)
	day, _ := morning.Add(evening)
	fmt.Println(day, day.Seconds())
	// Output: 86400.000001 s 86400.000001
}

func ExamplePower_Add() {
	cpu, _ := unit.ParsePower("87.5")
	dram, _ := unit.PowerFromWatts(9.25)
	machine, _ := cpu.Add(dram)
	withoutMemory, _ := machine.Sub(dram)
	fmt.Println(machine, withoutMemory, machine.Watts())
	// Output: 96.75 W 87.5 W 96.75
}

// A meter counts joules; the difference of two readings is what was used.
func ExampleJoules_Sub() {
	first, _ := unit.ParseJoules("1500000")
	second, _ := unit.JoulesFromFloat(5_100_000)
	used, _ := second.Sub(first)
	fmt.Println(used, "=", used.Energy(), used.Float())
	// Output: 3600000 J = 1 kWh 3.6e+06
}

// The intensity of a mix is its mass per its energy, and not a mean of
// intensities.
func ExampleIntensityOf() {
	wind, _ := unit.ParseIntensity("11")
	gas, _ := unit.IntensityFromGramsPerKWh(394)
	difference, _ := gas.Sub(wind)
	sum, _ := gas.Add(wind)
	fmt.Println(difference, sum.GramsPerKWh())

	mass, _ := unit.ParseMass("4710")
	energy, _ := unit.ParseEnergy("30")
	mix, err := unit.IntensityOf(mass, energy)
	fmt.Println(mix, err)
	_, err = unit.IntensityOf(mass, 0)
	fmt.Println(errors.Is(err, unit.ErrDivideByZero))
	// Output:
	// 383 gCO2e/kWh 405
	// 157 gCO2e/kWh <nil>
	// true
}

func ExampleRatio_Sub() {
	pue, _ := unit.ParseRatio("1.125")
	overhead, _ := pue.Sub(unit.One)
	half, _ := unit.RatioFromFloat(0.5)
	more, _ := overhead.Add(half)
	fmt.Println(overhead, more, more.Float())
	// Output: 0.125 0.625 0.625
}

// Decimal is for people, Fixed for columns that are added up digit by digit,
// AppendDecimal for writing many of them.
func ExampleMass_Fixed() {
	m, _ := unit.ParseMass("12.5")
	fmt.Println(m.Decimal(), m.Fixed(), string(m.AppendDecimal([]byte("carbon: "))))
	// Output: 12.5 12.500000 carbon: 12.5
}

// Every quantity is written in the same three ways.
func ExampleDuration_Fixed() {
	d, p, j := unit.Duration(1_500_000), unit.Power(1_500_000), unit.Joules(1_500_000)
	e, i, r := unit.Energy(1_500_000), unit.Intensity(1_500_000), unit.Ratio(1_500_000)
	for _, row := range [][3]string{
		{d.Decimal(), d.Fixed(), string(d.AppendDecimal(nil))},
		{p.Decimal(), p.Fixed(), string(p.AppendDecimal(nil))},
		{j.Decimal(), j.Fixed(), string(j.AppendDecimal(nil))},
		{i.Decimal(), i.Fixed(), string(i.AppendDecimal(nil))},
		{e.Decimal(), e.Fixed(), string(e.AppendDecimal(nil))},
		{r.Decimal(), r.Fixed(), string(r.AppendDecimal(nil))},
	} {
		fmt.Println(row[0], row[1], row[2])
	}
	// Output:
	// 1.5 1.500000 1.5
	// 1.5 1.500000 1.5
	// 1.5 1.500000 1.5
	// 1.5 1.500000 1.5
	// 0.0015 0.001500000 0.0015
	// 0.0015 0.001500000 0.0015
}

// In JSON a quantity is a number, read exactly: what does not fit is an error.
func ExampleParseEnergy() {
	var record struct {
		Energy unit.Energy `json:"energy_kwh"`
	}
	err := json.Unmarshal([]byte(`{"energy_kwh": 0.081580183}`), &record)
	text, _ := json.Marshal(record)
	fmt.Println(record.Energy, err, string(text))
	_, err = unit.ParseEnergy("0.0815801834")
	fmt.Println(errors.Is(err, unit.ErrInexact))
	// Output:
	// 0.081580183 kWh <nil> {"energy_kwh":0.081580183}
	// true
}
