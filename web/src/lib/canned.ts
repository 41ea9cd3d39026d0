import type { Answer, Figures, Node, Point } from '../api/types'

/** Made-up figures for the page of components and for tests: the same every time. */

export const none: Figures = {
  energy_kwh: null, operational_gco2e: null, embodied_gco2e: null, embodied_coverage: null, cpu_busy_s: null, cpu_idle_s: null, intensity_gco2e_per_kwh: null,
  coverage: 0, carbon_coverage: null, estimated_share: null, busy_energy_kwh: null, busy_operational_gco2e: null,
}

export function figures(energy: number, intensity = 182.5): Figures {
  const carbon = energy * intensity
  return {
    energy_kwh: energy, operational_gco2e: carbon, embodied_gco2e: null, embodied_coverage: null, cpu_busy_s: energy * 1000, cpu_idle_s: energy * 400, intensity_gco2e_per_kwh: intensity,
    coverage: 1, carbon_coverage: 1, estimated_share: 0, busy_energy_kwh: energy * 0.7, busy_operational_gco2e: carbon * 0.7,
  }
}

export function hours(n: number, length = 1): Point[] {
  const begin = Date.UTC(2026, 0, 1)
  return Array.from({ length: n }, (_, i) => ({
    ...figures(2 + Math.sin((i / 24) * 2 * Math.PI) + ((i * 7919) % 13) / 20, 180 + 60 * Math.sin(i / 17)),
    from: new Date(begin + i * length * 3_600_000).toISOString(),
    to: new Date(begin + (i + 1) * length * 3_600_000).toISOString(),
  }))
}

/** The same with whole coverages. */
export const sums = (points: readonly Point[]): Point[] => points.map((p) => ({ ...p, coverage: p.energy_kwh === null ? null : 1 }))

/** A tree of two levels with n leaves. */
export function answer(n: number): Answer {
  const leaves = Array.from({ length: n }, (_, i): Node => ({ ...figures(10 / (i + 1)), path: [`Facility ${'ABC'[i % 3]}`, `Group ${i + 1}`], kind: i % 9 === 8 ? 'unattributed' : 'account' }))
  const nodes: Node[] = []
  for (const letter of 'ABC') {
    const own = leaves.filter((l) => l.path[0] === `Facility ${letter}`)
    if (!own.length) continue
    nodes.push({ ...figures(own.reduce((sum, l) => sum + (l.energy_kwh ?? 0), 0)), path: [`Facility ${letter}`], kind: 'account' }, ...own)
  }
  return {
    from: '2026-01-01T00:00:00Z', to: '2026-02-01T00:00:00Z', time_zone: 'Europe/London', by: ['facility', 'group'], as_known_at: null,
    total: figures(leaves.reduce((sum, l) => sum + (l.energy_kwh ?? 0), 0)), nodes,
  }
}
