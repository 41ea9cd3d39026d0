import { addDays, addMonths, dateOf, type Step } from './time'

/** A period in the words of the address. */
export interface Period {
  readonly last?: string
  readonly from?: string
  readonly to?: string
  readonly month?: string
  readonly quarter?: string
}

/** The periods that are offered, the length in days. */
export const lasts = [
  { id: '24h', name: '24 hours', days: 1 },
  { id: '7d', name: '7 days', days: 7 },
  { id: '30d', name: '30 days', days: 30 },
  { id: '90d', name: '90 days', days: 90 },
  { id: '365d', name: '12 months', days: 365 },
] as const

export function periodOf(params: URLSearchParams, otherwise: string): Period {
  const named = ['from', 'to', 'month', 'quarter'] as const
  const out: Record<string, string> = {}
  for (const name of named) {
    const value = params.get(name)
    if (value) out[name] = value
  }
  if (Object.keys(out).length > 0) return out
  const last = params.get('last') ?? otherwise
  return { last: lasts.some((l) => l.id === last) ? last : otherwise }
}

/** The parameters of a query for a period. */
export function windowParams(p: Period, now: Date, zone: string): Record<string, string> {
  if (p.month) return { month: p.month }
  if (p.quarter) return { quarter: p.quarter }
  if (p.from) return p.to ? { from: p.from, to: p.to } : { from: p.from }
  if (p.last === '24h') return {}
  const days = lasts.find((l) => l.id === p.last)?.days ?? 30
  const today = dateOf(now, zone)
  return { from: addDays(today, 1 - days), to: today }
}

/** The first and the last date of a period; none for the last 24 hours. */
export function datesOf(p: Period, now: Date, zone: string): Record<string, string> {
  const month = (first: string, n: number) => ({ from: `${first}-01`, to: addDays(`${addMonths(first, n)}-01`, -1) })
  if (p.month) return month(p.month, 1)
  if (p.quarter) return month(`${p.quarter.slice(0, 4)}-${String(Number(p.quarter.slice(-1)) * 3 - 2).padStart(2, '0')}`, 3)
  return windowParams(p, now, zone)
}

/** How many days a period has, about. */
export function daysOf(p: Period): number {
  if (p.month) return 31
  if (p.quarter) return 92
  if (p.from && p.to) return Math.max(p.to.length > 10 ? 0 : 1, (Date.parse(p.to) - Date.parse(p.from)) / 86_400_000 + (p.to.length > 10 ? 0 : 1))
  return lasts.find((l) => l.id === p.last)?.days ?? 30
}

// So many bars still have a shape together.
const mostSlots = 1500
const slotsFit = (days: number, slot: number) => days <= 7 && (days * 86_400_000) / slot <= mostSlots

/** The step that shows a period well; a slot has so many milliseconds. */
export function stepFor(p: Period, slot: number): Step {
  const days = daysOf(p)
  if (days <= 1 && slotsFit(days, slot)) return 'slot'
  if (days <= 7) return '1h'
  return days <= 120 ? '1d' : '1mo'
}

/**
 * The steps that a period may be shown in: neither one bar nor more than a reader can
 * tell apart. A total also shows a year of hours, whose shape is seen if not each bar.
 */
export function stepsFor(p: Period, slot: number, total = false): Step[] {
  const days = daysOf(p)
  const out: Step[] = []
  if (slotsFit(days, slot)) out.push('slot')
  if (days <= (total ? 400 : 31)) out.push('1h')
  if (days > 1 && days <= 400) out.push('1d')
  if (days > 60) out.push('1mo')
  return out
}

/** The period of the same length just before: a month before a month, days before days. */
export function before(p: Period, now: Date, zone: string): Record<string, string> {
  if (p.month) return { month: addMonths(p.month, -1) }
  if (p.quarter) {
    const [year, q] = p.quarter.split('-Q')
    return { quarter: q === '1' ? `${Number(year) - 1}-Q4` : `${year}-Q${Number(q) - 1}` }
  }
  const w = windowParams(p, now, zone)
  if (!w['from']) {
    const to = new Date(Math.floor((now.getTime() - 86_400_000) / 1_800_000) * 1_800_000 + 1_800_000)
    return { from: new Date(to.getTime() - 86_400_000).toISOString(), to: to.toISOString() }
  }
  const to = w['to'] ?? dateOf(now, zone)
  if (w['from'].length > 10 || to.length > 10) {
    const length = Date.parse(to) - Date.parse(w['from'])
    return { from: new Date(Date.parse(w['from']) - length).toISOString(), to: new Date(Date.parse(w['from'])).toISOString() }
  }
  const days = Math.round((Date.parse(to) - Date.parse(w['from'])) / 86_400_000) + 1
  return { from: addDays(w['from'], -days), to: addDays(w['from'], -1) }
}

/** The same dates a year earlier. */
export function yearBefore(p: Period, now: Date, zone: string): Record<string, string> {
  const back = (date: string) => `${Number(date.slice(0, 4)) - 1}${date.slice(4)}`
  const w = p.last === '24h' ? { from: addDays(dateOf(now, zone), -1), to: dateOf(now, zone) } : windowParams(p, now, zone)
  return Object.fromEntries(Object.entries(w).map(([name, value]) => [name, back(value)]))
}

/** A path of the API with parameters; those that are empty are left out. */
export function path(at: string, params: Record<string, string | readonly string[] | undefined>): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(params)) {
    if (value === undefined || value === '') continue
    if (typeof value === 'string') query.set(name, value)
    else for (const one of value) query.append(name, one)
  }
  const text = query.toString()
  return text ? `${at}?${text}` : at
}

/** The parameters without a period. */
export const cleared = { last: undefined, from: undefined, to: undefined, month: undefined, quarter: undefined, slot: undefined } as const

/** The parameters of one day. */
export const oneDay = (date: string) => ({ ...cleared, step: undefined, from: date, to: date })

/** The parameters of a month that is looked at closer, or of the day of something shorter. */
export function closer(from: string, step: Step, zone: string) {
  const date = dateOf(new Date(from), zone)
  return step === '1mo' ? { ...cleared, step: undefined, month: date.slice(0, 7) } : oneDay(date)
}
