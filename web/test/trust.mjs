// Drives the dashboard where trust is at stake: who may see it, what fails, what was
// restated, what another policy would say, what is printed and what is redrawn.
// cmd/dendro/dashboard_test.go starts the servers.
import { writeFileSync } from 'node:fs'
import { accessible, assert, config, demo, env, frames, note, open, picture, query, real, screens, settled, test, whole } from './harness.mjs'

const guarded = env('DENDRO_GUARDED')
const token = env('DENDRO_TOKEN')

const refused = { expect: ['401'] }

async function enter(page) {
  await page.getByLabel('Token').fill(token)
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.locator('[data-live=live]').waitFor()
  await settled(page)
}

test('who has no token sees the door, and who has it what is behind', async () => {
  const page = await open(`${guarded}/ui/?${whole}`, refused)
  await page.getByRole('heading', { name: 'A token is needed' }).waitFor()
  assert.equal(await page.locator('[data-kpi]').count(), 0)
  await accessible(page, 'door')
  await picture(page, 'token')
  await page.getByLabel('Token').fill('something else')
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByRole('alert').getByText('does not know the token').waitFor()
  await enter(page)
  await page.locator('[data-kpi=carbon]').waitFor()
  assert.deepEqual(await page.context().cookies(), [])
  assert.equal(await page.evaluate(() => JSON.stringify(localStorage)), '{}', 'the token is kept for the tab alone')
  assert.doesNotMatch(page.url(), /let/, 'the token is not in the address')
})

test('what fails is told with what to do, what was restated with its reason', async () => {
  const page = await open(`${guarded}/ui/status`, refused)
  await enter(page)
  const trouble = page.locator('.troubles li').first()
  await trouble.getByText('connection refused').waitFor({ timeout: 30_000 })
  await trouble.getByText('Check that it runs').waitFor()
  await page.locator('nav .count').getByText('problems').waitFor()
  const rows = page.getByRole('region', { name: 'Restatements' }).locator('tbody tr')
  await page.waitForFunction(() => document.querySelectorAll('[aria-label=Restatements] tbody tr').length > 50, { timeout: 30_000 })
  assert.match(await rows.first().textContent(), /the configuration of models, names, places or policy changed/)
  const [before, after] = (await rows.first().locator('td').allTextContents()).slice(4, 6).map((t) => Number(t.replace(/[^\d.]/g, '')))
  assert.ok(Math.abs(after / before - 1.4) < 0.01, `${before} kWh became ${after}`)
  await accessible(page, 'troubles')
  await picture(page, 'troubles')
  await page.goto(`${guarded}/ui/account?from=2026-03-29&to=2026-03-29&where=facility%3DISIS&step=1h`)
  await settled(page)
  await page.locator('.legend').getByText('Restated').first().waitFor()
  await page.getByRole('button', { name: 'Show as a table' }).first().click()
  const told = await page.$$eval('.table tbody th', (list) => list.filter((th) => /restated/.test(th.textContent)).length)
  assert.equal(told, 23, 'each of the 23 hours of the day was restated')
  await accessible(page, 'restated account')
  await picture(page, 'restated')
})

