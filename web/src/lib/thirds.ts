import type { Point } from '../api/types'

/** The parts of energy in the cleanest, the middle and the dirtiest third of time. */
export interface Thirds {
  readonly shares: readonly [number, number, number]
  /** The intensities between the thirds. */
  readonly bounds: readonly [number, number]
  readonly periods: number
}

/**
 * Cuts the periods whose intensity is known, in order of intensity, into three
 * parts of equal time, and says how much of the energy fell into each. A period
 * across a border counts in both, in proportion. Undefined without any.
 */
export function thirds(points: readonly Point[]): Thirds | undefined {
  const known = points
    .flatMap((p) => (p.energy_kwh === null || p.intensity_gco2e_per_kwh === null ? [] : [{ at: p.intensity_gco2e_per_kwh, energy: p.energy_kwh, time: Date.parse(p.to) - Date.parse(p.from) }]))
    .sort((a, b) => a.at - b.at)
  const time = known.reduce((sum, k) => sum + k.time, 0)
  const energy = known.reduce((sum, k) => sum + k.energy, 0)
  if (known.length < 3 || energy <= 0) return undefined
  const shares: [number, number, number] = [0, 0, 0]
  const bounds: [number, number] = [0, 0]
  let passed = 0
  for (const k of known) {
    for (let i = 0; i < 3; i++) {
      const overlap = Math.max(0, Math.min(passed + k.time, (time * (i + 1)) / 3) - Math.max(passed, (time * i) / 3))
      shares[i as 0 | 1 | 2] += (k.energy / energy) * (overlap / k.time)
    }
    for (const i of [0, 1] as const) if (passed < (time * (i + 1)) / 3) bounds[i] = k.at
    passed += k.time
  }
  return { shares, bounds, periods: known.length }
}
