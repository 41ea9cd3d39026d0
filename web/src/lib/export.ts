/** What is shown as a table: a heading with unit for each column, exact values. */
export interface Sheet {
  readonly name: string
  readonly about: Readonly<Record<string, unknown>>
  readonly columns: readonly string[]
  readonly rows: readonly (readonly (string | number | boolean | null)[])[]
}

/** RFC 4180; what is unknown is an empty cell. */
export function csv(sheet: Sheet): string {
  const line = (cells: readonly (string | number | boolean | null)[]) => cells.map(cell).join(',') + '\r\n'
  return line(sheet.columns) + sheet.rows.map(line).join('')
}

function cell(value: string | number | boolean | null): string {
  if (value === null) return ''
  const text = typeof value === 'number' ? plain(value) : String(value)
  // A spreadsheet takes a text that begins like this for a formula.
  const safe = typeof value === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** A number without an exponent, as the API writes it. */
export function plain(value: number): string {
  const text = String(value)
  if (!text.includes('e')) return text
  return value.toFixed(9).replace(/\.?0+$/, '')
}

/** The same as objects, with what the figures are of. */
export function json(sheet: Sheet): string {
  const rows = sheet.rows.map((row) => Object.fromEntries(sheet.columns.map((name, i) => [name, row[i] ?? null])))
  return JSON.stringify({ ...sheet.about, rows }, null, 2) + '\n'
}

export function download(name: string, type: string, text: string) {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([text], { type }))
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}
