import { describe, expect, it } from 'vitest'
import { ticks } from './axis'
import { intensities, reasons, usage } from './model'
import { hours, none } from '../lib/canned'

const every = (from: string, seconds: number, n: number) =>
  Array.from({ length: n }, (_, i) => ({ from: new Date(Date.parse(from) + i * seconds * 1000).toISOString(), to: new Date(Date.parse(from) + (i + 1) * seconds * 1000).toISOString() }))
const names = (spans: { from: string; to: string }[], step: Parameters<typeof ticks>[1], zone: string, width: number) => [...ticks(spans, step, zone, width).values()]

describe('names along an axis', () => {
  it('are round times, with the date where a day begins', () => {
    expect(names(every('2026-01-10T09:00:00Z', 1800, 48), 'slot', 'UTC', 420)).toEqual(['09:00\nJan 10', '12:00', '15:00', '18:00', '21:00', '00:00\nJan 11', '03:00', '06:00'])
    expect(names(every('2026-01-10T09:00:00Z', 1800, 48), 'slot', 'UTC', 200)).toEqual(['12:00\nJan 10', '18:00', '00:00\nJan 11', '06:00'])
  })
  it('have seconds where slots have', () => {
    expect(names(every('2026-01-10T09:00:05Z', 5, 12), 'slot', 'UTC', 400)).toEqual(['09:00:10\nJan 10', '09:00:20', '09:00:30', '09:00:40', '09:00:50', '09:01:00'])
    expect(names(every('2026-01-10T09:00:00Z', 60, 6), 'slot', 'UTC', 400)[1]).toBe('09:01')
  })
  it('tell the hours of a day of 25 hours apart', () => {
    expect(names(every('2026-10-24T23:00:00Z', 3600, 5), '1h', 'Europe/London', 900)).toEqual(['00:00\nOct 25', '01:00', '01:00\nGMT', '02:00', '03:00'])
    expect(names(every('2026-03-29T00:00:00Z', 3600, 3), '1h', 'Europe/London', 900)[1]).toMatch(/^02:00\n(BST|GMT\+1)$/)
  })
  it('are days, Mondays or months where there is less room', () => {
    const days = every('2026-10-24T00:00:00Z', 86_400, 30)
    expect(names(days, '1d', 'UTC', 1000).slice(0, 3)).toEqual(['Oct 24', 'Oct 26', 'Oct 28'])
    expect(names(days, '1d', 'UTC', 260)).toEqual(['Oct 26', 'Nov 2', 'Nov 9', 'Nov 16'])
    expect(names(every('2025-11-23T00:00:00Z', 86_400, 365), '1d', 'UTC', 800).slice(0, 3)).toEqual(['Dec\n2025', 'Jan\n2026', 'Feb'])
    expect(names(every('2025-11-23T00:00:00Z', 3600, 8760), '1h', 'UTC', 400).slice(0, 2)).toEqual(['Jan\n2026', 'Mar'])
  })
  it('are there however little room there is', () => {
    expect(names(every('2026-01-10T09:20:00Z', 60, 3), 'slot', 'UTC', 30).length).toBe(1)
    expect(names([], '1d', 'UTC', 300)).toEqual([])
  })
})

describe('gaps', () => {
  const points = hours(4).map((p, i) => (i === 1 ? { ...p, ...none } : i === 2 ? { ...p, operational_gco2e: null, intensity_gco2e_per_kwh: null } : p))
  const ahead = { ...none, from: new Date(Date.now() + 3.6e6).toISOString(), to: new Date(Date.now() + 7.2e6).toISOString() }
  it('are told apart: not observed, carbon unknown, yet to come, of this account alone', () => {
    for (const chart of [usage([...points, ahead], 'carbon', '1h', 'UTC', 'x'), intensities([...points, ahead], '1h', 'UTC', 'x')]) {
      expect(reasons(chart).map((r) => [r.term, r.flags.indexOf(true)])).toEqual([['missing', 1], ['dark', 2], ['ahead', 4]])
    }
    expect(reasons(usage(points, 'carbon', '1h', 'UTC', 'x', hours(4))).map((r) => r.term)).toEqual(['absent', 'dark'])
    expect(reasons(usage(points, 'energy', '1h', 'UTC', 'x')).map((r) => r.term)).toEqual(['missing'])
  })
})