test('two policies stand side by side, as dendro query compares them', async () => {
  const page = await open(`${real}/ui/explore?from=2026-03-30&to=2026-03-30&by=facility,group`)
  await page.getByLabel('Compare').selectOption('policy:spread')
  await page.locator('td.other').first().waitFor()
  await settled(page)
  assert.match(page.url(), /compare=policy:spread/)
  const answer = await query(config, '--by', 'facility,group', '--from', '2026-03-30', '--to', '2026-03-30', '--compare', 'spread')
  assert.ok(answer.nodes.some((n) => n.compared.operational_gco2e !== n.operational_gco2e), 'the policies differ')
  const unit = { 'g CO₂e': 1, 'kg CO₂e': 1e3 }[(await page.locator('thead th.other').textContent()).replace(/^.*, /, '')]
  const cells = await page.$$eval('tr[data-row]', (rows) => rows.map((r) => [r.dataset.row, ...['carbon', 'other', 'change'].map((c) => r.querySelector(`td.${c}`).textContent.trim())]))
  assert.equal(cells.length, answer.nodes.length)
  const number = (text) => Number(text.replaceAll(',', '').replace('−', '-').replace('±', ''))
  for (const [name, own, other, difference] of cells) {
    const node = answer.nodes.find((n) => n.path.join('/') === name)
    const step = 10 ** -own.split('.')[1].length
    assert.ok(Math.abs(number(other) - node.compared.operational_gco2e / unit) <= step * 1.0001, `${name}: ${other}`)
    assert.ok(Math.abs(number(other) - number(own) - number(difference)) < step / 10, `${name}: ${own}, ${other}, ${difference}`)
  }
  await accessible(page, 'policies')
  await picture(page, 'policies')
  await page.getByLabel('Policy', { exact: true }).selectOption('spread')
  await settled(page)
  const under = await query(config, '--by', 'facility,group', '--from', '2026-03-30', '--to', '2026-03-30', '--policy', 'spread')
  const group = under.nodes.find((n) => n.path[1] === 'IDAaaS_SANS')
  await page.waitForFunction((is) => Math.abs(Number(document.querySelector('tr[data-row="ISIS/IDAaaS_SANS"] td.carbon')?.textContent) - is) < 0.1001, group.operational_gco2e / unit)
})

/** Whether anything but its ground is drawn on each canvas. */
const drawn = (page) =>
  page.$$eval('.canvas', (list) =>
    list.map((box) => {
      const canvas = box.querySelector('canvas')
      if (!canvas || !canvas.width || !canvas.height) return false
      const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data
      for (let i = 3; i < pixels.length; i += 4) if (pixels[i] !== 0) return true
      return false
    }),
  )

/**
 * For each of n periods, how much of its place on the first chart is covered up to the very top of the grid,
 * where there are no bars. The grid is found by its axis: the longest line.
 */
const covered = (page, n) =>
  page.$eval('.canvas canvas', (canvas, periods) => {
    const { width, height } = canvas
    const copy = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })
    copy.drawImage(canvas, 0, 0)
    const pixels = copy.getImageData(0, 0, width, height).data
    const on = (x, y) => pixels[(y * width + x) * 4 + 3] !== 0
    const run = (y) => {
      let best = { from: 0, length: 0, y }
      for (let x = 0, from = 0; x <= width; x++) {
        if (x < width && on(x, y)) continue
        if (x - from > best.length) best = { from, length: x - from, y }
        from = x + 1
      }
      return best
    }
    const lines = Array.from({ length: height }, (_, y) => run(y)).filter((r) => r.length > width / 2)
    const [top, axis] = [lines[0], lines.at(-1)]
    const rows = Array.from({ length: Math.round((axis.y - top.y) * 0.06) }, (_, i) => top.y + 2 + i)
    return Array.from({ length: periods }, (_, i) => {
      const at = (part) => Math.round(axis.from + ((i + part) * axis.length) / periods)
      const xs = Array.from({ length: at(0.8) - at(0.2) }, (_, k) => at(0.2) + k)
      return xs.flatMap((x) => rows.map((y) => on(x, y))).filter(Boolean).length / (xs.length * rows.length)
    })
  }, n)

test('what is missing is hatched in its place, on screen and on paper', async () => {
  const unknown = (of) => of.series.map((p) => (p.operational_gco2e === null ? 1 : 0))
  for (const [path, args] of [
    [`/ui/?${whole}&step=1h`, ['--from', '2026-03-28', '--to', '2026-03-30', '--step', '1h']],
    [`/ui/?${whole}&step=slot`, ['--from', '2026-03-28', '--to', '2026-03-30', '--step', 'slot']],
  ]) {
    const want = unknown((await query(config, ...args)).total)
    assert.ok(want.includes(1) && want.includes(0))
    const page = await open(real + path)
    assert.deepEqual(await covered(page, want.length), want, `${path} on screen`)
    await page.setViewportSize({ width: 760, height: 1000 })
    await page.emulateMedia({ media: 'print' })
    await page.evaluate(() => dispatchEvent(new Event('beforeprint')))
    await frames(page)
    assert.deepEqual(await covered(page, want.length), want, `${path} on paper`)
    await picture(page, `gaps-print-${want.length}`)
  }
})

