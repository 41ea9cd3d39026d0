/**
 * Rounds values to integers that add up to a given total, by largest remainder:
 * what is shown of parts then adds up to what is shown of their whole. Ties go to
 * the lower index. Values are not negative; null stays null and takes nothing.
 */
export function apportion(values: readonly (number | null)[], total: number): (number | null)[] {
  const out = values.map((v) => (v === null ? null : Math.floor(v)))
  let left = total - out.reduce<number>((sum, v) => sum + (v ?? 0), 0)
  const order = values
    .flatMap((v, i) => (v === null ? [] : [{ i, rest: v - Math.floor(v) }]))
    .sort((a, b) => b.rest - a.rest || a.i - b.i)
  const n = order.length
  if (n === 0) return out
  // More than one each happens only if the total is not that of the values.
  for (let k = 0; left > 0; k = (k + 1) % n, left--) add(out, order[k]!.i, 1)
  for (let k = n - 1, tried = 0; left < 0 && tried < n * 2; k = (k + n - 1) % n, tried++) {
    const i = order[k]!.i
    if (out[i]! > 0) {
      add(out, i, -1)
      left++
    }
  }
  return out
}

function add(out: (number | null)[], i: number, by: number) {
  out[i] = (out[i] ?? 0) + by
}
