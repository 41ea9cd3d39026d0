import type { Answer } from '../api/types'
import type { Quantity } from './format'
import { idOf, value } from './tree'

/** With what the figures of a page are compared. */
export const comparisons = [
  { id: '', name: 'Compare with …', label: '' },
  { id: 'before', name: 'the period before', label: 'Compared: period before' },
  { id: 'year', name: 'a year earlier', label: 'Compared: year earlier' },
] as const

/** The values of another answer by the ids of rows. */
export function valuesById(answer: Answer | undefined, quantity: Quantity): Map<string, number | null> {
  return new Map((answer?.nodes ?? []).map((n) => [idOf(n.path, n.kind), value(n, quantity)]))
}
