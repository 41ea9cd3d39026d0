/** Reads the colours of the theme, which charts on a canvas need as values. */
export function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()
}

/** The colours of series, in order. After these there is the rest. */
export const series = ['s1', 's2', 's3', 's4', 's5', 's6', 's7', 's8'] as const

// What belongs to nobody has no colour, and each such thing its own grey.
const greys: Readonly<Record<string, string>> = { unattributed: 'rest', unknown: 'rest-2', idle: 'rest-3', other: 'rest-3' }

/** Gives each account the next colour, and each rest its grey. */
export function coloured<T extends { readonly kind: string }>(nodes: readonly T[]): { node: T; colour: string }[] {
  let k = 0
  return nodes.map((node) => ({ node, colour: node.kind === 'account' ? (series[k++ % series.length] ?? 's1') : (greys[node.kind] ?? 'rest') }))
}

/** Diagonal lines, for what is estimated or missing. */
export function hatch(line: string, ground = 'transparent', width = 1.6): { image: HTMLCanvasElement; repeat: 'repeat' } {
  const size = 7
  const image = document.createElement('canvas')
  image.width = image.height = size
  const c = image.getContext('2d')
  if (c) {
    c.fillStyle = ground
    c.fillRect(0, 0, size, size)
    c.strokeStyle = line
    c.lineWidth = width
    for (const x of [-size, 0, size]) {
      c.beginPath()
      c.moveTo(x - 1, size + 1)
      c.lineTo(x + size + 1, -1)
      c.stroke()
    }
  }
  return { image, repeat: 'repeat' }
}
