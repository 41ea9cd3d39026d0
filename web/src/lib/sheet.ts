import type { Answer } from '../api/types'
import type { Sheet } from './export'
import type { Quantity } from './format'
import type { Branch } from './tree'

/** The rows of the Explore page as they stand on screen, with exact values, and what was asked for them. */
export function sheet(answer: Answer, rows: readonly Branch[], quantity: Quantity, other?: { name: string; answer: Answer; values: Map<string, number | null> }, asked: Readonly<Record<string, unknown>> = {}): Sheet {
  const column = quantity === 'carbon' ? 'operational_gco2e' : 'energy_kwh'
  return {
    name: `dendro-${answer.by.join('-')}-${answer.from.slice(0, 10)}${answer.simulated ? '-simulated' : ''}`,
    about: {
      from: answer.from,
      to: answer.to,
      time_zone: answer.time_zone,
      by: answer.by,
      as_known_at: answer.as_known_at,
      ...asked,
      ...(answer.simulated ? { simulated: true } : {}),
      ...(other ? { compared_with: { name: other.name, from: other.answer.from, to: other.answer.to } } : {}),
    },
    columns: [
      ...answer.by, 'kind', 'operational_gco2e', 'energy_kwh', 'intensity_gco2e_per_kwh', 'coverage', 'estimated_share', 'provisional',
      ...(other ? [`${column}_compared`] : []),
    ],
    rows: rows.map(({ id, node: n }) => [
      ...answer.by.map((_, i) => n.path[i] ?? null),
      n.kind, n.operational_gco2e, n.energy_kwh, n.intensity_gco2e_per_kwh, n.coverage, n.estimated_share, n.provisional === true,
      ...(other ? [other.values.get(id) ?? null] : []),
    ]),
  }
}
