import { describe, expect, it } from 'vitest'
import { amount, change, duration, percent, Scale } from './format'

describe('Scale', () => {
  it('chooses the unit by the largest value and shows four digits of it', () => {
    expect(new Scale('energy', 0.0398).full(0.0398)).toBe('39.80 Wh')
    expect(new Scale('carbon', 433_300).full(433_300)).toBe('433.3 kg CO₂e')
    expect(new Scale('carbon', 2.5e6).unit).toBe('t CO₂e')
    expect(new Scale('energy', 0).full(0)).toBe('0 kWh')
  })
  it('never shows something as nothing, or nothing known as zero', () => {
    const s = new Scale('energy', 1)
    expect(s.number(1e-9)).toBe('<0.001')
    expect(s.number(0)).toBe('0.000')
    expect(s.number(null)).toBe('–')
  })
  it('shows parts that add up to their whole', () => {
    const s = new Scale('carbon', 1)
    expect(s.parts([1 / 3, 1 / 3, 1 / 3], s.shown(1))).toEqual([334, 333, 333])
  })
})

describe('percent', () => {
  it('says all and nothing only of all and nothing', () => {
    expect(percent(1)).toBe('100 %')
    expect(percent(0.99999)).toBe('99.9 %')
    expect(percent(0)).toBe('0.0 %')
    expect(percent(0.00001)).toBe('<0.1 %')
    expect(percent(null)).toBe('–')
    expect(percent(0.4567, 0)).toBe('46 %')
  })
})

describe('small words', () => {
  it('tells changes with their sign', () => {
    expect(change(100, 101.3)).toBe('+1.3 %')
    expect(change(100, 90)).toBe('−10.0 %')
    expect(change(0, 5)).toBe('–')
    expect(change(null, 5)).toBe('–')
  })
  it('tells amounts and lengths of time', () => {
    expect(amount('energy', null)).toBe('–')
    expect(amount('energy', 1234.5)).toBe('1.235 MWh')
    expect([duration(30), duration(1800), duration(7200), duration(864000), duration(60), duration(3600)]).toEqual(['30 s', '30 min', '2 h', '10 days', '1 min', '1 h'])
  })
})