test('what is printed is light, whole and as wide as the paper', async () => {
  for (const [name, path] of [['overview', `/ui/?${whole}`], ['explore', `/ui/explore?${whole}&by=facility,group`], ['account', `/ui/account?${whole}&where=facility%3DISIS`]]) {
    const page = await open(real + path, { theme: 'dark' })
    await page.waitForFunction(() => [...document.querySelectorAll('.canvas')].every((c) => 'drawn' in c.dataset))
    await page.evaluate(() => addEventListener('beforeprint', () => queueMicrotask(() => queueMicrotask(() => (window.theme = document.documentElement.dataset.theme)))))
    const pdf = await page.pdf({ format: 'A4' })
    assert.equal(await page.evaluate(() => window.theme), 'light')
    assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'dark', 'the screen is as it was')
    const images = pdf.toString('latin1').split('/Subtype /Image').length - 1
    const charts = await page.locator('.canvas').count()
    assert.ok(charts > 0 && images >= charts, `${charts} charts and ${images} images`)
    if (screens) writeFileSync(`${screens}/print-${name}.pdf`, pdf)
    await page.setViewportSize({ width: 760, height: 1000 })
    await page.emulateMedia({ media: 'print' })
    await frames(page)
    assert.deepEqual([...new Set(await drawn(page))], [true])
    await picture(page, `print-${name}`)
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
    assert.ok(wide <= 0, `${name}: ${wide} pixels wider than the paper`)
    if (name === 'explore') assert.equal(await page.locator('tr[data-row]').count(), (await query(config, '--by', 'facility,group', '--from', '2026-03-28', '--to', '2026-03-30')).nodes.length)
  }
})

test('on a wall everything is larger and fills it', async () => {
  for (const [width, height, least] of [[2560, 1440, 20], [3840, 2160, 28]]) {
    const page = await open(demo + '/ui/', { width, height })
    const found = await page.evaluate(() => ({ font: parseFloat(getComputedStyle(document.documentElement).fontSize), main: document.querySelector('main').clientWidth / innerWidth, wide: document.documentElement.scrollWidth - innerWidth }))
    assert.ok(found.font >= least && found.main > 0.8 && found.wide <= 0, JSON.stringify(found))
    await picture(page, `wall-${width}`)
  }
})

test('the simulated pages are accessible', async () => {
  for (const [name, path, theme] of [['overview', '/ui/', 'dark'], ['explore', '/ui/explore', 'light']]) {
    const page = await open(demo + path, { theme })
    await accessible(page, `demo ${name}`)
    await picture(page, `demo-${name}-${theme}`)
  }
})

