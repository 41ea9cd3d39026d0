import { apportion } from '../lib/apportion'
import { decimal } from '../lib/format'
import type { Chart } from './model'

/** The integers that are shown of one period: parts and their sum. */
export function shownAt(c: Chart, i: number): { total: number | null; parts: (number | null)[] } {
  const values = c.series.map((s) => s.values[i] ?? null)
  if (values.every((v) => v === null)) return { total: null, parts: values }
  const factor = 10 ** c.digits / c.of
  const total = Math.round(values.reduce<number>((sum, v) => sum + (v ?? 0), 0) * factor)
  return { total, parts: apportion(values.map((v) => (v === null ? null : v * factor)), total) }
}

export const shownText = (c: Chart, shown: number | null): string => (shown === null ? '–' : decimal(shown / 10 ** c.digits, c.digits))
