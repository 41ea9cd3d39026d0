import type { Meter, ServiceCell, ServicesAnswer, ServiceWindow } from '../api/types'
import { figures, hours } from './canned'

/** Made-up services for the page of components and for tests: the same every time. */

const scored = (energy: number, known: number, energyShares: [string, number][], intensityShares: [string, number][]): NonNullable<ServiceCell['scored']> => ({
  energy_kwh: energy, unknown_energy_kwh: energy * (1 - known), operational_gco2e: known ? energy * known * 230 : null, low_gco2e: energy * 90, high_gco2e: energy * 700,
  operations: Math.round(energy * 40_000), other_spans: 12, intensity_gco2e_per_kwh: known ? 230 : null, pue: known ? 1.2 : null,
  energy_shares: energyShares.map(([source, share]) => ({ source, share })), intensity_shares: intensityShares.map(([source, share]) => ({ source, share })),
})

const cell = (service: string, kind: string, region: string, regionKind: string, energy: number, s: ServiceCell['scored']): ServiceCell => ({
  service, kind, region, region_kind: regionKind, scored: s,
  ledger: { ...figures(energy, 230), ...(s?.operational_gco2e === null ? { operational_gco2e: null, intensity_gco2e_per_kwh: null } : {}), series: hours(24).map((p) => ({ ...p, ...figures(energy / 24, 230) })) },
})

export const cells: readonly ServiceCell[] = [
  cell('checkout', 'account', 'eu-west-3', 'account', 3.2, scored(2.9, 1, [['kepler_ebpf', 0.8], ['io_proxy', 0.2]], [['real_time', 0.65], ['annual', 0.35]])),
  cell('checkout', 'account', 'us-east-1', 'account', 1.1, scored(1, 1, [['kepler_ebpf', 1]], [['annual', 1]])),
  cell('search', 'account', '', 'unknown', 0.7, scored(0.7, 0, [['io_proxy', 1]], [['unknown', 1]])),
  { ...cell('new', 'account', 'de', 'account', 1, scored(0.1, 1, [['io_proxy', 1]], [['hourly', 1]])), ledger: null },
  { ...cell('pruned', 'account', 'de', 'account', 0.4, null) },
  cell('', 'idle', 'eu-west-3', 'account', 0.5, scored(0.5, 0, [['kepler_ebpf', 1]], [])),
]

export const services: ServicesAnswer = {
  from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z', time_zone: 'UTC', cells, now: null,
  total: { ...figures(5.9, 230), series: hours(24) },
  scored: {
    windows: 3, foreign_windows: 0, energy_kwh: 5.2, unknown_energy_kwh: 0.7, operational_gco2e: 1035, low_gco2e: 468, high_gco2e: 3640, embodied_gco2e: 36, transport_gco2e: 0,
    spans: { counted: 300, sql: 90, http: 60, messaging: 50, other: 100, undated: 0, late: 21, folded: 0 }, drops: [{ reason: 'not_valid', spans: 6 }], coverage: 0.97,
    meters: [{ source: 'kepler_ebpf', energy_kwh: 4.5, attributed_kwh: 3.9, idle_kwh: 0.5, superseded_kwh: 0.1, idle_share: 0.111 }],
  },
  archive: { complete: true, from: '2026-01-01T00:00:00Z' },
}

export const windows: readonly ServiceWindow[] = [2, 1, 0].map((i) => ({
  from: `2026-01-01T00:0${i}:00Z`, to: `2026-01-01T00:0${i + 1}:00Z`, scored_at: `2026-01-01T00:0${i + 1}:00Z`, file: 'windows.ndjson', number: 1, seq: i,
  spans: { counted: 100, sql: 30, http: 20, messaging: 10, other: 40, undated: 0, late: i * 7, folded: 0 }, drops: i === 1 ? [{ reason: 'overload', spans: 12 }] : [], coverage: i === 1 ? 0.5 : 1,
  energy_kwh: 0.02, unknown_energy_kwh: 0, operational_gco2e: i === 2 ? null : 4.6, low_gco2e: 1.8, high_gco2e: 14, services: 3, foreign: i === 0,
}))

export const meters: readonly Meter[] = [
  { name: 'kepler', energy: 'kepler_ebpf', newest: '2026-01-01T00:03:00Z', age_s: 12, reads: 60, failed: 0, refused: 0, joules: 16_200_000, notes: null },
  { name: 'bmc', energy: 'redfish_bmc', age_s: null, reads: 4, failed: 4, refused: 1, joules: 0, trouble: 'the server behind it does not answer', notes: ['The load of its machines is taken to be even.'] },
]
