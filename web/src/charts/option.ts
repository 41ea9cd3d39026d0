import { decimal, percent } from '../lib/format'
import { apportion } from '../lib/apportion'
import { axisLabel, periodLabel } from '../lib/time'
import { colour, hatch } from './colours'
import { stretches, type Chart } from './model'

/** What ECharts is to draw: the chart in its terms. */
export function option(c: Chart, still: boolean, scale = 1, width = 900): { series: Series[]; [key: string]: unknown } {
  const small = Math.round(11 * scale)
  const text = colour('text-3')
  const font = getComputedStyle(document.documentElement).fontFamily
  const factor = 1 / c.of
  const scaled = (values: readonly (number | null)[]) => values.map((v) => (v === null ? '-' : v * factor))
  const labels = c.spans.map((s) => axisLabel(s.from, c.step, c.zone))
  return {
    animation: !still && c.spans.length < 400,
    animationDuration: 250,
    animationDurationUpdate: 250,
    textStyle: { fontFamily: font },
    grid: { left: 8, right: width < 500 * scale ? 30 * scale : 12, top: 30 * scale, bottom: 26 * scale, containLabel: true },
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
      data: labels,
      boundaryGap: true,
      name: `Time zone: ${c.zone}`,
      nameLocation: 'middle',
      nameGap: 26 * scale,
      nameTextStyle: { color: text, fontSize: small },
      axisLine: { lineStyle: { color: colour('line-strong') } },
      axisTick: { show: false },
      axisLabel: { color: text, fontSize: small, hideOverlap: true, showMinLabel: true, alignMaxLabel: 'right' },
    }, { type: 'category', data: labels, boundaryGap: true, show: false, axisPointer: { show: false } }],
    yAxis: [{
      type: 'value',
      min: 0,
      name: c.unit,
      nameTextStyle: { color: text, fontSize: small, align: 'left', padding: [0, 0, 0, -24 * scale] },
      splitNumber: 4,
      splitLine: { lineStyle: { color: colour('line') } },
      axisLabel: { color: text, fontSize: small, formatter: (v: number) => tick(v) },
    }, { type: 'value', min: 0, max: 1, show: false }],
    series: [...(c.kind === 'bars' ? bars(c, scaled) : lines(c, scaled)), ...fields(c, width / scale)],
  }
}

const tick = (v: number) => new Intl.NumberFormat(undefined, { maximumFractionDigits: 4 }).format(v)

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

function lines(c: Chart, scaled: Scaled): Series[] {
  return c.series.map((s, k) => ({
    id: s.name,
    name: s.name,
    type: 'line',
    step: c.spans.length < 500 ? 'middle' : false,
    connectNulls: false,
    showSymbol: false,
    symbol: 'circle',
    symbolSize: 5,
    sampling: 'lttb',
    emphasis: { disabled: true },
    lineStyle: { width: 2, color: colour(s.colour), type: s.broken ? [5, 4] : 'solid' },
    itemStyle: { color: colour(s.colour) },
    data: scaled(s.values),
    ...(k === 0 ? marks(c) : {}),
  }))
}

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
function fields(c: Chart, width: number): Series[] {
  const each = width / Math.max(1, c.spans.length)
  const reasons = [...new Set(c.gaps.flatMap((on, i) => (on ? [c.why?.[i] ?? 'no data'] : [])))]
  const out = reasons.map((why) => field(c, why, c.gaps.map((on, i) => on && (c.why?.[i] ?? 'no data') === why), { color: hatch(colour('gap'), colour('gap-fill')) }, { position: 'inside', color: colour('text-3') }, each))
  const { band } = c
  if (band) out.push(field(c, band.name, c.spans.map((_, i) => i >= band.from && i <= band.to), { color: colour('band') }, { position: 'insideTop', color: colour('text') }, each))
  return out
}

// About the width of a letter of a label, and what is left free at its sides.
const letter = 6
const margin = 8

