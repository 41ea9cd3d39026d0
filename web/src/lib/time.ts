/** Dates and instants in the time zone of the ledger, whatever the reader's is. */

type Format = Pick<Intl.DateTimeFormat, 'format' | 'formatToParts'>

const formats = new Map<string, Format>()

function format(zone: string, options: Intl.DateTimeFormatOptions): Format {
  const key = zone + JSON.stringify(options)
  let f = formats.get(key)
  if (!f) {
    const own = new Intl.DateTimeFormat(undefined, { ...options, timeZone: zone })
    f = { format: (at) => isolated(own.format(at)), formatToParts: (at) => own.formatToParts(at) }
    formats.set(key, f)
  }
  return f
}

/** A date that is written from right to left, set apart (U+2067, U+2069): the text around it would mix its numbers with its words. */
export const isolated = (text: string): string => (/[\u0590-\u08ff]/.test(text) ? `\u2067${text}\u2069` : text)

export type Step = 'slot' | '1h' | '1d' | '1mo'

export const stepNames: Readonly<Record<Step, string>> = { slot: 'Slot', '1h': 'Hour', '1d': 'Day', '1mo': 'Month' }

/** The date of an instant in a zone, as 2026-01-31. */
export const dateOf = (at: Date, zone: string): string => wall(zone).format(at).slice(0, 10)

/** An instant in a zone as 2026-01-31 23:59:59. */
export const localTime = (at: string, zone: string): string => wall(zone).format(new Date(at))

const walls = new Map<string, Intl.DateTimeFormat>()

// Swedish writes dates and times as ISO 8601 does.
function wall(zone: string): Intl.DateTimeFormat {
  let f = walls.get(zone)
  if (!f) walls.set(zone, (f = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit' })))
  return f
}

/** The date so many days later. */
export function addDays(date: string, days: number): string {
  const at = new Date(`${date}T00:00:00Z`)
  at.setUTCDate(at.getUTCDate() + days)
  return at.toISOString().slice(0, 10)
}

/** The month so many months later, as 2026-01. */
export function addMonths(month: string, months: number): string {
  const at = new Date(`${month}-01T00:00:00Z`)
  at.setUTCMonth(at.getUTCMonth() + months)
  return at.toISOString().slice(0, 7)
}

// Seconds are told where an instant is within a minute: slots and windows may be that short.
const within = (...instants: (string | Date)[]): boolean => instants.some((at) => new Date(at).getUTCSeconds() !== 0)

const time = (seconds: boolean): Intl.DateTimeFormatOptions => ({ hour: '2-digit', minute: '2-digit', ...(seconds ? { second: '2-digit' } : {}), hourCycle: 'h23' })

const onAxis = {
  second: time(true),
  minute: time(false),
  day: { day: 'numeric', month: 'short' },
  month: { month: 'short' },
} as const satisfies Record<string, Intl.DateTimeFormatOptions>

/** A short name of a time, a day or a month, for an axis. */
export const axisLabel = (from: string, of: keyof typeof onAxis, zone: string): string => format(zone, onAxis[of]).format(new Date(from))

/** The full name of a period, with its offset where an hour may come twice. */
export function periodLabel(from: string, to: string, step: Step, zone: string): string {
  const at = new Date(from)
  switch (step) {
    case '1mo':
      return format(zone, { month: 'long', year: 'numeric' }).format(at)
    case '1d':
      return format(zone, { weekday: 'short', day: 'numeric', month: 'long', year: 'numeric' }).format(at)
    default: {
      const seconds = within(from, to)
      const begin = zoneName(from, zone) === zoneName(to, zone) ? hour(from, zone, seconds) : clock(from, zone, seconds)
      return `${format(zone, { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' }).format(at)}, ${begin} to ${clock(to, zone, seconds)}`
    }
  }
}

const hour = (at: string | Date, zone: string, seconds = false): string => format(zone, time(seconds)).format(new Date(at))

/** What the zone is called at an instant: another name before and after the clocks change. */
export const zoneName = (at: string, zone: string): string =>
  format(zone, { hour: '2-digit', timeZoneName: 'short' }).formatToParts(new Date(at)).find((p) => p.type === 'timeZoneName')?.value ?? ''

export const day = (at: string | Date, zone: string): string =>
  format(zone, { day: 'numeric', month: 'short', year: 'numeric' }).format(new Date(at))

export const instant = (at: string | Date, zone: string, seconds = false): string =>
  format(zone, { day: 'numeric', month: 'short', year: 'numeric', ...time(seconds) }).format(new Date(at))

export const clock = (at: string | Date, zone: string, seconds = false): string =>
  format(zone, { ...time(seconds), timeZoneName: 'short' }).format(new Date(at))

export const weekday = (at: string | Date, zone: string): string => format(zone, { weekday: 'short' }).format(new Date(at))

export const monthName = (date: string): string =>
  format('UTC', { month: 'short' }).format(new Date(`${date.slice(0, 7)}-01T00:00:00Z`))

// A day may begin at 01:00, where the clocks change at midnight.
const beginsDay = (at: string, zone: string): boolean => dateOf(new Date(at), zone) !== dateOf(new Date(Date.parse(at) - 1), zone)

/** A span to the second, which windows of services need. */
export function exactly(from: string, to: string, zone: string): string {
  return `${instant(from, zone, true)} to ${hour(to, zone, true)}`
}

/** A half-open window in words: whole days are named by their dates. */
export function windowLabel(from: string, to: string, zone: string): string {
  if (beginsDay(from, zone) && beginsDay(to, zone)) {
    const last = new Date(new Date(to).getTime() - 1000)
    const a = day(from, zone)
    const b = day(last, zone)
    return a === b ? a : `${a} to ${b}`
  }
  const seconds = within(from, to)
  const sameDay = dateOf(new Date(from), zone) === dateOf(new Date(to), zone)
  return `${instant(from, zone, seconds)} to ${sameDay ? hour(to, zone, seconds) : instant(to, zone, seconds)}`
}
