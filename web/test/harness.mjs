// What the browser tests share: one browser, pages that report every error, a
// check by axe, and the command line to compare with.
import assert from 'node:assert/strict'
import { AsyncLocalStorage } from 'node:async_hooks'
import { execFile, spawn } from 'node:child_process'
import { promisify } from 'node:util'
import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { chromium } from 'playwright-core'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

export const env = (name) => {
  const value = process.env[name]
  assert.ok(value, `${name} is not set: these tests are run by go test ./cmd/dendro -run Dashboard`)
  return value
}

/** Servers of all scripts of the dashboard, and the days that the real facility was watched. */
export const [real, demo, config] = ['DENDRO_REAL', 'DENDRO_DEMO', 'DENDRO_CONFIG'].map((name) => process.env[name])
export const whole = 'from=2026-03-28&to=2026-03-30'

export const screens = process.env.DENDRO_SCREENS
if (screens) mkdirSync(screens, { recursive: true })

// Without a graphics card what is drawn by one is drawn by the processor, and slower than by Skia itself.
export const browser = await chromium.launch({
  executablePath: env('DENDRO_CHROMIUM'),
  args: ['--no-sandbox', '--disable-gpu', '--force-color-profile=srgb', '--lang=en-GB'],
})

// What a test has opened and what went wrong in it: tests run side by side.
const current = new AsyncLocalStorage()

// While the simulated days are closed one after the other its pages ask again without end.
let filled
const full = () => (filled ??= until(`${demo}/api/v1/status`, (s) => s.lag_s < 3600, 180_000))

/** A page of its own, with every error of it remembered; a quick one is not waited for. */
export async function open(url, { theme = 'light', width = 1440, height = 900, expect = [], locale = 'en-GB', quick = false } = {}) {
  const { faults, contexts, asked } = current.getStore()
  if (demo && url.startsWith(demo)) await full()
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: theme, locale, timezoneId: 'Asia/Tokyo', reducedMotion: 'reduce', acceptDownloads: true })
  contexts.push(context)
  await context.addInitScript(() => addEventListener('securitypolicyviolation', (e) => console.error(`against the policy: ${e.violatedDirective} ${e.blockedURI}`)))
  const page = await context.newPage()
  page.setDefaultTimeout(20_000)
  page.on('console', (m) => {
    if (['error', 'warning'].includes(m.type()) && !expect.some((e) => m.text().includes(e))) faults.push(`${page.url()}: ${m.text()}`)
  })
  page.on('pageerror', (e) => faults.push(`${page.url()}: ${e.stack}`))
  page.on('request', (r) => {
    asked.add(r)
    if (!r.url().startsWith(new URL(url).origin) && !/^(blob|data):/.test(r.url())) faults.push(`asked another host: ${r.url()}`)
  })
  for (const end of ['requestfinished', 'requestfailed']) page.on(end, (r) => asked.delete(r))
  page.on('response', async (r) => {
    if ('set-cookie' in r.headers()) faults.push(`a cookie: ${r.url()}`)
    if (r.status() >= 400 && !expect.some((e) => e === String(r.status()))) faults.push(`${r.status()} ${r.url()}: ${await r.text().catch(() => '')}`)
  })
  await page.goto(url, quick ? { waitUntil: 'commit' } : {})
  if (!quick) await settled(page)
  return page
}

/** Waits until nothing is asked for any more and the charts in sight are drawn. */
export async function settled(page) {
  await page.waitForFunction(() => document.querySelector('h1') && !document.querySelector('[aria-busy=true]'))
  await page.waitForFunction(() => [...document.querySelectorAll('.canvas')].every((c) => c.getBoundingClientRect().top > innerHeight || 'drawn' in c.dataset))
}

// The areas of a tree are in proportion, which WCAG calls essential, and each can be reached by arrow
// keys and as a row of Explore: their size is not judged. Judging it would take axe half a minute.
const sizes = 'target-size'
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
// Of many areas and rows that are alike the first are looked at.
const alike = [['.map button:nth-child(n+24)'], ['tr[data-row]:nth-child(n+8)'], ['.table tbody tr:nth-child(n+8)']]

/** Fails on any violation of WCAG 2.2 AA that axe finds; of one rule alone if it is named. */
export async function accessible(page, name, only) {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe)
  const look = (exclude, runOnly, rules = {}) =>
    page.evaluate(([e, r, o]) => axe.run({ exclude: e }, { runOnly: r, rules: o, resultTypes: ['violations'], preload: false }), [exclude, runOnly, rules])
  const rule = (id) => ({ type: 'rule', values: [id] })
  const found = only
    ? [await look(alike, rule(only))]
    : [await look(alike, { type: 'tag', values: tags }, { [sizes]: { enabled: false } }), await look([...alike, ['.map']], rule(sizes))]
  assert.deepEqual(
    found.flatMap((f) => f.violations).map((v) => `${name}: ${v.id}: ${v.help}: ${v.nodes.map((n) => n.html.slice(0, 160)).slice(0, 3).join(' | ')}`),
    [],
  )
}

