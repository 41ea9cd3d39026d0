import { describe, expect, it } from 'vitest'
import { cells, services, windows } from './cannedServices'
import { coloursOf, courses, fates, inLedger, named, outside, sharesOf, tenths, together } from './services'

describe('services', () => {
  it('weigh the shares of sources by energy; they add up to all', () => {
    const shares = together(cells, 'energy_shares')
    const energy = cells.reduce((sum, c) => sum + (c.scored?.energy_kwh ?? 0), 0)
    expect(shares.map((s) => s.source)).toEqual(['kepler_ebpf', 'io_proxy'])
    expect(shares[0]!.share).toBeCloseTo((2.9 * 0.8 + 1 + 0.5) / energy, 12)
    expect(tenths(shares).reduce((a, b) => a + b, 0)).toBe(1000)
    expect(together([], 'energy_shares')).toEqual([])
  })
  it('count energy without a source of intensity as of an unknown one', () => {
    const idle = cells.find((c) => c.kind === 'idle')!
    expect(sharesOf(idle, 'intensity_shares')).toEqual([{ source: 'unknown', share: 1 }])
    expect(sharesOf({ ...idle, scored: null }, 'intensity_shares')).toEqual([])
    const known = together(cells, 'intensity_shares').filter((s) => s.source !== 'unknown').reduce((sum, s) => sum + s.share, 0)
    const energy = cells.reduce((sum, c) => sum + (c.scored?.energy_kwh ?? 0), 0)
    const unknown = cells.reduce((sum, c) => sum + (c.scored?.unknown_energy_kwh ?? 0), 0)
    expect(known).toBeCloseTo(1 - unknown / energy, 12)
  })
  it('say why the carbon of the ledger is outside the bounds of the windows', () => {
    const cell = (ledger: number | null, c = cells[0]!) => ({ ...c, scored: { ...c.scored!, energy_kwh: 2, unknown_energy_kwh: 0.5, pue: 1.2 }, ledger: ledger === null ? null : { ...c.ledger!, energy_kwh: ledger } })
    expect([inLedger([cell(2.3)]), inLedger([cell(2.3), cell(null)]), inLedger([])]).toEqual([1, 0.5, null])
    const of = (ledger: number | null, carbon: number | null, unknown: number) => outside({ ...services, cells: [cell(ledger)], total: { ...services.total, operational_gco2e: carbon }, scored: { ...services.scored, low_gco2e: 100, high_gco2e: 500, unknown_energy_kwh: unknown } })
    expect(of(1.15, 300, 0)).toMatch(/has 50.0 % of the energy/)
    expect(of(2.3, 300, 0.5)).toBeUndefined()
    expect(of(2.3, null, 0.5)).toBeUndefined()
    expect(of(2.3, 80, 0.5)).toMatch(/without the energy whose carbon is unknown/)
    expect(of(2.3, 80, 0)).toMatch(/its own sources/)
    expect(of(2.3, 600, 0.5)).toMatch(/its own sources/)
    expect(outside({ ...services, cells: [cell(1.15)], archive: { ...services.archive, complete: false } })).toBeUndefined()
  })
  it('give each source one colour, and what is unknown none', () => {
    const colours = coloursOf([together(cells, 'intensity_shares')])
    expect(colours.get('unknown')).toBe('rest-2')
    expect(new Set(colours.values()).size).toBe(colours.size)
  })
  it('have courses by service, whose sum is that of all cells, folded or not', () => {
    const sum = (list: ReturnType<typeof courses>) => list.reduce((n, s) => n + s.values.reduce<number>((m, v) => m + (v ?? 0), 0), 0)
    const all = courses(services, 'energy', 7)
    expect(all.map((s) => s.name)).toEqual(['checkout', 'search', 'pruned', 'new', '(idle)'])
    const folded = courses(services, 'energy', 1)
    expect(folded.map((s) => s.name)).toEqual(['checkout', '3 others', '(idle)'])
    expect(sum(folded)).toBeCloseTo(sum(all), 9)
    expect(courses(services, 'carbon', 7).find((s) => s.name === 'search')!.values.every((v) => v === 0 || v === null || v > 0)).toBe(true)
    expect(all.find((s) => s.name === 'new')!.values.every((v) => v === null)).toBe(true)
  })
  it('tell what became of the spans of a window, each once', () => {
    expect(windows.map(fates)).toEqual([{ counted: 86, late: 14, dropped: 0 }, { counted: 93, late: 7, dropped: 12 }, { counted: 100, late: 0, dropped: 0 }])
  })
  it('put rests in brackets', () => expect([named('a', 'account'), named('', 'idle')]).toEqual(['a', '(idle)']))
})
