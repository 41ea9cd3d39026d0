import { describe, expect, it } from 'vitest'
import { before, closer, datesOf, path, periodOf, stepFor, stepsFor, windowParams, yearBefore } from './period'
import { addDays, addMonths, dateOf, periodLabel, windowLabel } from './time'

const now = new Date('2026-03-29T23:30:00Z')
const london = 'Europe/London'

describe('windows', () => {
  it('are days of the ledger’s zone, not of the reader’s', () => {
    expect(dateOf(now, london)).toBe('2026-03-30') // summer time began this day
    expect(windowParams({ last: '7d' }, now, london)).toEqual({ from: '2026-03-24', to: '2026-03-30' })
    expect(windowParams({ last: '24h' }, now, london)).toEqual({})
    expect(windowParams({ month: '2026-02' }, now, london)).toEqual({ month: '2026-02' })
  })
  it('have a period before of the same length', () => {
    expect(before({ month: '2026-01' }, now, london)).toEqual({ month: '2025-12' })
    expect(before({ quarter: '2026-Q1' }, now, london)).toEqual({ quarter: '2025-Q4' })
    expect(before({ from: '2026-03-01', to: '2026-03-07' }, now, london)).toEqual({ from: '2026-02-22', to: '2026-02-28' })
    expect(before({ last: '24h' }, now, london)).toEqual({ from: '2026-03-28T00:00:00.000Z', to: '2026-03-29T00:00:00.000Z' })
    expect(before({ from: '2026-03-01T00:00Z', to: '2026-03-01T06:00Z' }, now, london)).toEqual({ from: '2026-02-28T18:00:00.000Z', to: '2026-03-01T00:00:00.000Z' })
  })
  it('have the same a year earlier', () => {
    expect(yearBefore({ month: '2026-02' }, now, london)).toEqual({ month: '2025-02' })
    expect(yearBefore({ from: '2026-01-01', to: '2026-01-31' }, now, london)).toEqual({ from: '2025-01-01', to: '2025-01-31' })
  })
  it('have a first and a last date', () => {
    expect(datesOf({ month: '2028-02' }, now, london)).toEqual({ from: '2028-02-01', to: '2028-02-29' })
    expect(datesOf({ quarter: '2026-Q4' }, now, london)).toEqual({ from: '2026-10-01', to: '2026-12-31' })
    expect(datesOf({ last: '24h' }, now, london)).toEqual({})
  })
  it('come from the address', () => {
    expect(periodOf(new URLSearchParams('month=2026-01'), '30d')).toEqual({ month: '2026-01' })
    expect(periodOf(new URLSearchParams('last=nonsense'), '30d')).toEqual({ last: '30d' })
    expect(periodOf(new URLSearchParams('last=7d'), '30d')).toEqual({ last: '7d' })
  })
  it('are shown in steps that suit them', () => {
    const half = 1_800_000
    expect(['24h', '7d', '30d', '365d'].map((last) => stepFor({ last }, half))).toEqual(['slot', '1h', '1d', '1mo'])
    for (const last of ['24h', '7d', '30d', '90d', '365d']) expect(stepsFor({ last }, half)).toContain(stepFor({ last }, half))
  })
  it('are no slots where these are too many to see', () => {
    expect([stepFor({ last: '24h' }, 5000), stepsFor({ last: '7d' }, 60_000)]).toEqual(['1h', ['1h', '1d']])
    expect(stepFor({ from: '2026-01-01T09:00Z', to: '2026-01-01T10:00Z' }, 5000)).toBe('slot')
  })
})

describe('looking closer', () => {
  it('goes from a month to its days, and from a day or an hour to its slots', () => {
    expect(closer('2026-02-28T23:00:00Z', '1mo', 'Europe/Berlin')).toMatchObject({ month: '2026-03', from: undefined, quarter: undefined })
    expect(closer('2026-03-29T22:30:00Z', '1h', 'Europe/Berlin')).toMatchObject({ from: '2026-03-30', to: '2026-03-30', last: undefined, step: undefined })
  })
})

describe('dates', () => {
  it('go over the ends of months and years', () => {
    expect(addDays('2026-02-28', 1)).toBe('2026-03-01')
    expect(addDays('2026-01-01', -1)).toBe('2025-12-31')
    expect(addMonths('2026-01', -1)).toBe('2025-12')
  })
  it('name whole days by their dates, also when one has 23 hours', () => {
    expect(windowLabel('2026-03-29T00:00:00Z', '2026-03-29T23:00:00Z', london)).toMatch(/29/)
    expect(windowLabel('2026-03-29T00:00:00Z', '2026-03-29T23:00:00Z', london)).not.toMatch(/:/)
    expect(windowLabel('2026-10-24T23:00:00Z', '2026-10-26T00:00:00Z', london)).not.toMatch(/:/)
  })
  it('tell the hour that comes twice apart', () => {
    const hours = Array.from({ length: 25 }, (_, i) => [i, i + 1].map((h) => new Date(Date.UTC(2026, 9, 24, 23 + h)).toISOString()) as [string, string])
    const names = hours.map(([from, to]) => periodLabel(from, to, '1h', london))
    expect(new Set(names).size).toBe(25)
    expect(names[1]).toMatch(/01:00.*(BST|GMT\+1)/)
    expect(names[2]).toMatch(/01:00.*GMT(?!\+)/)
  })
})

describe('paths', () => {
  it('repeat what is given several times and leave out what is empty', () => {
    expect(path('query', { by: 'facility,group', where: ['group=A B', 'group=C'], step: '' })).toBe('query?by=facility%2Cgroup&where=group%3DA+B&where=group%3DC')
  })
})
