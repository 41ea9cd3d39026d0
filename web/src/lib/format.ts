import { apportion } from './apportion'

/** The quantities that are shown, each with the unit in which the API gives it. */
export type Quantity = 'carbon' | 'energy'

interface Unit {
  readonly name: string
  /** How much of the API's unit it is: kWh, gCO2e. */
  readonly of: number
}

const units: Record<Quantity, readonly Unit[]> = {
  energy: [
    { name: 'mWh', of: 1e-6 },
    { name: 'Wh', of: 1e-3 },
    { name: 'kWh', of: 1 },
    { name: 'MWh', of: 1e3 },
    { name: 'GWh', of: 1e6 },
  ],
  carbon: [
    { name: 'mg CO₂e', of: 1e-3 },
    { name: 'g CO₂e', of: 1 },
    { name: 'kg CO₂e', of: 1e3 },
    { name: 't CO₂e', of: 1e6 },
    { name: 'kt CO₂e', of: 1e9 },
  ],
}

/** What stands where nothing is known. It is not zero. */
export const missing = '–'

const numbers = new Map<number, Intl.NumberFormat>()

function fixed(digits: number): Intl.NumberFormat {
  let format = numbers.get(digits)
  if (!format) {
    format = new Intl.NumberFormat(undefined, { minimumFractionDigits: digits, maximumFractionDigits: digits })
    numbers.set(digits, format)
  }
  return format
}

/** A number with so many digits after the point, by the reader's locale. */
export const decimal = (value: number | null | undefined, digits: number): string =>
  value === null || value === undefined ? missing : fixed(digits).format(value)

/**
 * One unit and one number of digits for everything that is compared by eye: the
 * rows of a column, the parts of a whole.
 */
export class Scale {
  readonly unit: string
  readonly of: number
  readonly digits: number

  /** Four significant digits for the given value, which should be the largest that is no total. */
  constructor(quantity: Quantity, largest: number, significant = 4) {
    const list = units[quantity]
    const v = Math.abs(largest)
    const unit = v === 0 ? list[quantity === 'energy' ? 2 : 1]! : (list.findLast((u) => v >= u.of) ?? list[0]!)
    this.unit = unit.name
    this.of = unit.of
    // Nothing has no digits to tell.
    this.digits = v === 0 ? 0 : Math.max(0, significant - Math.max(1, Math.floor(Math.log10(v / unit.of)) + 1))
  }

  /** The shown integer: how many of the last shown digit. */
  shown(value: number): number {
    return Math.round((value / this.of) * 10 ** this.digits)
  }

  /** The text of a shown integer; something that is not zero never shows as zero. */
  text(shown: number, exact?: number): string {
    if (shown === 0 && exact !== undefined && exact !== 0) return '<' + fixed(this.digits).format(10 ** -this.digits)
    return fixed(this.digits).format(shown / 10 ** this.digits)
  }

  number(value: number | null | undefined): string {
    return value === null || value === undefined ? missing : this.text(this.shown(value), value)
  }

  full(value: number | null | undefined): string {
    return value === null || value === undefined ? missing : `${this.number(value)} ${this.unit}`
  }

  /** The shown integers of parts, which add up to the shown integer of their whole. */
  parts(values: readonly (number | null)[], whole: number): (number | null)[] {
    return apportion(values.map((v) => (v === null ? null : (v / this.of) * 10 ** this.digits)), whole)
  }
}

/** A value with the unit that suits it. */
export function amount(quantity: Quantity, value: number | null | undefined): string {
  return value === null || value === undefined ? missing : new Scale(quantity, value).full(value)
}

/** A ratio in percent. Only all is 100 % and only nothing is 0 %. */
export function percent(ratio: number | null | undefined, digits = 1): string {
  if (ratio === null || ratio === undefined) return missing
  const step = 10 ** -digits
  let value = Math.round((ratio * 100) / step) * step
  if (value >= 100 && ratio < 1) value = 100 - step
  if (value <= 0 && ratio > 0) return `<${fixed(digits).format(step)} %`
  // Sums of rounded parts may be a little more than their whole.
  return `${ratio >= 1 ? fixed(0).format(100) : fixed(digits).format(value)} %`
}

export const intensity = (value: number | null | undefined): string => decimal(value, value !== null && value !== undefined && value < 10 ? 1 : 0)

export const intensityUnit = 'g CO₂e/kWh'

const sign = (value: number): string => (value > 0 ? '+' : value < 0 ? '−' : '±')

/** A change in percent with its sign, for comparisons. */
export function change(before: number | null, after: number | null): string {
  if (before === null || after === null || before === 0) return missing
  const ratio = (after - before) / before
  const text = fixed(1).format(Math.abs(ratio) * 100)
  return `${sign(Math.round(ratio * 1000))}${text} %`
}

/** A difference, with its sign and so many digits. */
export const signed = (value: number, digits: number): string => `${sign(value)}${fixed(digits).format(Math.abs(value))}`

/** A length of time for people. */
export function duration(seconds: number): string {
  const s = Math.round(seconds)
  if (s < 90 && s !== 60) return `${s} s`
  if (s < 90 * 60 && s !== 3600) return `${Math.round(s / 60)} min`
  if (s < 48 * 3600) return `${decimal(s / 3600, s % 3600 === 0 ? 0 : 1)} h`
  return `${decimal(s / 86400, s % 86400 === 0 ? 0 : 1)} days`
}

export const count = (n: number): string => fixed(0).format(n)