/**
 * Looks at what is shown as everybody may see it: light, dark, and on a phone, where nothing may be wider
 * than the screen. Another theme changes the colours alone, so contrast alone is looked at.
 */
export async function everywhere(page, name) {
  await accessible(page, `${name} light`)
  await picture(page, `${name}-light`)
  await page.emulateMedia({ colorScheme: 'dark' })
  await accessible(page, `${name} dark`, 'color-contrast')
  await picture(page, `${name}-dark`)
  await page.emulateMedia({ colorScheme: 'light' })
  await page.setViewportSize({ width: 360, height: 740 })
  await frames(page)
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
  assert.ok(wide <= 0, `${name}: ${wide} pixels wider than a phone`)
  await accessible(page, `${name} on a phone`)
  await picture(page, `${name}-phone`)
  await page.setViewportSize({ width: 1440, height: 900 })
  await frames(page)
}

/** Waits until what was changed is laid out and drawn. */
export const frames = (page) => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))))

export async function picture(page, name) {
  if (!screens) return
  await page.waitForTimeout(300)
  await page.screenshot({ path: `${screens}/${name}.png`, fullPage: true })
}

const run = promisify(execFile)

/** The answer of dendro query for a question, as JSON. */
export async function query(config, ...args) {
  const { stdout } = await run('dendro', ['query', '--config', config, '--format', 'json', ...args], { encoding: 'utf8', maxBuffer: 1 << 26 })
  return JSON.parse(stdout)
}

/** A server of a test's own that ends with it, with the addresses that it says: API, and OTLP if spans are received. */
export async function serve(...args) {
  const child = spawn('dendro', ['serve', ...args], { stdio: ['ignore', 'pipe', 'ignore'] })
  current.getStore().servers.push(child)
  const addresses = await new Promise((found, failed) => {
    let text = ''
    child.stdout.on('data', (d) => {
      text += d
      if (/\n\n[^ ]/.test(text)) found(Object.fromEntries([...text.matchAll(/^ +(\w+) +(http:\/\/\S+)/gm)].map((m) => [m[1], m[2]])))
    })
    child.on('exit', () => failed(new Error(`dendro serve ended: ${text}`)))
  })
  return { url: new URL(addresses.API).origin, otlp: addresses.OTLP, stop: () => child.kill('SIGKILL') }
}

/** Asks the server until what it answers is as wanted. */
export async function until(url, wanted, patience = 60_000) {
  for (const limit = Date.now() + patience; ; await new Promise((done) => setTimeout(done, 200))) {
    const answer = await (await fetch(url)).json()
    if (wanted(answer)) return answer
    assert.ok(Date.now() < limit, `${url}: ${JSON.stringify(answer).slice(0, 500)}`)
  }
}

// DENDRO_ONLY is a regular expression of the tests that are to be run.
const only = process.env.DENDRO_ONLY && new RegExp(process.env.DENDRO_ONLY)
// So many run at once: most of a test is waiting for what others do too.
const lanes = Number(process.env.DENDRO_LANES || 3)
const queue = []

/** Keeps a test for the end of the script. One that measures runs alone, after the others. */
export function test(name, run, { alone = false } = {}) {
  if (!only || only.test(name)) queue.push({ name, run, alone })
}

async function attempt({ name, run }) {
  const began = Date.now()
  const own = { faults: [], contexts: [], servers: [], notes: [], asked: new Set() }
  try {
    await current.run(own, run)
    for (const c of own.contexts) assert.deepEqual(await c.cookies(), [])
    assert.deepEqual(own.faults, [])
    console.log([...own.notes, `ok ${name} (${Date.now() - began} ms)`].join('\n'))
    return true
  } catch (error) {
    const waiting = [...own.asked].map((r) => r.url()).filter((url) => !url.endsWith('/events'))
    const busy = await Promise.all(own.contexts.flatMap((c) => c.pages()).map((p) => p.$$eval('[aria-busy=true]', (all) => all.map((e) => e.querySelector('h1, h2')?.textContent ?? e.id)).catch(() => [])))
    console.log([`FAILED ${name}`, error.stack, ...own.faults, `not answered: ${waiting.join(' ')}`, `busy: ${busy.flat().join(', ')}`].join('\n'))
    return false
  } finally {
    await Promise.all(own.contexts.map((c) => c.close()))
    own.servers.forEach((s) => s.kill('SIGKILL')) // after the pages, which would miss them
  }
}

/** Tells a figure with the test that measured it. */
export const note = (text) => current.getStore().notes.push(`   ${text}`)

/** Runs all tests of the script and ends the program. */
export async function end() {
  const together = queue.filter((t) => !t.alone)
  const results = []
  await Promise.all(Array.from({ length: lanes }, async () => {
    for (let t = together.shift(); t; t = together.shift()) results.push(await attempt(t))
  }))
  for (const t of queue.filter((t) => t.alone)) results.push(await attempt(t))
  await browser.close()
  const failed = results.filter((ok) => !ok).length
  console.log(`${results.length - failed} passed, ${failed} failed`)
  process.exit(failed ? 1 : 0)
}

export { assert }
