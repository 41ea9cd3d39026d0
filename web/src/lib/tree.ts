import type { Answer, Figures, Node } from '../api/types'
import type { Quantity, Scale } from './format'

/** A node with its place in the tree. */
export interface Branch {
  readonly node: Node
  readonly id: string
  readonly depth: number
  readonly children: Branch[]
}

// A unit separator: it does not stand in labels that people write.
const apart = '\u001f'

export const idOf = (path: readonly string[], kind = 'account'): string => path.join(apart) + (kind === 'account' ? '' : `${apart}${apart}${kind}`)

/** The tree of an answer, whose nodes come parents first. */
export function branches(answer: Answer): Branch[] {
  const roots: Branch[] = []
  const trail: Branch[] = []
  for (const node of answer.nodes) {
    const depth = node.path.length - 1
    const branch: Branch = { node, id: idOf(node.path, node.kind), depth, children: [] }
    trail.length = depth
    const siblings = depth === 0 ? roots : (trail[depth - 1]?.children ?? roots)
    siblings.push(branch)
    trail.push(branch)
  }
  return roots
}

export function value(f: Figures, quantity: Quantity): number | null {
  return quantity === 'carbon' ? f.operational_gco2e : f.energy_kwh
}

export function busy(f: Figures, quantity: Quantity): number | null {
  return quantity === 'carbon' ? f.busy_operational_gco2e : f.busy_energy_kwh
}

/** The largest value among the leaves: what the unit of a column is chosen for. */
export function largestLeaf(list: readonly Branch[], quantity: Quantity): number {
  let most = 0
  for (const b of list) {
    most = Math.max(most, b.children.length ? largestLeaf(b.children, quantity) : (value(b.node, quantity) ?? 0))
  }
  return most
}

/** The shown integers of all nodes: on screen too, children add up to their parents. */
export function shownTree(list: readonly Branch[], whole: number, quantity: Quantity, scale: Scale): Map<string, number | null> {
  const out = new Map<string, number | null>()
  const walk = (siblings: readonly Branch[], total: number) => {
    const shown = scale.parts(siblings.map((b) => value(b.node, quantity)), total)
    siblings.forEach((b, i) => {
      out.set(b.id, shown[i] ?? null)
      if (b.children.length) walk(b.children, shown[i] ?? 0)
    })
  }
  walk(list, whole)
  return out
}

export const sortKeys = ['name', 'carbon', 'energy', 'intensity', 'coverage', 'estimated', 'change'] as const
export type SortKey = (typeof sortKeys)[number]

// Comparing by locale anew each time takes ten times as long.
const collator = new Intl.Collator(undefined, { numeric: true })

/** Sorts siblings at every level; rests come after accounts, and what is unknown last. */
export function sorted(list: readonly Branch[], by: (b: Branch) => number | string | null, down: boolean): Branch[] {
  const sign = down ? -1 : 1
  return [...list]
    .sort((a, b) => {
      const rest = Number(a.node.kind !== 'account') - Number(b.node.kind !== 'account')
      if (rest !== 0) return rest
      const x = by(a)
      const y = by(b)
      if (x === null || y === null) return Number(x === null) - Number(y === null)
      if (typeof x === 'string' && typeof y === 'string') return sign * collator.compare(x, y)
      return sign * (Number(x) - Number(y))
    })
    .map((b) => (b.children.length ? { ...b, children: sorted(b.children, by, down) } : b))
}

/** Keeps the nodes whose name holds a text, with all above and below them. */
export function found(list: readonly Branch[], text: string): Branch[] {
  const wanted = text.toLocaleLowerCase()
  if (!wanted) return [...list]
  return list.flatMap((b) => {
    if ((b.node.path.at(-1) ?? '').toLocaleLowerCase().includes(wanted)) return [b]
    const children = found(b.children, text)
    return children.length ? [{ ...b, children }] : []
  })
}

/** The rows of a tree in which some nodes are closed. */
export function rows(list: readonly Branch[], closed: ReadonlySet<string>): Branch[] {
  const out: Branch[] = []
  const walk = (siblings: readonly Branch[]) => {
    for (const b of siblings) {
      out.push(b)
      if (b.children.length && !closed.has(b.id)) walk(b.children)
    }
  }
  walk(list)
  return out
}

/** The filter that keeps what is under a node: label=value for each level. */
export function whereOf(by: readonly string[], node: Node): string[] {
  return node.path.map((name, i) => `${by[i]}=${i === node.path.length - 1 && node.kind !== 'account' ? '' : name}`)
}

/** The name of a node for people: rests are words in brackets. */
export const nameOf = (node: Node): string => {
  const name = node.path.at(-1) ?? ''
  return node.kind === 'account' ? name : `(${name})`
}

/**
 * Leaves out what all of several names begin with, up to the last mark that parts words, where
 * there is no room for it: the name is told in full beside it.
 */
export function shortener(names: readonly string[]): (name: string) => string {
  const plain = names.filter((n) => !n.startsWith('('))
  let common = plain.length > 2 ? (plain[0] ?? '') : ''
  for (const name of plain) while (!name.startsWith(common)) common = common.slice(0, -1)
  const cut = Math.max(...['_', '-', '/', '.'].map((mark) => common.lastIndexOf(mark))) + 1
  return cut < 3 ? (name) => name : (name) => (name.startsWith(common) && name.length > cut ? `…\u2060${name.slice(cut)}` : name)
}
