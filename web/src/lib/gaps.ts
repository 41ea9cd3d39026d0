import type { Point } from '../api/types'

/** Days that were not fully observed; without any data they are one stretch. */
export interface Gap {
  readonly from: string
  readonly to: string
  readonly days: number
  /** The share that was observed; null is no data. */
  readonly coverage: number | null
  readonly provisional: boolean
}

/**
 * The gaps of a series of days, in order. Neighbours without data are one; a day that was observed
 * in part has a share of its own, and one that goes on may still be filled, so each of them stands alone.
 */
export function gapsOf(days: readonly Point[]): Gap[] {
  const out: Gap[] = []
  for (const p of days) {
    if (p.energy_kwh !== null && (p.coverage === null || p.coverage >= 0.999)) continue
    const gap = { from: p.from, to: p.to, days: 1, coverage: p.energy_kwh === null ? null : p.coverage, provisional: p.provisional === true }
    const last = out.at(-1)
    const more = last?.to === gap.from && last.coverage === null && gap.coverage === null && !last.provisional && !gap.provisional
    if (last && more) out[out.length - 1] = { ...last, to: gap.to, days: last.days + 1 }
    else out.push(gap)
  }
  return out
}
