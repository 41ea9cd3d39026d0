/** A figure in terms of everyday things: few, each with what it is worth and who says so. */
export interface Equivalent {
  readonly value: number
  readonly unit: string
  readonly what: string
  readonly source: string
}

// US EPA, Greenhouse Gas Equivalencies Calculator: 8,887 g CO2 from a US gallon
// (3.785411784 l) of gasoline, and 400 g CO2e per mile (1.609344 km) of an average
// passenger vehicle.
const petrol = 8887 / 3.785411784
const car = 400 / 1.609344

// Physics: a litre of water from 15 °C to 100 °C takes 4.186 kJ/(kg·K) × 85 K, at
// the 90 % that a kettle reaches about.
const kettle = (4.186 * 85) / 3600 / 0.9

export function equivalents(carbon: number | null, energy: number | null): Equivalent[] {
  const out: Equivalent[] = []
  if (carbon !== null) {
    out.push({ value: carbon / petrol, unit: 'litres', what: 'of petrol burned', source: 'US EPA equivalencies calculator: 8,887 g CO₂ per US gallon. It counts the exhaust alone.' })
    out.push({ value: carbon / car, unit: 'km', what: 'in an average petrol car', source: 'US EPA equivalencies calculator: 400 g CO₂e per mile. Cars in Europe emit about a third less.' })
  }
  if (energy !== null) {
    out.push({ value: energy / kettle, unit: 'litres', what: 'of water boiled in a kettle', source: 'Physics: 85 K × 4.186 kJ per litre and kelvin at 90 %. It compares energy, so it holds on any grid.' })
  }
  return out
}
