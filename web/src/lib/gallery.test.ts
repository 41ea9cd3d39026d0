import { expect, it } from 'vitest'

const sources = import.meta.glob('../{pages,parts,charts}/*.svelte', { query: '?raw', import: 'default', eager: true }) as Record<string, string>

// They ask the server themselves, or are the frame of all pages: their states are shown in a browser
// (test/states.mjs, test/explain.mjs, test/trust.mjs).
const elsewhere = ['Explain', 'Explained', 'Foundation', 'Token', 'TopBar'].map((name) => `../parts/${name}.svelte`)

/** All components that one imports, and those that these import. */
function reached(path: string, seen = new Set<string>()): Set<string> {
  const text = sources[path]
  if (text === undefined || seen.has(path)) return seen
  seen.add(path)
  for (const [, to] of text.matchAll(/from '([^']+\.svelte)'/g)) reached(new URL(to ?? '', `file:///x/${path.slice(3)}`).pathname.replace('/x', '..'), seen)
  return seen
}

it('the page of components has every component', () => {
  const all = Object.keys(sources).filter((path) => !path.startsWith('../pages/'))
  const there = reached('../pages/Gallery.svelte')
  expect(all.length).toBeGreaterThan(25)
  expect(all.filter((path) => !there.has(path)).sort()).toEqual(elsewhere)
})
