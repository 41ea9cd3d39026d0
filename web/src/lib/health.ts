import type { Intensity, Status } from '../api/types'
import { action } from './actions'
import { count } from './format'

/** Something that fails, since when and how often, and what to do about it. */
export interface Trouble {
  readonly name: string
  readonly error: string
  readonly action: string
  readonly since?: string
  readonly fails?: number
}

/** What the server does over and over, in words. */
const duties: Readonly<Record<string, string>> = {
  close: 'Closing slots',
  open: 'The slot that goes on',
  directory: 'Who holds which machine',
  intensity: 'Carbon intensity',
  recheck: 'Late samples',
  logs: 'Events of the past',
  finish: 'Finishing restatements',
  retention: 'Forgetting old facts',
  journal: 'Keeping spans until they are scored',
  archive: 'The archive of windows',
  attribution: 'Whose it is',
}

export const dutyName = (duty: string): string => duties[duty] ?? duty

/** All that fails: in closing slots, in scoring spans, in reading meters. */
export function troubles(s: Status | undefined): Trouble[] {
  const of = (name: string, error: string, more: Pick<Trouble, 'since' | 'fails'> = {}): Trouble => ({ name, error, action: action(error), ...more })
  return [
    ...Object.entries(s?.driver.troubles ?? {}).map(([duty, t]) => of(dutyName(duty), t.error, t)),
    ...Object.entries(s?.services?.scoring.troubles ?? {}).map(([part, error]) => of(dutyName(part), error)),
    ...(s?.services?.meters ?? []).flatMap((m) => (m.trouble ? [of(`Meter ${m.name}`, m.trouble)] : [])),
  ]
}

/** Where figures are from: when it was heard last, and of what. */
export interface Source {
  readonly name: string
  readonly fails: boolean
  readonly heard: string | undefined
  readonly told: string
}

const some = (n: number, one: string, more = one + 's'): string => `${count(n)} ${n === 1 ? one : more}`

/** The sources of the ledger, from its state and from the intensities of today. */
export function sources(s: Status, today: readonly Intensity[]): Source[] {
  const fails = (duty: string) => s.driver.troubles?.[duty] !== undefined
  const out: Source[] = [{ name: 'Observations', fails: fails('close'), heard: s.last ?? undefined, told: `${some(s.slots, 'slot')} closed, ${count(s.driver.waiting)} waiting` }]
  for (const [name, d] of Object.entries(s.driver.directories ?? {})) {
    out.push({ name: `Directory ${name}`, fails: fails('directory'), heard: d.asked_at, told: some(d.changes, 'change') + (d.warnings ? `, ${some(d.warnings, 'doubt')}` : '') })
  }
  for (const name of [...new Set(today.map((v) => v.source))].sort()) {
    const all = today.filter((v) => v.source === name)
    const regions = new Set(all.map((v) => v.region))
    const kinds = [...new Set(all.map((v) => v.kind))].sort()
    out.push({ name: `Intensity ${name}`, fails: fails('intensity'), heard: all.map((v) => v.known_at ?? '').sort().at(-1) || undefined, told: `${kinds.join(' and ')} of today for ${regions.size === 1 ? [...regions][0] : some(regions.size, 'region')}` })
  }
  if (!today.length && fails('intensity')) out.push({ name: 'Intensity', fails: true, heard: undefined, told: 'nothing of today' })
  const scoring = s.services?.scoring
  if (scoring && !s.simulated) {
    out.push({ name: 'Spans of services', fails: Object.keys(scoring.troubles ?? {}).length > 0, heard: scoring.last_archived, told: `${some(scoring.accepted, 'span')} taken, ${count(scoring.refused)} refused` })
  }
  for (const m of s.services?.meters ?? []) {
    out.push({ name: `Meter ${m.name}`, fails: m.trouble !== undefined, heard: m.newest, told: `energy called ${m.energy}` })
  }
  return out
}
