import type { Answer, Figures } from '../api/types'
import type { Quantity } from './format'
import { idOf, value } from './tree'

/** With what the figures of a page are compared: another period, or another policy. */
export interface Comparison {
  readonly id: string
  readonly name: string
  readonly label: string
  /** The head of its column. */
  readonly column: string
  /** The policy whose figures stand beside; they come with the answer itself. */
  readonly policy?: string
}

const nothing: Comparison = { id: '', name: 'Compare with …', label: '', column: '' }

const periods: readonly Comparison[] = [
  nothing,
  { id: 'before', name: 'the period before', label: 'Compared: period before', column: 'Before' },
  { id: 'year', name: 'the same dates a year earlier', label: 'Compared: year earlier', column: 'Year earlier' },
]

/** What can be compared with under one of several policies, of which the first is the ledger's own. */
export function comparisons(policies: readonly string[], own: string): readonly Comparison[] {
  const others = policies.filter((name) => name !== (own || policies[0]))
  return [...periods, ...others.map((name) => ({ id: `policy:${name}`, name: `policy ${name}`, label: `Compared: policy ${name}`, column: name, policy: name }))]
}

export const chosen = (list: readonly Comparison[], id: string): Comparison => list.find((c) => c.id === id) ?? nothing

/** The answer as the policy that it was compared with gives it. */
export function compared(answer: Answer): Answer {
  const of = <T extends Figures & { readonly compared?: Figures }>(f: T): T => ({ ...f, ...f.compared })
  return { ...answer, total: of(answer.total), nodes: answer.nodes.map(of) }
}

/** The values of another answer by the ids of rows. */
export function valuesById(answer: Answer | undefined, quantity: Quantity): Map<string, number | null> {
  return new Map((answer?.nodes ?? []).map((n) => [idOf(n.path, n.kind), value(n, quantity)]))
}
