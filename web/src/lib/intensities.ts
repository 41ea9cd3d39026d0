import type { Intensity } from '../api/types'

const rank: Record<string, number> = { actual: 0, estimate: 1, forecast: 2, annual: 3 }

export interface Value {
  readonly from: string
  readonly to: string
  readonly value: number
  readonly kind: string
  readonly source: string
}

/**
 * One value per span, by the ledger's rule: within a source an actual value comes
 * before an estimate, that before a forecast; of equals the newest holds.
 */
export function best(list: readonly Intensity[]): Value[] {
  const found = new Map<string, Intensity>()
  for (const v of list) {
    const was = found.get(v.span.from)
    const better = !was || (rank[v.kind] ?? 9) < (rank[was.kind] ?? 9) || (v.kind === was.kind && (v.known_at ?? '') >= (was.known_at ?? ''))
    if (better) found.set(v.span.from, v)
  }
  return [...found.values()]
    .sort((a, b) => Date.parse(a.span.from) - Date.parse(b.span.from))
    .map((v) => ({ from: v.span.from, to: v.span.to, value: v.gco2e_per_kwh, kind: v.kind, source: v.source }))
}

/** Fills the time between values, and from a time to the first, with spans of the usual length, so that a gap is seen. */
export function withGaps(values: readonly Value[], from?: string): { from: string; to: string; value: Value | undefined }[] {
  const out: { from: string; to: string; value: Value | undefined }[] = []
  const usual = values[0] ? Date.parse(values[0].to) - Date.parse(values[0].from) : 1_800_000
  for (const v of values) {
    const end = out.at(-1)?.to ?? from
    if (end) {
      for (let t = Date.parse(end), n = 0; t < Date.parse(v.from) && n < 2000; t += usual, n++) {
        out.push({ from: new Date(t).toISOString(), to: new Date(Math.min(t + usual, Date.parse(v.from))).toISOString(), value: undefined })
      }
    }
    out.push({ from: v.from, to: v.to, value: v })
  }
  return out
}

const hour = 3_600_000

/**
 * What values say of a time, in pieces of an hour at most: the average of a year is then a line
 * over the hours that are shown, as others are.
 */
export function between(values: readonly Value[], from: number, to: number): Value[] {
  return values.flatMap((v) => {
    const [begin, end] = [Date.parse(v.from), Date.parse(v.to)]
    if (end <= from || begin >= to) return []
    if (end - begin <= hour) return [v]
    const out: Value[] = []
    for (let at = Math.max(begin, from); at < Math.min(end, to); ) {
      const next = Math.min(end, to, (Math.floor(at / hour) + 1) * hour)
      out.push({ ...v, from: new Date(at).toISOString(), to: new Date(next).toISOString() })
      at = next
    }
    return out
  })
}
