import { terms } from '../lib/terms'
import { ticks } from './axis'
import { colour, hatch } from './colours'
import { reasons, stretches, type Chart, type Series as Line } from './model'
import { tooltip } from './tooltip'

const tick = (v: number) => new Intl.NumberFormat(undefined, { maximumFractionDigits: 4 }).format(v)

// About the width of a letter of a label.
const letter = 6
/** What is left free at the right of the plot. */
export const right = 12
// And above it, for the unit.
const above = 30

/**
 * The room of the numbers at the left of the plot, so that what stands below can begin where the
 * plot does. The last number may have a digit and a separator more than the largest value.
 */
export function gutter(c: Chart): number {
  const most = Math.max(0, ...c.spans.map((_, i) => c.series.reduce((sum, s) => sum + (s.values[i] ?? 0), 0)))
  return 14 + letter * Math.max(5, tick(Math.round(most / c.of)).length + 2)
}

/** What ECharts is to draw: the chart in its terms. */
export function option(c: Chart, still: boolean, scale = 1, width = 900): { series: Series[]; [key: string]: unknown } {
  const small = Math.round(11 * scale)
  const text = colour('text-3')
  const font = getComputedStyle(document.documentElement).fontFamily
  const factor = 1 / c.of
  const scaled = (values: readonly (number | null)[]) => values.map((v) => (v === null ? '-' : v * factor))
  const left = gutter(c)
  const plot = width / scale - left - right
  const names = ticks(c.spans, c.step, c.zone, plot)
  const below = [...names.values()].some((n) => n.includes('\n')) ? 40 : 26
  const named = (i: number) => names.has(i)
  const data = c.spans.map((s) => s.from)
  return {
    animation: !still && c.spans.length < 400,
    animationDuration: 250,
    animationDurationUpdate: 250,
    textStyle: { fontFamily: font },
    grid: { left: left * scale, right: right * scale, top: above * scale, bottom: (below + 18) * scale },
    tooltip: {
      trigger: 'axis',
      axisPointer: c.kind === 'bars' ? { type: 'shadow', shadowStyle: { color: colour('gap-fill') } } : { type: 'line', lineStyle: { color: colour('line-strong') } },
      confine: true,
      transitionDuration: 0,
      backgroundColor: colour('surface'),
      borderColor: colour('line-strong'),
      borderWidth: 1,
      padding: 0,
      textStyle: { color: colour('text') },
      formatter: (found: { dataIndex: number }[]) => tooltip(c, found[0]?.dataIndex ?? 0),
    },
    // The second axes are those of what covers whole periods from top to bottom.
    xAxis: [{
      type: 'category',
      data,
      boundaryGap: true,
      name: `Time zone: ${c.zone}`,
      nameLocation: 'middle',
      nameGap: below * scale,
      nameTextStyle: { color: text, fontSize: small },
      axisLine: { lineStyle: { color: colour('line-strong') } },
      axisTick: { show: true, length: 4, alignWithLabel: true, interval: named, lineStyle: { color: colour('line-strong') } },
      axisLabel: { color: text, fontSize: small, lineHeight: 14 * scale, interval: named, formatter: (_: string, i: number) => names.get(i) ?? '', alignMaxLabel: 'right' },
    }, { type: 'category', data, boundaryGap: true, show: false, axisPointer: { show: false } }],
    yAxis: [{
      type: 'value',
      min: 0,
      name: c.unit,
      nameTextStyle: { color: text, fontSize: small, align: 'left', padding: [0, 0, 0, -left * scale] },
      splitNumber: 4,
      splitLine: { lineStyle: { color: colour('line') } },
      axisLabel: { color: text, fontSize: small, formatter: (v: number) => tick(v) },
    }, { type: 'value', min: 0, max: 1, show: false }],
    series: [...(c.kind === 'bars' ? bars(c, scaled) : lines(c, scaled)), ...fields(c, plot)],
  }
}

/** A series in the terms of ECharts. */
type Series = { id: string; [key: string]: unknown }
type Scaled = (values: readonly (number | null)[]) => (number | string)[]

function bars(c: Chart, scaled: Scaled): Series[] {
  const many = c.spans.length > 120
  // A year of hours is drawn as one path per series; what is pale or not is then less than a pixel wide.
  const large = c.spans.length > 1500
  const out: Series[] = c.series.map((s, k) => ({
    id: s.name,
    name: s.name,
    type: 'bar',
    stack: 'whole',
    barCategoryGap: many ? '0%' : '22%',
    barGap: '-100%',
    barMaxWidth: 56,
    large,
    largeThreshold: 0,
    emphasis: { disabled: true },
    itemStyle: { color: colour(s.colour) },
    data: large ? scaled(s.values) : scaled(s.values).map((v, i) => (c.provisional?.[i] ? { value: v, itemStyle: { opacity: 0.55 } } : v)),
    ...(k === 0 ? marks(c) : {}),
  }))
  if (c.estimated?.some((v) => v)) {
    out.push({
      id: 'estimated',
      type: 'bar',
      stack: 'estimated',
      barCategoryGap: many ? '0%' : '22%',
      barGap: '-100%',
      barMaxWidth: 56,
      large,
      largeThreshold: 0,
      silent: true,
      emphasis: { disabled: true },
      itemStyle: { color: hatch(colour('hatch')) },
      data: scaled(c.estimated),
      z: 3,
    })
  }
  return out
}

