import { describe, expect, it } from 'vitest'
import { apportion } from './apportion'

const sum = (values: readonly (number | null)[]) => values.reduce<number>((s, v) => s + (v ?? 0), 0)

describe('apportion', () => {
  it('gives what is left to the largest remainders, ties to the lower index', () => {
    expect(apportion([1 / 3, 1 / 3, 1 / 3], 1)).toEqual([1, 0, 0])
    expect(apportion([2.4, 3.3, 4.3], 10)).toEqual([3, 3, 4])
  })
  it('keeps what is missing apart from zero', () => {
    expect(apportion([null, 2.5, 0], 3)).toEqual([null, 3, 0])
    expect(apportion([], 0)).toEqual([])
    expect(apportion([null], 4)).toEqual([null])
  })
  it('takes back where the whole was rounded down below the parts', () => {
    expect(sum(apportion([1.9, 2.9, 3], 7))).toBe(7)
    expect(apportion([3, 3], 5)).toEqual([3, 2])
  })
  it('adds up for any parts', () => {
    let seed = 7
    const random = () => (seed = (seed * 48271) % 2147483647) / 2147483647
    for (let run = 0; run < 200; run++) {
      const parts = Array.from({ length: 1 + Math.floor(random() * 30) }, () => (random() < 0.2 ? 0 : random() * 10 ** Math.floor(random() * 6)))
      const whole = Math.round(sum(parts))
      const shown = apportion(parts, whole)
      expect(sum(shown)).toBe(whole)
      shown.forEach((v, i) => expect(Math.abs((v ?? 0) - (parts[i] ?? 0))).toBeLessThan(1.0000001))
    }
  })
})
