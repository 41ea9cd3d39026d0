import type { Equivalencies } from '../api/types'
import { count, decimal } from './format'

/** A figure in terms of everyday things: few, each with what it is worth and who says so. */
export interface Equivalent {
  readonly amount: string
  readonly what: string
  readonly source: string
}

// Physics: a litre of water from 15 °C to 100 °C takes 4.186 kJ/(kg·K) × 85 K, at
// the 90 % that a kettle reaches about.
const kettle = (4.186 * 85) / 3600 / 0.9

// What is not zero is never shown as zero.
const text = (amount: number) => (amount > 0 && amount < 0.05 ? `<${decimal(0.1, 1)}` : amount >= 100 ? count(amount) : decimal(amount, amount < 10 ? 1 : 0))

/** What the server compares the carbon with, and what the energy would boil. */
export function equivalents(carbon: Equivalencies | undefined, energy: number | null): Equivalent[] {
  // A factor that nobody dates is not shown: it could not be looked up.
  const dated = (carbon?.equivalencies ?? []).filter((e) => e.vintage).slice(0, 3)
  const out = dated.map((e) => {
    const each = decimal(e.gco2e_per_unit, e.gco2e_per_unit < 100 ? 2 : 0)
    return { amount: text(e.amount), what: e.means.charAt(0).toLowerCase() + e.means.slice(1), source: `${each} g CO₂e each, says ${e.source} (${e.vintage}).` }
  })
  if (energy !== null) {
    out.push({ amount: text(energy / kettle), what: 'litres of water boiled in a kettle', source: 'Physics: 85 K × 4.186 kJ per litre and kelvin at 90 %. It compares energy, so it holds on any grid.' })
  }
  return out
}
