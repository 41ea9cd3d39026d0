import { axisLabel, localTime, type Step, zoneName } from '../lib/time'
import type { Span } from './model'

/** The names along an axis of time, by the index of the period that they stand under. */
export type Ticks = ReadonlyMap<number, string>

const minute = 60
const hour = 60 * minute

// How far names may be apart within a day, in seconds. Each divides a day.
const apart = [1, 5, 10, 15, 30, minute, 2 * minute, 5 * minute, 10 * minute, 15 * minute, 30 * minute, hour, 2 * hour, 3 * hour, 6 * hour, 12 * hour]

// The width that a name needs, with the space to the next one.
const room = { second: 66, minute: 48, day: 58, month: 54 } as const

interface At {
  /** In the zone of the ledger. */
  readonly date: string
  readonly seconds: number
  /** Days since a Monday. */
  readonly day: number
  readonly month: number
}

function at(from: string, zone: string): At {
  const text = localTime(from, zone)
  const date = text.slice(0, 10)
  const [h, m, s] = text.slice(11).split(':').map(Number)
  // The 5th of January 1970 was a Monday.
  return { date, seconds: h! * hour + m! * minute + s!, day: Date.parse(date) / 86_400_000 - 4, month: Number(date.slice(0, 4)) * 12 + Number(date.slice(5, 7)) - 1 }
}

/** One way to choose: which periods are named, how much room a name needs, and how it is written. */
interface Way {
  readonly named: (a: At, i: number) => boolean
  readonly room: number
  readonly style: 'second' | 'minute' | 'day' | 'month'
}

/** The ways to name a step, the closest first. */
function ways(step: Step, all: readonly At[]): Way[] {
  const months = [1, 2, 3, 6, 12].map((n): Way => ({ named: (a) => a.month % n === 0 && (step === '1mo' || a.date.endsWith('-01')), room: room.month, style: 'month' }))
  if (step === '1mo') return months
  // Every day, every second one from the first on, every Monday.
  const first = all[0]?.day ?? 0
  const days = [1, 2, 7, 14].map((n): Way => ({ named: (a) => (a.day - (n < 7 ? first : 0)) % n === 0, room: room.day, style: 'day' }))
  if (step === '1d') return [...days, ...months]
  const times = apart.map((n): Way => (n < minute ? { named: (a) => a.seconds % n === 0, room: room.second, style: 'second' } : { named: (a) => a.seconds % n === 0, room: room.minute, style: 'minute' }))
  // A day may begin after midnight, where the clocks change then: its first period stands for it.
  const begins = (a: At, i: number) => (i > 0 ? all[i - 1]!.date !== a.date : a.seconds === 0)
  const exact = all.some((a) => a.seconds % minute !== 0)
  return [...(exact ? times : times.filter((w) => w.style === 'minute')), ...[...days, ...months].map((w): Way => ({ ...w, named: (a, i) => begins(a, i) && w.named(a, i) }))]
}

/** Whether all names that a way gives fit beside each other, and there are any. */
function fits(way: Way, all: readonly At[], each: number): boolean {
  let last: number | undefined
  for (let i = 0; i < all.length; i++) {
    if (!way.named(all[i]!, i)) continue
    if (last !== undefined && (i - last) * each < way.room) return false
    last = i
  }
  return last !== undefined
}

/**
 * Chooses the periods that are named: at round times, as many as there is room for. A date, a year
 * or another offset from UTC stands below the first name for which it holds.
 */
export function ticks(spans: readonly Span[], step: Step, zone: string, width: number): Ticks {
  const all = spans.map((s) => at(s.from, zone))
  const way = ways(step, all).find((w) => fits(w, all, width / all.length))
  const out = new Map<number, string>()
  if (!way) return spans.length ? out.set(0, axisLabel(spans[0]!.from, 'day', zone)) : out
  const manyYears = all[0]!.date.slice(0, 4) !== all.at(-1)!.date.slice(0, 4)
  const timed = way.style === 'second' || way.style === 'minute'
  let before = { context: '', offset: '' }
  all.forEach((a, i) => {
    if (!way.named(a, i)) return
    const { from } = spans[i]!
    const context = timed ? axisLabel(from, 'day', zone) : way.style === 'month' || manyYears ? a.date.slice(0, 4) : ''
    const offset = timed ? zoneName(from, zone) : ''
    const below = context !== before.context ? context : before.offset !== offset ? offset : ''
    out.set(i, axisLabel(from, way.style, zone) + (below && `\n${below}`))
    before = { context, offset }
  })
  return out
}
