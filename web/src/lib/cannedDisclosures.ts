import type { Check, Comparison, Disclosure, Disclosures, Document, Row, RowFigures, Totals, Verified } from '../api/disclosures'

/** Made-up disclosures for the page of components: the same every time. */

const figures = (energy: number): RowFigures => ({
  energy_kwh: energy, carbon_energy_kwh: energy, measured_energy_kwh: energy / 2, estimated_energy_kwh: energy / 5, operational_gco2e: energy * 180, operational_low_gco2e: energy * 90, operational_high_gco2e: energy * 360,
  embodied_gco2e: null, operations: 1000, requests: 100,
})

const totals = (energy: number): Totals => ({
  ...figures(energy), embodied_gco2e: energy * 30, transport_gco2e: 5, location_based_gco2e: energy * 210 + 5, location_based_low_gco2e: energy * 110, location_based_high_gco2e: energy * 420,
})

const period = (month: number) => ({
  from: `2026-0${month}-01T00:00:00Z`, to: `2026-0${month + 1}-01T00:00:00Z`, time_zone: 'Europe/London', first_date: `2026-0${month}-01`, last_date: `2026-0${month}-28`, days: 28, type: 'calendar-month',
})

const hash = (digit: string) => digit.repeat(64)

function disclosure(digit: string, month: number, more: Partial<Disclosure>): Disclosure {
  return {
    sha256: hash(digit), id: `urn:uuid:${digit}`, file: `2026-0${month}.json`, made_at: `2026-0${month + 1}-03T09:00:00Z`, intent: 'official', confidentiality: 'internal', organisation: 'Example SAS', period: period(month),
    by: ['service', 'region'], source: 'archives', rows: 30, totals: totals(12 + month), coverage_time: 1, holds: true, failed: [], signature: { state: 'ok', keys: [hash('e')], name: 'disclosure.key.pub' }, statement: true,
    previous: null, restates: null, next: null, restated_by: null, ...more,
  }
}

const link = (digit: string, file: string) => ({ id: `urn:uuid:${digit}`, sha256: hash(digit), file })

export const disclosures: Disclosures = {
  disclosures: [
    disclosure('a', 4, { holds: false, failed: ['id', 'signature'], signature: { state: 'failed', keys: [hash('f')] }, previous: { id: 'urn:uuid:0', sha256: hash('0') }, organisation: 'An organisation with a name that is longer than a column of a table' }),
    disclosure('b', 3, { signature: { state: 'not given', keys: [hash('f')] }, intent: 'internal', confidentiality: 'public', coverage_time: 0.6, previous: link('c', '2026-02-b.json') }),
    disclosure('c', 2, { file: '2026-02-b.json', signature: { state: 'not given', keys: [] }, restates: link('d', '2026-02.json') }),
    disclosure('d', 2, { restated_by: link('c', '2026-02-b.json') }),
  ],
  broken: [{ file: 'a-file-with-a-name-without-any-place-to-break-it-in-the-table.json', error: 'larger than 16 MB: dendro verify reads it, the server does not' }],
  keys: [], inputs: ['archives'], more: true, left_off: 3,
}

const rows = Array.from({ length: 30 }, (_, i): Row => ({ ...figures(6 / (i + 1)), labels: { service: `service-${i + 1}`, region: i % 3 ? 'eu-west-3' : 'us-east-1' }, kind: i === 7 ? 'unattributed' : 'account' }))

