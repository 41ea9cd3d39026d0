import { decimal } from './format'
import type { Disclosure, Row } from '../api/disclosures'

/** Words of disclosures, in a sentence each. */
export const words = {
  locationBased: ['Carbon, location-based', 'Operational, embodied and transport carbon, by the grids where the energy was used and not by contracts.'],
  operational: ['Operational', 'Carbon of the energy that was used.'],
  embodied: ['Embodied', 'Carbon of making the machines, as far as it is counted to this use.'],
  transport: ['Transport', 'Carbon of moving data over networks.'],
  energy: ['Energy', 'Electricity of what is in scope.'],
  sci: ['SCI', 'Software carbon intensity (ISO/IEC 21031): carbon per functional unit.'],
  time: ['Time covered', 'The part of the period of which there are observations.'],
  spans: ['Load counted', 'The part of what was received that is counted, weighted by energy.'],
  carbon: ['Carbon known', 'The part of the energy whose carbon is known.'],
  attributed: ['Attributed', 'The part of the energy that has an account.'],
  measured: ['Measured', 'Energy that a meter measured.'],
  modelled: ['Modelled', 'Energy that a model worked out from what was observed.'],
  estimated: ['Estimated', 'Energy, or its carbon, that was bridged, simulated, extrapolated or forecast.'],
  official: ['official', 'It fulfils the rules of official disclosures; dendro verify checks them again.'],
  internal: ['internal', 'For the organisation itself: rules of official disclosures are not checked.'],
  public: ['public', 'Made to be published: it names no files and no people.'],
  restated: ['restated', 'A later disclosure of the same period replaces it.'],
  holds: ['holds', 'Its form, sums, rules and statement are right, and its signature if a key is known.'],
  fails: ['fails', 'A check fails: the file is not what was disclosed, or not by whom it seems. Do not rely on it.'],
  unsigned: ['not signed', 'Nothing says who disclosed it.'],
  unknownKey: ['key not known', 'It is signed, and the server was given no key to verify that with (disclosures.keys).'],
  chain: ['Series', 'Each disclosure names the hash of the one before it, so that a missing one shows.'],
  hash: ['SHA-256', 'The hash of the file, as sha256sum prints it: it changes with any byte.'],
  form: ['form', 'It is the one legal text of a disclosure: nothing can hide in it.'],
  id: ['id', 'The id is made of the content, so that a changed content shows.'],
  sums: ['sums', 'Rows and what is shared add up to the totals, parts to their whole.'],
  rules: ['rules', 'An official disclosure fulfils every rule for such.'],
  statement: ['statement', 'The statement beside it names its SHA-256, id, period and organisation.'],
  signature: ['signature', 'The statement is signed by a key that the server was given.'],
  previous: ['previous', 'It follows the one before it in the series, without a gap.'],
  inputs: ['inputs', 'What it was made from gives the same figures when it is worked out again.'],
} as const satisfies Record<string, readonly [string, string]>

export type Word = keyof typeof words

/** The sentence about a check, whatever it is called. */
export const aboutCheck = (name: string): string => (words as Record<string, readonly [string, string]>)[name]?.[1] ?? ''

export const states: Readonly<Record<string, { readonly mark: string; readonly tone: 'good' | 'bad' | 'quiet' }>> = {
  ok: { mark: '✓', tone: 'good' },
  failed: { mark: '✗', tone: 'bad' },
  'not given': { mark: '○', tone: 'quiet' },
}

/** The causes of differences, for people. */
export const causes: Readonly<Record<string, string>> = {
  late: 'came late',
  intensity: 'other intensities',
  method: 'another method',
  holding: 'another holder',
  input: 'another input',
  view: 'other rows',
  unknown: 'not known',
}

/** The begin of a hash, for people who tell hashes apart. */
export const short = (hash: string): string => hash.slice(0, 12)

/** How many digits after the point a number has with four significant ones. */
export const digits = (value: number): number => (value === 0 ? 0 : Math.min(12, Math.max(0, 3 - Math.floor(Math.log10(Math.abs(value))))))

/** A number with four significant digits. */
export const significant = (value: number): string => decimal(value, digits(value))

/** What signed it, in a word. */
export function signedBy(d: Disclosure): { readonly text: string; readonly about: string; readonly tone: 'good' | 'bad' | 'quiet' } {
  const { state, keys, name } = d.signature
  if (state === 'ok') return { text: name ?? short(keys?.[0] ?? ''), about: `Signed by key ${keys?.[0] ?? ''}, which the server was given.`, tone: 'good' }
  if (state === 'failed') return { text: keys?.length ? 'signature fails' : words.unsigned[0], about: keys?.length ? `It names key ${keys[0]}.` : words.unsigned[1], tone: 'bad' }
  if (keys?.length) return { text: words.unknownKey[0], about: `${words.unknownKey[1]} It names key ${keys[0]}.`, tone: 'quiet' }
  return { text: words.unsigned[0], about: words.unsigned[1], tone: 'quiet' }
}

/** The name of a row: the values of its labels, with its kind if that is not account. */
export function rowName(row: Pick<Row, 'labels' | 'kind'>, by: readonly string[]): string {
  const parts = by.map((name) => row.labels[name]).filter((value): value is string => !!value)
  if (row.kind !== 'account') parts.push(`(${row.kind})`)
  return parts.join(' · ') || '(all)'
}

/** Rows with the largest carbon, then energy, first; those of which it is not known last. */
export const largestFirst = <T extends Pick<Row, 'operational_gco2e' | 'energy_kwh'>>(rows: readonly T[]): T[] =>
  rows.toSorted((a, b) => (b.operational_gco2e ?? -1) - (a.operational_gco2e ?? -1) || b.energy_kwh - a.energy_kwh)

/** The files of a disclosure: what each is, and where the API has it. */
export const files = [
  { name: 'Document', path: '', ending: '.json', about: 'The disclosure itself, byte for byte.' },
  { name: 'Statement', path: '/statement', ending: '.intoto.json', about: 'Its SHA-256 and what it is about (in-toto).' },
  { name: 'Signature', path: '/envelope', ending: '.dsse.json', about: 'The statement in a signed envelope (DSSE).' },
  { name: 'Page', path: '/html', ending: '.html', about: 'One page for people, to be read or printed; it is not signed.' },
  { name: 'CSV', path: '/csv', ending: '.csv', about: 'The rows for a spreadsheet; they are not signed.' },
] as const

/** The files that are there. */
export const filesOf = (d: Disclosure) => files.filter((f) => (f.path !== '/statement' || d.statement) && (f.path !== '/envelope' || (d.signature.keys ?? []).length > 0))
