import type { Point } from '../api/types'
import { intensityUnit, type Quantity, Scale } from '../lib/format'
import { kindTerms, type Term } from '../lib/terms'
import type { Step } from '../lib/time'
import { busy, value } from '../lib/tree'
import { coloured } from './colours'

/** One series of a chart; null is missing and is drawn as nothing. */
export interface Series {
  readonly name: string
  /** The name of its colour. */
  readonly colour: string
  readonly values: readonly (number | null)[]
  /** What its name means, where it is a word of ours. */
  readonly term?: Term | undefined
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
  readonly why?: readonly (Term | undefined)[]
  /** Where figures were restated. */
  readonly restated?: readonly boolean[]
  /** A stretch that is pointed out. */
  readonly band?: { readonly from: number; readonly to: number; readonly name: string }
  /** Where now is. */
  readonly now?: number
}

/** What is the same of all bars over time: the whole of each period, and how it is known. */
function bars(points: readonly Point[], quantity: Quantity, step: Step, zone: string, among?: readonly Point[]): Omit<Chart, 'title' | 'series'> {
  const whole = points.map((p) => value(p, quantity))
  const scale = new Scale(quantity, Math.max(0, ...whole.map((v) => v ?? 0)))
  return {
    kind: 'bars',
    unit: scale.unit,
    of: scale.of,
    digits: scale.digits,
    zone,
    step,
    spans: points,
    estimated: points.map((p, i) => part(whole[i] ?? null, p.estimated_share)),
    provisional: points.map((p) => p.provisional === true),
    gaps: whole.map((v) => v === null),
    why: points.map((p, i) => reason(p, among?.[i])),
  }
}

/** Why a point has no value, where it is not that nothing was observed. */
function reason(p: Point, among: Point | undefined): Term | undefined {
  if (p.energy_kwh !== null) return 'dark'
  return isAhead(p) ? 'ahead' : isAbsent(p, among) ? 'absent' : undefined
}

/** Whether a period without figures has not been yet. */
export const isAhead = (p: Point): boolean => p.energy_kwh === null && Date.parse(p.from) > Date.now()

/** Whether nothing was seen of an account in a period in which others were. */
export const isAbsent = (p: Point, among: Point | undefined): boolean => p.energy_kwh === null && among?.from === p.from && among.energy_kwh !== null

/** The bars of busy and idle of a series of points, which may be of an account among others. */
export function usage(points: readonly Point[], quantity: Quantity, step: Step, zone: string, title: string, among?: readonly Point[]): Chart {
  const worked = points.map((p) => busy(p, quantity))
  return {
    ...bars(points, quantity, step, zone, among),
    title,
    series: [
      { name: 'Busy', term: 'busy', colour: 'busy', values: worked },
      { name: 'Idle', term: 'idle', colour: 'idle', values: points.map((p, i) => { const whole = value(p, quantity); return whole === null ? null : whole - (worked[i] ?? 0) }) },
    ],
  }
}

/** The bars of several parts of a series of points. */
export function stacked(parts: readonly { readonly name: string; readonly kind: string; readonly values: readonly (number | null)[] }[], points: readonly Point[], quantity: Quantity, step: Step, zone: string, title: string): Chart {
  return {
    ...bars(points, quantity, step, zone),
    title,
    series: coloured(parts).map(({ node, colour }) => ({ name: node.name, term: node.kind === 'account' ? undefined : kindTerms[node.kind], colour, values: node.values })),
  }
}

/** A share of a whole that may be unknown. */
export function part(whole: number | null, share: number | null): number | null {
  return whole === null || share === null ? null : whole * share
}

/** The intensity over time, weighted by energy. */
export function intensities(points: readonly Point[], step: Step, zone: string, title: string, among?: readonly Point[]): Chart {
  const values = points.map((p) => p.intensity_gco2e_per_kwh)
  return {
    title,
    kind: 'lines',
    unit: intensityUnit,
    of: 1,
    digits: 0,
    zone,
    step,
    spans: points,
    series: [{ name: 'Carbon intensity', term: 'intensity', colour: 's3', values }],
    provisional: points.map((p) => p.provisional === true),
    gaps: values.map((v) => v === null),
    why: points.map((p, i) => reason(p, among?.[i])),
  }
}

/** Whether some period that is drawn is provisional. */
export const goesOn = (c: Chart): boolean => c.provisional?.some((on, i) => on && !c.gaps[i]) ?? false

/** The reasons why there are gaps, each with where it holds. */
export function reasons(c: Chart): { term: Term; flags: boolean[] }[] {
  const of = c.gaps.map((on, i) => (on ? (c.why?.[i] ?? 'missing') : undefined))
  return [...new Set(of)].flatMap((term) => (term ? [{ term, flags: of.map((t) => t === term) }] : []))
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