export const full: Document = {
  id: 'urn:uuid:a', made_at: '2026-03-03T09:00:00Z', program: { name: 'dendro', version: 'v1.0.0' }, intent: 'official', confidentiality: 'internal', organisation: { name: 'Example SAS', country: 'FR' }, period: period(2),
  scope: { source: 'archives', boundary: ['operational: energy of computing'], omitted: ['the devices of people'], by: ['service', 'region'], excluded: [{ what: 'application', name: 'legacy-batch', reason: 'sends no traces' }], measured_requests: 1000 },
  method: { specification: 'ISO/IEC 21031:2024', energy_models: [{ source: 'scaphandre_rapl', energy_kwh: 7 }, { source: 'tdp', energy_kwh: 7 }], intensity_sources: [{ source: 'electricity-maps', energy_kwh: 14 }], coefficients: ['network_kwh_per_byte=4e-11'], versions: ['dendro v1.0.0'] },
  totals: totals(14), sci: { functional_unit: 'order', count: 40_000, sci_gco2e_per_r: 0.0736, sci_low_gco2e_per_r: 0.04, sci_high_gco2e_per_r: 0.14 }, rows: [...rows, { ...rows[0]!, labels: { service: 'stock' }, kind: 'unknown', operational_gco2e: null }],
  shared: { embodied_gco2e: 420, transport_gco2e: 5 },
  coverage: { time: 0.93, days: 28, observed_days: 27, largest_gap_days: 1, spans: 0.999, carbon: 0.7, attributed: 1, measured: 0.5, modelled: 0.3, estimated: 0.2 },
  quality: {
    findings: [
      { code: 'chain-broken', grave: true, input: 'windows-1.ndjson', count: 1, text: 'lines were altered, or are missing', acknowledged: 'the disk of node 3 was replaced' },
      { code: 'duplicate', grave: false, count: 2, text: '2 windows are there twice, and count once' },
    ],
    windows: { counted: 27, duplicates: 2, malformed: 0 }, chain: { verified: 26, breaks: 1 }, repairs: { amounts: 3 },
  },
  restates: { id: 'urn:uuid:d', sha256: hash('d'), evidence: [{ cause: 'late', text: 'late.ndjson is new, with 1 windows' }], differences: [{ figure: 'energy_kwh' }] },
  previous: null, inputs: { files: [{ name: 'windows-1.ndjson', sha256: hash('9'), bytes: 1000, lines: 27, windows: 27, first: '2026-02-01T12:00:00Z', last: '2026-02-28T12:00:00Z' }] },
  notes: { disclaimers: ['Carbon is location-based: contracts and certificates are not in it.'] },
}

const check = (name: string, state: string, ...detail: string[]): Check => ({ check: name, state, detail })

export const holding: Verified = { file: '2026-02.json', holds: true, sha256: hash('d'), checks: [check('form', 'ok', 'the one legal text of dendro-disclosure/v1'), check('signature', 'ok', 'signed by the key that is given'), check('previous', 'not given', 'the document follows none')] }

export const failing: Verified = { file: '2026-04.json', holds: false, sha256: hash('a'), checks: [check('form', 'ok', 'the one legal text of dendro-disclosure/v1'), check('statement', 'failed', `it is about a file of SHA-256 ${hash('1')}, the document has ${hash('a')}`, 'it is about a file named "a.json", and not "b.json"'), check('inputs', 'not given', 'give them by --inputs')] }

export const comparison: Comparison = {
  before: { id: 'urn:uuid:d', sha256: hash('d'), period: period(2), totals: totals(14), sci: full.sci }, after: { id: 'urn:uuid:c', sha256: hash('c'), period: period(2), totals: totals(15), sci: full.sci }, same_period: true,
  totals: { energy_change_kwh: 1, operational_change_gco2e: 180, embodied_change_gco2e: 30 }, transport_change_gco2e: 0, location_based_change_gco2e: 210,
  rows: [
    { labels: { service: 'orders' }, kind: 'account', before: figures(3), after: figures(4), energy_change_kwh: 1, operational_change_gco2e: 180, embodied_change_gco2e: null },
    { labels: { service: 'gone' }, kind: 'account', before: figures(1), after: null, energy_change_kwh: null, operational_change_gco2e: null, embodied_change_gco2e: null },
    { labels: { service: 'new' }, kind: 'account', before: null, after: figures(1), energy_change_kwh: null, operational_change_gco2e: null, embodied_change_gco2e: null },
  ],
  methods: [{ member: 'method.energy_models', before: 'tdp', after: 'scaphandre_rapl, tdp' }, { member: 'method.accounts.policy', before: '', after: '{"name":"even"}' }],
  causes: [{ cause: 'late', text: 'late.ndjson is new, with 1 windows' }], reasons: [{ cause: 'holding', slots: 3, energy_kwh: 1, operational_gco2e: -180, embodied_gco2e: 0 }],
}
