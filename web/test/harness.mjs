// What the browser tests share: one browser, pages that report every error, a
// check by axe, and the command line to compare with.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { chromium } from 'playwright-core'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

export const env = (name) => {
  const value = process.env[name]
  assert.ok(value, `${name} is not set: these tests are run by go test ./cmd/dendro -run Dashboard`)
  return value
}

export const screens = process.env.DENDRO_SCREENS
if (screens) mkdirSync(screens, { recursive: true })

export const browser = await chromium.launch({
  executablePath: process.env.DENDRO_CHROMIUM || '/usr/bin/chromium',
  args: ['--no-sandbox', '--force-color-profile=srgb', '--lang=en-GB'],
})

const faults = []

/** A page of its own, with every error of it remembered. */
export async function open(url, { theme = 'light', width = 1440, height = 900, expect = [] } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: theme, locale: 'en-GB', timezoneId: 'Asia/Tokyo', reducedMotion: 'reduce', acceptDownloads: true })
  const page = await context.newPage()
  page.setDefaultTimeout(15_000)
  page.on('console', (m) => {
    if (['error', 'warning'].includes(m.type()) && !expect.some((e) => m.text().includes(e))) faults.push(`${page.url()}: ${m.text()}`)
  })
  page.on('pageerror', (e) => faults.push(`${page.url()}: ${e.stack}`))
  page.on('request', (r) => {
    if (!r.url().startsWith(new URL(url).origin) && !/^(blob|data):/.test(r.url())) faults.push(`asked another host: ${r.url()}`)
  })
  await page.goto(url)
  await settled(page)
  return page
}

/** Waits until nothing is asked for any more and the charts in sight are drawn. */
export async function settled(page) {
  await page.waitForFunction(() => document.querySelector('h1') && !document.querySelector('[aria-busy=true]'))
  await page.waitForFunction(() => [...document.querySelectorAll('.canvas')].every((c) => c.getBoundingClientRect().top > innerHeight || 'drawn' in c.dataset))
}

/** Fails on any violation of WCAG 2.2 AA that axe finds. */
export async function accessible(page, name, only) {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe)
  const found = await page.evaluate((rule) => axe.run(document, { ...(rule ? { runOnly: { type: 'rule', values: [rule] } } : { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }), resultTypes: ['violations'] }), only)
  assert.deepEqual(
    found.violations.map((v) => `${name}: ${v.id}: ${v.help}: ${v.nodes.map((n) => n.html.slice(0, 160)).slice(0, 3).join(' | ')}`),
    [],
  )
}

export async function picture(page, name) {
  if (!screens) return
  await page.waitForTimeout(300)
  await page.screenshot({ path: `${screens}/${name}.png`, fullPage: true })
}

/** The answer of dendro query for a question, as JSON. */
export function query(config, ...args) {
  return JSON.parse(execFileSync('dendro', ['query', '--config', config, '--format', 'json', ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }))
}

// DENDRO_ONLY is a regular expression of the tests that are to be run.
const only = process.env.DENDRO_ONLY && new RegExp(process.env.DENDRO_ONLY)
let failed = 0
let passed = 0

export async function test(name, run) {
  if (only && !only.test(name)) return
  const began = Date.now()
  faults.length = 0
  try {
    await run()
    assert.deepEqual(faults, [])
    passed++
    console.log(`ok ${name} (${Date.now() - began} ms)`)
  } catch (error) {
    failed++
    console.log(`FAILED ${name}\n${error.stack}\n${faults.join('\n')}`)
  } finally {
    for (const context of browser.contexts()) await context.close()
  }
}

export async function end() {
  await browser.close()
  console.log(`${passed} passed, ${failed} failed`)
  process.exit(failed ? 1 : 0)
}

export { assert }
