import type { Point } from '../api/types'
import { type Quantity, Scale } from '../lib/format'
import type { Step } from '../lib/time'
import { busy, value } from '../lib/tree'

/** One series of a chart; null is missing and is drawn as nothing. */
export interface Series {
  readonly name: string
  /** The name of its colour. */
  readonly colour: string
  readonly values: readonly (number | null)[]
  /** Drawn with a broken line: it is expected, not known. */
  readonly broken?: boolean
}

export interface Span {
  readonly from: string
  readonly to: string
}

/** What a chart over time shows. It has no figures that its table has not. */
export interface Chart {
  readonly title: string
  readonly kind: 'bars' | 'lines'
  readonly unit: string
  /** The API's unit in the shown unit. */
  readonly of: number
  readonly digits: number
  readonly zone: string
  readonly step: Step
  readonly spans: readonly Span[]
  readonly series: readonly Series[]
  /** How much of each bar is estimated. */
  readonly estimated?: readonly (number | null)[]
  readonly provisional?: readonly boolean[]
  /** Where nothing is known. */
  readonly gaps: readonly boolean[]
  /** Why, where it is another reason than that nothing was observed. */
  readonly why?: readonly (string | undefined)[]
  /** Where figures were restated. */
  readonly restated?: readonly boolean[]
  /** A stretch that is pointed out. */
  readonly band?: { readonly from: number; readonly to: number; readonly name: string }
  /** Where now is. */
  readonly now?: number
}

/** The bars of busy and idle of a series of points. */
export function usage(points: readonly Point[], quantity: Quantity, step: Step, zone: string, title: string): Chart {
  const whole = points.map((p) => value(p, quantity))
  const worked = points.map((p) => busy(p, quantity))
  const scale = new Scale(quantity, Math.max(0, ...whole.map((v) => v ?? 0)))
  return {
    title,
    kind: 'bars',
    unit: scale.unit,
    of: scale.of,
    digits: scale.digits,
    zone,
    step,
    spans: points,
    series: [
      { name: 'Busy', colour: 'busy', values: worked },
      { name: 'Idle', colour: 'idle', values: whole.map((v, i) => (v === null ? null : v - (worked[i] ?? 0))) },
    ],
    estimated: points.map((p, i) => part(whole[i] ?? null, p.estimated_share)),
    provisional: points.map((p) => p.provisional === true),
    gaps: whole.map((v) => v === null),
    why: points.map((p, i) => (whole[i] === null && p.energy_kwh !== null ? 'carbon unknown' : undefined)),
  }
}

/** A share of a whole that may be unknown. */
export function part(whole: number | null, share: number | null): number | null {
  return whole === null || share === null ? null : whole * share
}

/** The intensity over time, weighted by energy. */
export function intensities(points: readonly Point[], step: Step, zone: string, title: string): Chart {
  const values = points.map((p) => p.intensity_gco2e_per_kwh)
  return {
    title,
    kind: 'lines',
    unit: 'g CO₂e/kWh',
    of: 1,
    digits: 0,
    zone,
    step,
    spans: points,
    series: [{ name: 'Carbon intensity', colour: 's3', values }],
    provisional: points.map((p) => p.provisional === true),
    gaps: values.map((v) => v === null),
  }
}

/** Stretches of neighbours for which something holds, both ends included. */
export function stretches(flags: readonly boolean[]): [number, number][] {
  const out: [number, number][] = []
  flags.forEach((on, i) => {
    const last = out.at(-1)
    if (!on) return
    if (last && last[1] === i - 1) last[1] = i
    else out.push([i, i])
  })
  return out
}
