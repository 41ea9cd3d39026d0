/** Reads the colours of the theme, which charts on a canvas need as values. */
export function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()
}

/** The colours of series, in order. After these there is the rest. */
export const series = ['s1', 's2', 's3', 's4', 's5', 's6', 's7', 's8'] as const

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
