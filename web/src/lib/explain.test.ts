import { describe, expect, it } from 'vitest'
import { figures, none } from './canned'
import { explained, explaining, exact, steps } from './explain'
import { shortener } from './tree'
import { exactly, isolated, periodLabel, windowLabel } from './time'

describe('what is to be explained', () => {
  const asked = (query: string, page: 'overview' | 'account' = 'account') => explained(page, new URLSearchParams(query))
  it('is in the address', () => {
    expect(asked('where=a=1')).toBeUndefined()
    expect(asked('where=a=1&slot=x')).toEqual({ where: ['a=1'], slot: 'x' })
    expect(asked('where=a=1&explain=period')).toEqual({ where: ['a=1'] })
    expect(asked('where=a=1&explain=A/B&of=b=2&of=c=3')).toEqual({ where: ['b=2', 'c=3'], window: { from: 'A', to: 'B' } })
    expect(asked('where=a=1&explain=period', 'overview')).toEqual({ where: [] })
    expect(asked('slot=x')).toBeUndefined()
  })
  it('goes into it', () => {
    expect(explaining()).toEqual({ slot: undefined, explain: 'period', of: undefined })
    expect(explaining({ from: 'A', to: 'B' }, ['a=1']).explain).toBe('A/B')
  })
  it('is worked out with all digits, and what is unknown is not zero', () => {
    expect(exact(1234.123456789, 'kWh')).toBe('1,234.123456789 kWh')
    const told = steps(figures(2, 100), 48)
    expect(told.find((s) => s.name === 'Intensity')).toEqual({ name: 'Intensity', formula: '200 g CO₂e ÷ 2 kWh whose carbon is known', result: '100 g CO₂e/kWh' })
    expect(told[0]!.formula).toContain('48 slots')
    expect(steps(none, 0).map((s) => s.result)).not.toContain('0 kWh')
    expect(steps(figures(2, 100), 48, true).map((s) => s.formula).join()).not.toContain('machines')
  })
})

describe('times', () => {
  const london = 'Europe/London'
  it('stand apart where they are written from right to left', () => {
    expect(isolated('24 أكتوبر 2026')).toBe('\u206724 أكتوبر 2026\u2069')
    expect(isolated('24 Oct 2026')).toBe('24 Oct 2026')
  })
  it('name both offsets when the clocks change within an hour', () => {
    expect(periodLabel('2026-03-29T00:00:00Z', '2026-03-29T01:00:00Z', '1h', london)).toMatch(/00:00 GMT to 02:00 (BST|GMT\+1)$/)
    expect(periodLabel('2026-10-25T00:00:00Z', '2026-10-25T01:00:00Z', '1h', london)).toMatch(/01:00 (BST|GMT\+1) to 01:00 GMT$/)
    expect(periodLabel('2026-01-01T00:00:00Z', '2026-01-01T01:00:00Z', '1h', london)).toMatch(/, 00:00 to 01:00 GMT$/)
    expect(windowLabel('2026-01-01T00:00:55Z', '2026-01-01T00:01:10Z', london)).toMatch(/00:00:55 to 00:01:10$/)
    expect(periodLabel('2026-01-01T00:00:55Z', '2026-01-01T00:01:00Z', 'slot', london)).toMatch(/, 00:00:55 to 00:01:00 GMT$/)
  })
  it('tell whole days by their dates, in any script', () => {
    expect(windowLabel('2026-03-29T00:00:00Z', '2026-03-29T23:00:00Z', london)).toBe('Mar 29, 2026')
    expect(windowLabel('2026-03-29T00:00:00Z', '2026-03-29T12:00:00Z', london)).toBe('Mar 29, 2026, 00:00 to 13:00')
  })
  it('are told to the second', () => expect(exactly('2026-01-01T00:00:01Z', '2026-01-01T00:01:02Z', 'UTC')).toBe('Jan 1, 2026, 00:00:01 to 00:01:02'))
})

describe('names without room', () => {
  it('leave out what all begin with, at the end of a word', () => {
    const short = shortener(['IDAaaS_MAPS Small', 'IDAaaS_MARI', 'IDAaaS_LET Remote', '(unattributed)'])
    expect(short('IDAaaS_MARI')).toBe('…\u2060MARI')
    expect(shortener(['alpha', 'alpine', 'alps'])('alps')).toBe('alps')
    expect(shortener(['a_b', 'a_c'])('a_b')).toBe('a_b')
  })
})
