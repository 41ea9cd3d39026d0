import type { ServiceCell, ServicesAnswer, ServiceWindow, Share } from '../api/types'
import { apportion } from './apportion'
import { count, percent, type Quantity } from './format'
import { value } from './tree'

/** Where energy of services is from, in a sentence, by its name in windows. */
export const energySources: Readonly<Record<string, string>> = {
  io_proxy: 'Modelled: operations by weight, times a fixed energy for each.',
  'io_proxy+cal': 'Modelled from operations, with a calibration of this service.',
  duration_proxy: 'Modelled from the time of spans that are no operations.',
  cloud_specpower: 'Modelled from the load and the type of a cloud instance.',
  redfish_bmc: 'Measured by the controllers of the machines, shared by operations.',
  kepler_ebpf: 'Measured by Kepler for the containers of the service.',
  scaphandre_rapl: 'Measured by Scaphandre for the processes of the service.',
  alumet_rapl: 'Measured by Alumet for the processes of the service.',
}

/** Where carbon intensity of services is from, in a sentence. */
export const intensitySources: Readonly<Record<string, string>> = {
  real_time: 'The intensity of that time, from a live source.',
  monthly_hourly: 'A profile by month and hour.',
  hourly: 'A profile by hour of the day.',
  annual: 'The average of a year.',
  unknown: 'No intensity is known: carbon is unknown, with bounds.',
}

/** The colour of each source, the same wherever it appears; what is unknown has none. */
export function coloursOf(lists: readonly (readonly Share[])[]): Map<string, string> {
  const names = [...new Set(lists.flat().map((s) => s.source))].sort()
  let k = 0
  return new Map(names.map((name) => [name, name === 'unknown' ? 'rest-2' : `s${(k++ % 8) + 1}`]))
}

/** Where energy or intensity of a cell is from. Energy of which no source is told, as that of idle services, is of an unknown one. */
export function sharesOf(c: ServiceCell, of: 'energy_shares' | 'intensity_shares'): readonly Share[] {
  const told = c.scored?.[of] ?? []
  return told.length || !c.scored?.energy_kwh ? told : [{ source: 'unknown', share: 1 }]
}

/** Shares of all cells together, weighted by energy, largest first; they add up to 1. */
export function together(cells: readonly ServiceCell[], of: 'energy_shares' | 'intensity_shares'): Share[] {
  const sums = new Map<string, number>()
  for (const c of cells) {
    for (const s of sharesOf(c, of)) sums.set(s.source, (sums.get(s.source) ?? 0) + s.share * (c.scored?.energy_kwh ?? 0))
  }
  const whole = [...sums.values()].reduce((sum, v) => sum + v, 0)
  return [...sums].filter(([, v]) => v > 0).map(([source, v]) => ({ source, share: v / whole })).sort((a, b) => b.share - a.share || (a.source < b.source ? -1 : 1))
}

/** Shares in tenths of a percent that add up to all. */
export const tenths = (shares: readonly Share[]): number[] => (shares.length ? apportion(shares.map((s) => s.share * 1000), 1000).map((v) => v ?? 0) : [])

/** The name of a cell's service or region for people; rests are words in brackets. */
export const named = (name: string, kind: string): string => (kind === 'account' ? name : `(${kind})`)

/** The filter of a cell's account. */
export const whereOfCell = (c: ServiceCell): string[] => [`service=${c.service}`, `region=${c.region}`]

export interface ServiceSeries {
  readonly name: string
  readonly kind: string
  readonly values: (number | null)[]
}

/** The course of each service, its regions together: the largest ones, the others as one, then rests. */
export function courses(answer: ServicesAnswer, quantity: Quantity, most: number): ServiceSeries[] {
  const all = new Map<string, ServiceSeries & { sum: number }>()
  for (const c of answer.cells) {
    const name = named(c.service, c.kind)
    const one = all.get(name) ?? { name, kind: c.kind, values: (answer.total.series ?? []).map(() => null), sum: 0 }
    c.ledger?.series?.forEach((p, i) => {
      const v = value(p, quantity)
      if (v !== null) one.values[i] = (one.values[i] ?? 0) + v
    })
    one.sum += (c.ledger && value(c.ledger, quantity)) ?? 0
    all.set(name, one)
  }
  const sorted = [...all.values()].sort((a, b) => Number(a.kind !== 'account') - Number(b.kind !== 'account') || b.sum - a.sum)
  const accounts = sorted.filter((s) => s.kind === 'account')
  const rests = sorted.filter((s) => s.kind !== 'account')
  const folded = accounts.slice(most)
  if (!folded.length) return sorted
  const others = { name: `${folded.length} others`, kind: 'other', values: folded[0]!.values.map((_, i) => sumOf(folded.map((f) => f.values[i] ?? null))) }
  return [...accounts.slice(0, most), others, ...rests]
}

function sumOf(values: readonly (number | null)[]): number | null {
  return values.every((v) => v === null) ? null : values.reduce<number>((sum, v) => sum + (v ?? 0), 0)
}

type Drops = ServiceWindow['drops']

/** How many spans were left out. */
export const leftOut = (drops: Drops): number => (drops ?? []).reduce((sum, d) => sum + d.spans, 0)

/** How many spans were left out for which reason, in words. */
export const reasonsOf = (drops: Drops): string => (drops ?? []).map((d) => `${count(d.spans)} ${d.reason.replaceAll('_', ' ')}`).join(', ')

/** What became of the spans of a window: in time, late, left out. */
export const fates = (w: ServiceWindow): { counted: number; late: number; dropped: number } => ({ counted: w.spans.counted - w.spans.late, late: w.spans.late, dropped: leftOut(w.drops) })

/** The part of the energy of the windows that the ledger has: 1 is all of it, null that there is none. */
export function inLedger(cells: readonly ServiceCell[]): number | null {
  let windows = 0
  let ledger = 0
  for (const c of cells) {
    if (!c.scored) continue
    const known = c.scored.energy_kwh - c.scored.unknown_energy_kwh
    windows += known * (c.scored.pue ?? 1) + c.scored.unknown_energy_kwh
    ledger += c.ledger?.energy_kwh ?? 0
  }
  return windows > 0 ? ledger / windows : null
}

/** Why the carbon of the ledger is outside the bounds of the windows, or may be; nothing if it is within them. */
export function outside({ archive, cells, total, scored }: ServicesAnswer): string | undefined {
  if (!archive.complete) return undefined // the bounds are of another time
  const part = inLedger(cells)
  if (part !== null && part < 0.995) return `The ledger has ${percent(part)} of the energy of these windows until now: the others are in slots that are not closed yet. Until it has all, its carbon can be less than the bounds say.`
  const carbon = total.operational_gco2e
  if (carbon === null || (carbon >= scored.low_gco2e && carbon <= scored.high_gco2e)) return undefined
  if (carbon < scored.low_gco2e && scored.unknown_energy_kwh > 0) return 'The carbon above is less than that: it is without the energy whose carbon is unknown, and the bounds are with it.'
  return 'The carbon above is outside of that: the ledger takes the intensities of its own sources, and the bounds are by those with which the windows were scored.'
}
