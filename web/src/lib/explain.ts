import type { Figures } from '../api/types'
import { missing } from './format'
import type { Page } from './route.svelte'

/** What the address asks to be explained. */
export interface Asked {
  readonly where: readonly string[]
  /** An instant in the slot that is explained. */
  readonly slot?: string
  /** The window; without it, that of the page. */
  readonly window?: { readonly from: string; readonly to: string }
}

/** The parameters without anything explained. */
export const nothingExplained = { slot: undefined, explain: undefined, of: undefined } as const

/** The parameters that explain a window of the page, or all of its period. */
export const explaining = (span?: { from: string; to: string }, of?: readonly string[]) => ({
  slot: undefined,
  explain: span ? `${span.from}/${span.to}` : 'period',
  of: of ?? undefined,
})

/** Reads what is to be explained; nothing if the address does not ask. */
export function explained(page: Page, params: URLSearchParams): Asked | undefined {
  const of = params.getAll('of')
  const where = of.length || page === 'overview' ? of : params.getAll('where')
  const slot = params.get('slot')
  if (slot && where.length) return { where, slot }
  const asked = params.get('explain')
  if (!asked) return undefined
  const [from, to] = asked.split('/')
  return from && to ? { where, window: { from, to } } : { where }
}

/** A number with all its digits, as the API gives it. */
export const exact = (value: number | null | undefined, unit: string): string =>
  value === null || value === undefined ? missing : `${value.toLocaleString(undefined, { maximumFractionDigits: 9 })} ${unit}`

const share = (ratio: number | null): string => exact(ratio === null ? null : ratio * 100, '%')

/** How the figures of a window are worked out from its slots; of services, that have no share in a machine, otherwise than of machines. */
export function steps(f: Figures, slots: number | undefined, services = false): { name: string; formula: string; result: string }[] {
  const n = slots === undefined ? 'all slots' : `${slots.toLocaleString()} ${slots === 1 ? 'slot' : 'slots'}`
  const known = f.energy_kwh === null || f.carbon_coverage === null ? null : f.energy_kwh * f.carbon_coverage
  const busy = f.busy_energy_kwh
  const out = [
    { name: 'Energy', formula: services ? `Σ over ${n}: energy of the windows in it, with PUE` : `Σ over ${n}: energy of the machines, their share`, result: exact(f.energy_kwh, 'kWh') },
    { name: 'Busy and idle', formula: services ? `Σ over ${n}: idle is what meters measured while nothing was served` : `Σ over ${n}: each split by its power model`, result: `${exact(busy, 'kWh')} busy, ${exact(busy === null || f.energy_kwh === null ? null : f.energy_kwh - busy, 'kWh')} idle` },
    { name: 'Carbon', formula: `Σ over ${n}: energy of the slot × intensity of the slot`, result: exact(f.operational_gco2e, 'g CO₂e') },
    { name: 'Intensity', formula: `${exact(f.operational_gco2e, 'g CO₂e')} ÷ ${exact(known, 'kWh')} whose carbon is known`, result: exact(f.intensity_gco2e_per_kwh, 'g CO₂e/kWh') },
    { name: 'Coverage', formula: `observed ÷ expected time of the ${services ? 'windows' : 'machines'}`, result: share(f.coverage) },
    { name: 'Estimated', formula: 'energy that is estimated, or whose intensity is ÷ energy', result: share(f.estimated_share) },
  ]
  if (f.embodied_gco2e !== null) out.push({ name: 'Embodied', formula: `Σ over ${n}: of the machines, by the time for which it is modelled; not in the carbon above`, result: exact(f.embodied_gco2e, 'g CO₂e') })
  return out
}