/**
 * One bar of full height and width for each period for which something holds.
 * The areas of ECharts would begin and end in the middle of a period, or between two labels of the axis.
 */
function field(c: Chart, name: string, flags: readonly boolean[], itemStyle: object, label: object, each: number): Series {
  // In the middle of a stretch, if it is wide enough to be named.
  const named = new Map(stretches(flags).flatMap(([from, to]) => ((to - from + 1) * each > name.length * letter + margin ? [[Math.floor((from + to) / 2), ((to - from) % 2) * (each / 2)] as const] : [])))
  return {
    id: `field ${name}`,
    type: 'bar',
    stack: 'fields',
    xAxisIndex: 1,
    yAxisIndex: 1,
    barCategoryGap: '0%',
    large: c.spans.length > 1500,
    largeThreshold: 0,
    silent: true,
    animation: false,
    emphasis: { disabled: true },
    tooltip: { show: false },
    itemStyle,
    z: 1,
    data: flags.map((on, i) => (!on ? '-' : named.has(i) ? { value: 1, label: { show: true, formatter: name, fontSize: 11, offset: [named.get(i), 0], ...label } } : 1)),
  }
}

/** The integers that are shown of one period: parts and their sum. */
export function shownAt(c: Chart, i: number): { total: number | null; parts: (number | null)[] } {
  const values = c.series.map((s) => s.values[i] ?? null)
  if (values.every((v) => v === null)) return { total: null, parts: values }
  const factor = 10 ** c.digits / c.of
  const total = Math.round(values.reduce<number>((sum, v) => sum + (v ?? 0), 0) * factor)
  return { total, parts: apportion(values.map((v) => (v === null ? null : v * factor)), total) }
}

export const shownText = (c: Chart, shown: number | null): string => (shown === null ? '–' : decimal(shown / 10 ** c.digits, c.digits))

function tooltip(c: Chart, i: number): HTMLElement {
  const box = element('div', 'chart-tip')
  const span = c.spans[i]
  if (!span) return box
  box.append(element('p', 'chart-tip-head', periodLabel(span.from, span.to, c.step, c.zone)))
  const shown = shownAt(c, i)
  if (shown.total === null) {
    box.append(element('p', '', c.why?.[i] ? 'Energy is known, but no carbon intensity: its carbon is unknown, not zero.' : 'No data: it is missing, not zero.'))
    return box
  }
  const stacked = c.kind === 'bars' && c.series.length > 1
  c.series.forEach((s, k) => {
    const part = shown.parts[k] ?? null
    if (part === null || (stacked && part === 0 && c.series.length > 2)) return
    box.append(line(s.colour, s.name, `${c.kind === 'bars' ? shownText(c, part) : decimal(s.values[i], c.digits)} ${c.unit}`))
  })
  if (stacked) box.append(line('', 'Total', `${shownText(c, shown.total)} ${c.unit}`))
  const estimated = c.estimated?.[i]
  if (estimated) box.append(element('p', 'chart-tip-note', `${percent(estimated / sum(c, i), 0)} of it is estimated`))
  if (c.provisional?.[i]) box.append(element('p', 'chart-tip-note', 'Provisional: it is still going on'))
  if (c.restated?.[i]) box.append(element('p', 'chart-tip-note', 'Restated since it was closed'))
  return box
}

const sum = (c: Chart, i: number) => c.series.reduce((total, s) => total + (s.values[i] ?? 0), 0)

function line(colourName: string, name: string, text: string): HTMLElement {
  const row = element('p', 'chart-tip-line')
  const key = element('span', 'chart-tip-key')
  if (colourName) key.style.background = colour(colourName)
  row.append(key, element('span', 'chart-tip-name', name), element('span', 'chart-tip-value', text))
  return row
}

function element(tag: string, name: string, text = ''): HTMLElement {
  const out = document.createElement(tag)
  if (name) out.className = name
  out.textContent = text
  return out
}
