import { readFileSync } from 'node:fs'
import { rm, readdir } from 'node:fs/promises'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig, type Plugin } from 'vite'

const dist = '../internal/web/dist'

// The folder stays: Go embeds it, and a file in it keeps it in version control.
const empty: Plugin = {
  name: 'empty-dist',
  apply: 'build',
  async buildStart() {
    for (const name of await readdir(dist)) {
      if (name !== '.gitignore') await rm(`${dist}/${name}`, { recursive: true })
    }
  },
}

// Paths are relative, so that a proxy may serve the dashboard under any path.
export default defineConfig({
  base: './',
  plugins: [empty, svelte()],
  build: {
    outDir: dist,
    emptyOutDir: false,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 600,
  },
  // The page of components is for looking at, in development and in tests.
  server: { proxy: { '/api': process.env.DENDRO_URL ?? 'http://127.0.0.1:8420' } },
  define: { __LICENCES__: JSON.stringify(JSON.parse(readFileSync('./package.json', 'utf8')).dependencies) },
  test: { environment: 'node', include: ['src/**/*.test.ts'] },
} as never)
