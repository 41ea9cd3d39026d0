import { describe, expect, it } from 'vitest'
import { intensities, stretches, usage } from '../charts/model'
import { shownAt } from '../charts/shown'
import { action } from './actions'
import { answer, figures, hours, none } from './canned'
import { csv, json, plain } from './export'
import { Scale } from './format'
import { gapsOf } from './gaps'
import { between, best, withGaps } from './intensities'
import { sheet } from './sheet'
import { split, squarify } from './squarify'
import { thirds } from './thirds'
import { branches, found, largestLeaf, rows, shownTree, sorted, value, whereOf } from './tree'

describe('tree', () => {
  const tree = branches(answer(40))
  it('has the shape of the answer', () => {
    expect(tree.map((b) => b.node.path.join())).toEqual(['Facility A', 'Facility B', 'Facility C'])
    expect(rows(tree, new Set()).length).toBe(43)
    expect(rows(tree, new Set([tree[0]!.id])).length).toBe(43 - tree[0]!.children.length)
  })
  it('adds up on screen at every level', () => {
    const scale = new Scale('carbon', largestLeaf(tree, 'carbon'))
    const whole = scale.shown(value(answer(40).total, 'carbon') ?? 0)
    const shown = shownTree(tree, whole, 'carbon', scale)
    const sum = (list: typeof tree) => list.reduce((s, b) => s + (shown.get(b.id) ?? 0), 0)
    expect(sum(tree)).toBe(whole)
    for (const b of tree) expect(sum(b.children)).toBe(shown.get(b.id))
  })
  it('finds by name with all above, and sorts rests after accounts', () => {
    expect(rows(found(tree, 'group 17'), new Set()).map((b) => b.node.path.at(-1))).toEqual(['Facility B', 'Group 17'])
    const order = sorted(tree, (b) => value(b.node, 'carbon'), false)[0]!.children
    const kinds = order.map((b) => b.node.kind)
    expect(kinds.indexOf('unattributed') === -1 || kinds.lastIndexOf('account') < kinds.indexOf('unattributed')).toBe(true)
  })
  it('asks for what is under a node, and for the lack of a label under a rest', () => {
    expect(whereOf(['facility', 'group'], { ...figures(1), path: ['ISIS', 'A=B'], kind: 'account' })).toEqual(['facility=ISIS', 'group=A=B'])
    expect(whereOf(['facility'], { ...figures(1), path: ['unknown'], kind: 'unknown' })).toEqual(['facility='])
  })
})

describe('export', () => {
  it('quotes, keeps exact values and what is unknown, and disarms formulas', () => {
    const made = { name: 'x', about: { from: 'a' }, columns: ['name', 'v'], rows: [['a,"b"', 1e-9], ['=1+1', null], ['plain', 0]] }
    expect(csv(made)).toBe('name,v\r\n"a,""b""",0.000000001\r\n\'=1+1,\r\nplain,0\r\n')
    expect(JSON.parse(json(made))).toEqual({ from: 'a', rows: [{ name: 'a,"b"', v: 1e-9 }, { name: '=1+1', v: null }, { name: 'plain', v: 0 }] })
    expect([plain(0.000000001), plain(1234.5), plain(0)]).toEqual(['0.000000001', '1234.5', '0'])
  })
  it('has the rows that are shown, in their order', () => {
    const a = answer(6)
    const made = sheet(a, rows(sorted(branches(a), (b) => value(b.node, 'energy'), true), new Set()), 'energy')
    expect(made.rows.length).toBe(9)
    expect(made.rows[0]?.slice(0, 3)).toEqual(['Facility A', null, 'account'])
    expect(made.columns).toContain('energy_kwh')
  })
})

describe('charts', () => {
  const points = hours(24).map((p, i) => (i === 3 || i === 4 ? { ...p, ...none } : p))
  it('keep what is missing missing', () => {
    const c = usage(points, 'carbon', '1h', 'UTC', 'x')
    expect(c.series[0]?.values[3]).toBeNull()
    expect(c.gaps.filter(Boolean).length).toBe(2)
    expect(stretches(c.gaps)).toEqual([[3, 4]])
    expect(shownAt(c, 3).total).toBeNull()
    expect(intensities(points, '1h', 'UTC', 'x').series[0]?.values[4]).toBeNull()
  })
  it('show parts of a bar that add up to its sum', () => {
    const c = usage(points, 'energy', '1h', 'UTC', 'x')
    for (let i = 0; i < 24; i++) {
      const s = shownAt(c, i)
      if (s.total !== null) expect(s.parts.reduce<number>((a, b) => a + (b ?? 0), 0)).toBe(s.total)
    }
  })
})

