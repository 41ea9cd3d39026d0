import { describe, expect, it } from 'vitest'
import { answer, figures, none } from './canned'
import { chosen, compared, comparisons, valuesById } from './compare'
import { equivalents } from './equivalents'

describe('comparisons', () => {
  it('are with periods, and with every policy but the one that is shown', () => {
    const ids = (policies: string[], own: string) => comparisons(policies, own).map((c) => c.id)
    expect(ids(['even'], '')).toEqual(['', 'before', 'year'])
    expect(ids(['even', 'spread'], '')).toEqual(['', 'before', 'year', 'policy:spread'])
    expect(ids(['even', 'spread'], 'spread')).toEqual(['', 'before', 'year', 'policy:even'])
  })
  it('fall back to none where an address names what is not there', () => {
    expect(chosen(comparisons(['even'], ''), 'policy:gone').id).toBe('')
  })
  it('take the figures of the other policy and leave the rest', () => {
    const one = answer(3)
    const two = compared({ ...one, nodes: one.nodes.map((n) => ({ ...n, compared: figures(7) })) })
    expect(two.nodes.map((n) => n.energy_kwh)).toEqual(one.nodes.map(() => 7))
    expect(two.nodes.map((n) => n.path)).toEqual(one.nodes.map((n) => n.path))
    expect([...valuesById(two, 'energy').values()].every((v) => v === 7)).toBe(true)
    expect(valuesById(undefined, 'energy').size).toBe(0)
  })
  it('keep what is unknown unknown', () => {
    const one = answer(1)
    expect([...valuesById({ ...one, nodes: one.nodes.map((n) => ({ ...n, ...none })) }, 'carbon').values()]).toEqual(one.nodes.map(() => null))
  })
})

describe('everyday terms', () => {
  const of = (vintage: string) => ({ means: 'Kilometres by car', amount: 12.34, gco2e_per_unit: 170.5, source: 'An agency', vintage }) as never
  it('are few, dated, and say who says so', () => {
    const said = equivalents({ equivalencies: [of('2024'), of(''), of('2023'), of('2022'), of('2021')] } as never, null)
    expect(said.map((e) => e.source)).toEqual(['2024', '2023', '2022'].map((year) => `171 g CO₂e each, says An agency (${year}).`))
    expect(said[0]).toMatchObject({ amount: '12', what: 'kilometres by car' })
  })
  it('boil water with the energy, and nothing with what is unknown', () => {
    expect(equivalents(undefined, 1)[0]?.amount).toBe('9.1')
    expect(equivalents(undefined, null)).toEqual([])
  })
})
