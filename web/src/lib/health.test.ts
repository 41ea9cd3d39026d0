import { describe, expect, it } from 'vitest'
import type { Status } from '../api/types'
import { sources, troubles } from './health'

const status = {
  version: '', time_zone: 'UTC', slot: '30m0s', levels: [], policies: [], features: [], first: null, last: '2026-01-02T00:00:00Z', slots: 48, accounts: 3, restatements: 0, lag_s: 60,
  driver: { waiting: 2, troubles: { close: { since: '2026-01-02T00:02:00Z', error: 'dial tcp: connection refused', fails: 4 } }, directories: { cmdb: { asked_at: '2026-01-02T00:01:00Z', lag_s: 3, changes: 1, warnings: 2 } } },
  services: {
    scoring: { accepted: 7, rejected: 0, refused: 1, replayed: 0, windows: 2, scored: 7, late: 0, open: { spans: 0, journal_bytes: 0 }, last_archived: '2026-01-02T00:00:30Z', troubles: { archive: 'no space left on device' } },
    meters: [{ name: 'bmc', energy: 'redfish_bmc', age_s: null, reads: 0, failed: 1, refused: 0, joules: 0, notes: null, trouble: '401 unauthorized' }],
  },
} as unknown as Status

const intensity = (region: string, kind: string, known_at: string) => ({ region, kind, known_at, source: 'grid', version: '', gco2e_per_kwh: 100, span: { from: '2026-01-02T00:00:00Z', to: '2026-01-02T00:30:00Z' }, accounting: { scope: 'combustion', approach: 'location' } }) as never

describe('health', () => {
  it('tells all that fails, wherever it does, with what to do', () => {
    expect(troubles(status).map((t) => [t.name, t.fails])).toEqual([['Closing slots', 4], ['The archive of windows', undefined], ['Meter bmc', undefined]])
    expect(troubles(status).map((t) => t.action)).toEqual([expect.stringMatching(/does not answer/), expect.stringMatching(/Make room/), expect.stringMatching(/token/)])
    expect(troubles(undefined)).toEqual([])
  })
  it('tells when each source was heard last', () => {
    const found = sources(status, [intensity('GB', 'forecast', '2026-01-01T10:00:00Z'), intensity('GB', 'actual', '2026-01-02T00:10:00Z')])
    expect(found.map((s) => [s.name, s.fails, s.heard])).toEqual([
      ['Observations', true, '2026-01-02T00:00:00Z'],
      ['Directory cmdb', false, '2026-01-02T00:01:00Z'],
      ['Intensity grid', false, '2026-01-02T00:10:00Z'],
      ['Spans of services', true, '2026-01-02T00:00:30Z'],
      ['Meter bmc', true, undefined],
    ])
    expect(found.map((s) => s.told).slice(1, 3)).toEqual(['1 change, 2 doubts', 'actual and forecast of today for GB'])
  })
  it('tells of intensities that fail before any is known', () => {
    const without = { ...status, services: undefined, driver: { waiting: 0, troubles: { intensity: { since: '', error: '', fails: 1 } } } } as unknown as Status
    expect(sources(without, []).map((s) => [s.name, s.fails])).toEqual([['Observations', false], ['Intensity', true]])
  })
})