describe('intensities', () => {
  const one = (from: string, to: string, kind: string, v: number, known = '2026-01-01T00:00:00Z') => ({ region: 'GB', span: { from, to }, gco2e_per_kwh: v, kind, accounting: { scope: 'combustion', approach: 'location' }, source: 's', known_at: known })
  it('take the actual before the forecast and the newest of equals', () => {
    const got = best([one('2026-01-01T00:00:00Z', '2026-01-01T00:30:00Z', 'forecast', 1, '2026-01-02T00:00:00Z'), one('2026-01-01T00:00:00Z', '2026-01-01T00:30:00Z', 'actual', 2), one('2026-01-01T00:00:00Z', '2026-01-01T00:30:00Z', 'actual', 3, '2026-01-03T00:00:00Z')])
    expect(got.map((v) => v.value)).toEqual([3])
  })
  it('show gaps as gaps', () => {
    const got = withGaps(best([one('2026-01-01T00:00:00Z', '2026-01-01T00:30:00Z', 'actual', 1), one('2026-01-01T01:30:00Z', '2026-01-01T02:00:00Z', 'actual', 2)]))
    expect(got.map((g) => g.value?.value)).toEqual([1, undefined, undefined, 2])
  })
})

describe('thirds', () => {
  it('cut time, not energy, into three', () => {
    const points = [10, 20, 30].map((v, i) => ({ ...figures([6, 3, 1][i]!, v), from: new Date(i * 3.6e6).toISOString(), to: new Date((i + 1) * 3.6e6).toISOString() }))
    const got = thirds(points)
    expect(got?.shares.map((s) => Math.round(s * 100))).toEqual([60, 30, 10])
    expect(got?.bounds).toEqual([10, 20])
    expect(thirds(points.map((p) => ({ ...p, ...none })))).toBeUndefined()
  })
})

describe('squarify', () => {
  it('gives areas in proportion that fill the rectangle', () => {
    const values = [6, 6, 4, 3, 2, 2, 1]
    const got = squarify(values, { x: 0, y: 0, w: 600, h: 400 })
    got.forEach((r, i) => expect(r.w * r.h).toBeCloseTo((values[i]! / 24) * 240000, 3))
    for (const r of got) expect(r.x + r.w <= 600.001 && r.y + r.h <= 400.001).toBe(true)
    expect(split({ x: 10, y: 0, w: 100, h: 50 }, 0.25)).toEqual([{ x: 10, y: 0, w: 75, h: 50 }, { x: 85, y: 0, w: 25, h: 50 }])
    expect(split({ x: 0, y: 0, w: 50, h: 100 }, 0)[0]).toEqual({ x: 0, y: 0, w: 50, h: 100 })
    expect(squarify([0, 0], { x: 0, y: 0, w: 10, h: 10 }).every((r) => r.w === 0)).toBe(true)
  })
})

describe('values of intensity', () => {
  const value = (from: string, to: string) => ({ from: `2026-01-0${from}:00Z`, to: `2026-01-0${to}:00Z`, value: 100, kind: 'annual', source: 'a' })
  it('are cut to the time that is shown, and into hours', () => {
    const year = value('1T00:00', '9T00:00')
    const cut = between([year], Date.parse('2026-01-02T10:30:00Z'), Date.parse('2026-01-02T12:15:00Z'))
    expect(cut.map((v) => [v.from.slice(11, 16), v.to.slice(11, 16), v.value])).toEqual([['10:30', '11:00', 100], ['11:00', '12:00', 100], ['12:00', '12:15', 100]])
  })
  it('have a gap before the first, where more is shown', () => {
    const late = [value('2T11:00', '2T12:00')]
    expect(withGaps(late, '2026-01-02T09:30:00Z').map((s) => [s.from.slice(11, 16), s.to.slice(11, 16), s.value?.value])).toEqual([['09:30', '10:30', undefined], ['10:30', '11:00', undefined], ['11:00', '12:00', 100]])
    expect(withGaps(late)).toHaveLength(1)
  })
  it('are whole where they are short', () => {
    const halves = [value('2T10:00', '2T10:30'), value('2T10:30', '2T11:00'), value('2T11:00', '2T11:30')]
    expect(between(halves, Date.parse('2026-01-02T10:40:00Z'), Date.parse('2026-01-02T11:00:00Z'))).toEqual([halves[1]])
  })
})

describe('actions', () => {
  it('say what to do', () => {
    expect(action('dial tcp: connection refused')).toMatch(/does not answer/)
    expect(action('something else')).toMatch(/log/)
  })
})

describe('gaps', () => {
  const days = hours(9, 24)
  it('folds neighbours without data alone', () => {
    const points = days.map((p, i) => {
      if ([1, 2, 3, 5, 8].includes(i)) return { ...p, ...none, ...(i === 8 ? { provisional: true } : {}) }
      return i === 6 || i === 7 ? { ...p, coverage: 0.5 } : p
    })
    const found = gapsOf(points)
    expect(found.map((g) => [g.from, g.to, g.days, g.coverage, g.provisional])).toEqual([
      [days[1]!.from, days[3]!.to, 3, null, false],
      [days[5]!.from, days[5]!.to, 1, null, false],
      [days[6]!.from, days[6]!.to, 1, 0.5, false],
      [days[7]!.from, days[7]!.to, 1, 0.5, false],
      [days[8]!.from, days[8]!.to, 1, null, true],
    ])
  })
  it('leaves a day that goes on out of the stretch before it', () => {
    const points = days.slice(0, 3).map((p, i) => ({ ...p, ...none, provisional: i === 2 }))
    expect(gapsOf(points).map((g) => g.days)).toEqual([2, 1])
  })
  it('has none where everything was observed', () => expect(gapsOf(days)).toEqual([]))
})