/** A line is broken from where its figures are provisional. */
function settled(c: Chart, line: Line): Line[] {
  const on = (i: number) => c.provisional?.[i] === true
  if (!line.values.some((v, i) => v !== null && on(i))) return [line]
  return [
    { ...line, values: line.values.map((v, i) => (on(i) ? null : v)) },
    { ...line, broken: true, values: line.values.map((v, i) => (on(i) || on(i + 1) ? v : null)) },
  ]
}

function lines(c: Chart, scaled: Scaled): Series[] {
  return c.series.flatMap((s) => settled(c, s)).map((s, k) => ({
    id: s.broken ? `${s.name}, broken` : s.name,
    name: s.name,
    type: 'line',
    step: c.spans.length < 500 ? 'middle' : false,
    connectNulls: false,
    symbol: 'none',
    symbolSize: 5,
    sampling: 'lttb',
    emphasis: { disabled: true },
    lineStyle: { width: 2, color: colour(s.colour), type: s.broken ? [5, 4] : 'solid' },
    itemStyle: { color: colour(s.colour) },
    // A value between two gaps has no line that would show it.
    data: scaled(s.values).map((v, i) => (v !== '-' && alone(s.values, i) ? { value: v, symbol: 'circle' } : v)),
    ...(k === 0 ? marks(c) : {}),
  }))
}

const alone = (values: readonly (number | null)[], i: number) => (values[i - 1] ?? null) === null && (values[i + 1] ?? null) === null

// So many marks can be told apart; where there are more, some stand for their neighbours.
const mostMarks = 24

/** Moments that are not figures: restatements, now. */
function marks(c: Chart): Record<string, unknown> {
  const on = (c.restated ?? []).flatMap((r, i) => (r ? [i] : []))
  const apart = Math.ceil(c.spans.length / mostMarks)
  const shown = on.filter((at, k) => k === 0 || Math.floor(at / apart) !== Math.floor(on[k - 1]! / apart))
  // A line for each of many would hide the bars.
  const width = on.length > 4 ? 0 : 1
  const restated = shown.map((at) => ({ xAxis: at, label: { show: true, formatter: '↻', color: colour('warn'), fontSize: 14 }, lineStyle: { color: colour('warn'), type: 'dotted', width } }))
  const now = c.now === undefined ? [] : [{ xAxis: c.now, label: { show: true, formatter: 'now', color: colour('text-2'), fontSize: 11 }, lineStyle: { color: colour('text-3'), type: 'dashed' } }]
  return { markLine: { silent: true, symbol: 'none', animation: false, data: [...restated, ...now] } }
}

/** Periods that are not figures: gaps, the best window. */
function fields(c: Chart, plot: number): Series[] {
  const each = plot / Math.max(1, c.spans.length)
  const out = reasons(c).map(({ term, flags }) => field(terms[term][0].toLocaleLowerCase(), flags, { color: term === 'ahead' || term === 'absent' ? colour('gap-fill') : hatch(colour('gap'), colour('gap-fill')) }, { position: 'inside', color: colour('text-3') }, each))
  const { band } = c
  if (band) out.push(field(band.name, c.spans.map((_, i) => i >= band.from && i <= band.to), { color: colour('band') }, { position: 'insideTop', color: colour('text') }, each))
  return out
}

// What is left free at the sides of a label.
const margin = 8

/**
 * One bar of full height and width for each period for which something holds.
 * The areas of ECharts would begin and end in the middle of a period, or between two labels of the axis.
 */
function field(name: string, flags: readonly boolean[], itemStyle: object, label: object, each: number): Series {
  if (each < 1) return area(name, flags, itemStyle, label, each)
  // In the middle of a stretch, if it is wide enough to be named.
  const named = new Map(stretches(flags).flatMap(([from, to]) => ((to - from + 1) * each > name.length * letter + margin ? [[Math.floor((from + to) / 2), ((to - from) % 2) * (each / 2)] as const] : [])))
  return {
    id: `field ${name}`,
    type: 'bar',
    stack: 'fields',
    xAxisIndex: 1,
    yAxisIndex: 1,
    barCategoryGap: '0%',
    silent: true,
    animation: false,
    emphasis: { disabled: true },
    tooltip: { show: false },
    itemStyle,
    z: 1,
    data: flags.map((on, i) => (!on ? '-' : named.has(i) ? { value: 1, label: { show: true, formatter: name, fontSize: 11, offset: [named.get(i), 0], ...label } } : 1)),
  }
}

/** The same where periods are narrower than a pixel: bars would lie on each other, and half a period is not seen. */
function area(name: string, flags: readonly boolean[], itemStyle: object, label: object, each: number): Series {
  const wide = (from: number, to: number) => (to - from + 1) * each > name.length * letter + margin
  const data = stretches(flags).map(([from, to]) => [{ xAxis: from, label: { show: wide(from, to), formatter: name, fontSize: 11, ...label } }, { xAxis: to }])
  return { id: `field ${name}`, type: 'line', data: [], silent: true, markArea: { silent: true, animation: false, itemStyle, data } }
}