test('only what changed is drawn again', async () => {
  const page = await open(`${real}/ui/status`)
  const gates = [0, 1].map(() => { let go; const until = new Promise((done) => (go = done)); return { until, go } })
  let events = 0
  await page.route('**/api/v1/events', async (r) => {
    const gate = gates[events++]
    if (!gate) return r.continue()
    await gate.until
    await r.fulfill({ contentType: 'text/event-stream', body: 'event: slot\ndata: {}\n\n' }).catch(() => {})
  })
  let more = false
  let first
  page.on('response', async (r) => {
    const of = new URL(r.url()).searchParams
    if (!first && r.url().includes('/query?') && of.get('step') === '1h' && !of.get('by')) first = await r.json()
  })
  await page.route('**/api/v1/query*', async (r) => {
    const of = new URL(r.request().url()).searchParams
    if (!more || !first || of.get('step') !== '1h' || of.get('by')) return r.continue()
    const answer = structuredClone(first)
    for (const f of [answer.total, answer.total.series.at(-1)]) f.operational_gco2e = (f.operational_gco2e ?? 0) + 1000
    await r.fulfill({ json: answer })
  })
  await page.goto(`${real}/ui/?${whole}`)
  await settled(page)
  await page.waitForTimeout(500)
  await page.evaluate(() => {
    window.seen = { map: 0, main: 0, paint: 0 }
    const watch = (name, node) => new MutationObserver((list) => (window.seen[name] += list.filter((m) => m.attributeName !== 'aria-busy').length)).observe(node, { subtree: true, childList: true, characterData: true, attributes: true })
    watch('map', document.querySelector('.map'))
    watch('main', document.querySelector('main'))
    const clear = CanvasRenderingContext2D.prototype.clearRect
    CanvasRenderingContext2D.prototype.clearRect = function (...a) {
      window.seen.paint++
      return clear.apply(this, a)
    }
  })
  const asked = page.waitForResponse('**/api/v1/query*')
  gates[0].go()
  await asked
  await settled(page)
  await page.waitForTimeout(300)
  assert.deepEqual(await page.evaluate(() => window.seen), { map: 0, main: 0, paint: 0 })
  const before = await page.locator('[data-kpi=carbon]').textContent()
  more = true
  gates[1].go()
  await page.waitForFunction((was) => document.querySelector('[data-kpi=carbon]').textContent !== was, before)
  await page.waitForTimeout(300)
  const seen = await page.evaluate(() => window.seen)
  assert.equal(seen.map, 0, 'the tree is as it was')
  assert.ok(seen.paint > 0 && seen.main > 0, JSON.stringify(seen))
})

test('a year of hours follows the pointer', async () => {
  const page = await open(real + '/ui/status')
  const begin = Date.UTC(2025, 0, 1)
  const figure = (e) => ({ energy_kwh: e, operational_gco2e: e * 180, embodied_gco2e: null, cpu_busy_s: 1, cpu_idle_s: 1, intensity_gco2e_per_kwh: 180, coverage: 1, carbon_coverage: 1, estimated_share: 0.2, busy_energy_kwh: e / 2, busy_operational_gco2e: e * 90 })
  const series = Array.from({ length: 8760 }, (_, i) => ({ ...figure(3 + Math.sin(i / 24) + ((i * 7919) % 13) / 10), from: new Date(begin + i * 3.6e6).toISOString(), to: new Date(begin + (i + 1) * 3.6e6).toISOString() }))
  const answer = { from: series[0].from, to: series.at(-1).to, time_zone: 'UTC', by: [], as_known_at: null, total: { ...figure(30_000), series }, nodes: [] }
  await page.route('**/api/v1/query*', (r) => r.fulfill({ json: answer }))
  await page.goto(`${real}/ui/?from=2025-01-01&to=2025-12-31&step=1h`)
  await settled(page)
  await page.locator('.canvas[data-drawn]').first().waitFor()
  await frames(page)
  await picture(page, 'year-of-hours')
  const took = await page.evaluate(async () => {
    const box = document.querySelector('.canvas')
    const canvas = box.querySelector('canvas')
    const area = canvas.getBoundingClientRect()
    const frame = () => new Promise((done) => requestAnimationFrame(done))
    const out = []
    for (let i = 0; i < 60; i++) {
      const began = performance.now()
      canvas.dispatchEvent(new MouseEvent('mousemove', { bubbles: true, clientX: area.left + 80 + ((i * 97) % (area.width - 120)), clientY: area.top + area.height / 2 }))
      await frame()
      await frame()
      out.push(performance.now() - began)
    }
    return { times: out.sort((a, b) => a - b), tip: document.querySelector('.chart-tip')?.textContent ?? '' }
  })
  assert.match(took.tip, /Total.*CO₂e/)
  note(`a year of hours: ${Math.round(took.times[30])} ms median, ${Math.round(took.times[54])} ms at the 90th percentile, two frames later`)
}, { alone: true })

