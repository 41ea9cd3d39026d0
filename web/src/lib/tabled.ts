import type { Answer } from '../api/types'
import { apportion } from './apportion'
import { type Quantity, Scale } from './format'
import { type Branch, branches, largestLeaf, shownTree, type SortKey, value } from './tree'

/** What a table shows of an answer: one unit for each column, figures that add up, and shares. */
export interface Tabled {
  readonly tree: readonly Branch[]
  readonly scales: Record<Quantity, Scale>
  /** The shown integers by row. */
  readonly shown: Record<Quantity, Map<string, number | null>>
  /** In tenths of a percent by row; null where the value or the total is not known. */
  readonly shares: Map<string, number | null>
}

export function tabled(answer: Answer | undefined, quantity: Quantity): Tabled {
  const tree = answer ? branches(answer) : []
  const scales = { carbon: new Scale('carbon', largestLeaf(tree, 'carbon')), energy: new Scale('energy', largestLeaf(tree, 'energy')) }
  const shown = (q: Quantity) => shownBeside(answer, tree, scales[q], q)
  return { tree, scales, shown: { carbon: shown('carbon'), energy: shown('energy') }, shares: sharesOf(tree, (answer && value(answer.total, quantity)) ?? 0, quantity) }
}

/** The shown integers of an answer in the unit of a column, such as that of the one it stands beside. */
export function shownBeside(answer: Answer | undefined, tree: readonly Branch[], scale: Scale, quantity: Quantity): Map<string, number | null> {
  return shownTree(tree, scale.shown((answer && value(answer.total, quantity)) ?? 0), quantity, scale)
}

function sharesOf(tree: readonly Branch[], total: number, quantity: Quantity): Map<string, number | null> {
  const out = new Map<string, number | null>()
  const walk = (list: readonly Branch[], sum: number) => {
    const parts = apportion(list.map((b) => { const v = value(b.node, quantity); return v === null ? null : (v / total) * 1000 }), sum)
    list.forEach((b, i) => {
      out.set(b.id, parts[i] ?? null)
      walk(b.children, parts[i] ?? 0)
    })
  }
  if (total > 0) walk(tree, 1000)
  return out
}

/** By what rows are sorted; a change is one of the values that stand beside. */
export function sortValue(key: SortKey, quantity: Quantity, beside: { readonly values: Map<string, number | null>; readonly difference: boolean }): (b: Branch) => number | string | null {
  switch (key) {
    case 'name': return (b) => b.node.path.at(-1) ?? ''
    case 'carbon': return (b) => b.node.operational_gco2e
    case 'energy': return (b) => b.node.energy_kwh
    case 'intensity': return (b) => b.node.intensity_gco2e_per_kwh
    case 'coverage': return (b) => b.node.coverage
    case 'estimated': return (b) => b.node.estimated_share
    case 'change': return (b) => {
      const was = beside.values.get(b.id) ?? null
      const is = value(b.node, quantity)
      if (was === null || is === null) return null
      return beside.difference ? was - is : was ? (is - was) / was : null
    }
  }
}
