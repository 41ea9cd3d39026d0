export interface Rect {
  readonly x: number
  readonly y: number
  readonly w: number
  readonly h: number
}

/**
 * Divides a rectangle among values, largest first, into rectangles whose areas are
 * in proportion and whose sides are not far apart (Bruls, Huizing, van Wijk 2000).
 * Zero gets nothing.
 */
export function squarify(values: readonly number[], within: Rect): Rect[] {
  const total = values.reduce((sum, v) => sum + v, 0)
  const out: Rect[] = []
  if (total <= 0 || within.w <= 0 || within.h <= 0) return values.map(() => ({ ...within, w: 0, h: 0 }))
  const areas = values.map((v) => (v / total) * within.w * within.h)
  let { x, y, w, h } = within
  for (let i = 0; i < areas.length; ) {
    const side = Math.min(w, h)
    let row = areas[i] ?? 0
    let n = 1
    for (; i + n < areas.length; n++) {
      const next = areas[i + n] ?? 0
      if (worst(areas, i, n + 1, row + next, side) > worst(areas, i, n, row, side)) break
      row += next
    }
    const thick = side > 0 ? row / side : 0
    let along = 0
    for (let k = i; k < i + n; k++) {
      const length = thick > 0 ? (areas[k] ?? 0) / thick : 0
      out.push(w >= h ? { x, y: y + along, w: thick, h: length } : { x: x + along, y, w: length, h: thick })
      along += length
    }
    if (w >= h) {
      x += thick
      w -= thick
    } else {
      y += thick
      h -= thick
    }
    i += n
  }
  return out
}

/** The worst ratio of sides in a row; the first is the largest and the last the smallest. */
function worst(areas: readonly number[], from: number, n: number, sum: number, side: number): number {
  const most = areas[from] ?? 0
  const least = areas[from + n - 1] ?? 0
  if (least <= 0) return Infinity
  return Math.max((side * side * most) / (sum * sum), (sum * sum) / (side * side * least))
}

/** Cuts a share of a rectangle off the end of its longer side; returns what is left and the share. */
export function split(within: Rect, share: number): [Rect, Rect] {
  const { x, y, w, h } = within
  if (w >= h) return [{ x, y, w: w * (1 - share), h }, { x: x + w * (1 - share), y, w: w * share, h }]
  return [{ x, y, w, h: h * (1 - share) }, { x, y: y + h * (1 - share), w, h: h * share }]
}
