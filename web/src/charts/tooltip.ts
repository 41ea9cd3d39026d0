import { decimal, percent } from '../lib/format'
import { terms } from '../lib/terms'
import { periodLabel } from '../lib/time'
import { colour } from './colours'
import type { Chart } from './model'
import { shownAt, shownText } from './shown'

/** What is told of a period where the pointer is. */
export function tooltip(c: Chart, i: number): HTMLElement {
  const box = element('div', 'chart-tip')
  const span = c.spans[i]
  if (!span) return box
  box.append(element('p', 'chart-tip-head', periodLabel(span.from, span.to, c.step, c.zone)))
  const shown = shownAt(c, i)
  if (shown.total === null) {
    box.append(element('p', '', terms[c.why?.[i] ?? 'missing'].join(': ')))
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
