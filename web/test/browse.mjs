// Drives the real program in a real browser: a facility with a day of 23 hours and
// a gap, read from a real Prometheus (DENDRO_REAL), and the simulated one
// (DENDRO_DEMO). cmd/dendro/dashboard_test.go starts both.
import { readFileSync } from 'node:fs'
import { accessible, assert, config, demo, env, everywhere, note, open, picture, query, real, serve, settled, test, until, whole } from './harness.mjs'

const pages = {
  overview: `/ui/?${whole}`,
  drill: `/ui/?${whole}&in=ISIS`,
  explore: `/ui/explore?${whole}&by=facility,group`,
  compare: '/ui/explore?from=2026-03-29&to=2026-03-29&by=facility,group&compare=before',
  account: `/ui/account?${whole}&where=facility%3DISIS&where=group%3DIDAaaS_Muon`,
  slots: '/ui/account?from=2026-03-28&to=2026-03-28&where=group%3DIDAaaS_Muon&step=slot',
  explain: '/ui/account?from=2026-03-28&to=2026-03-28&where=group%3DIDAaaS_Muon&slot=2026-03-28T08:00Z',
  intensity: '/ui/intensity',
  status: '/ui/status',
  empty: '/ui/?from=2020-01-01&to=2020-01-02',
}

for (const [name, path] of Object.entries(pages)) {
  test(`${name}: no error, accessible in light and dark and on a phone, and not wider than it`, async () => {
    const page = await open(real + path)
    await everywhere(page, name)
  })
}

test('components: every one in every state', async () => {
  const page = await open(real + '/ui/status')
  await page.goto(real + '/ui/gallery')
  await page.getByRole('heading', { name: 'Verification that fails' }).waitFor()
  await page.locator('[data-drawn]').first().waitFor()
  await everywhere(page, 'components')
})

// The units on screen in those of dendro query.
const units = { mWh: 1e-6, Wh: 1e-3, kWh: 1, MWh: 1e3, 'mg CO₂e': 1e-3, 'g CO₂e': 1, 'kg CO₂e': 1e3, 't CO₂e': 1e6 }
const number = (text) => Number(text.replaceAll(',', '').replace('<', ''))

/** Shown rows of the table as text: path → cells by class. */
const table = (page) =>
  page.$$eval('tr[data-row]', (rows) =>
    Object.fromEntries(rows.map((r) => [r.dataset.row, Object.fromEntries(['carbon', 'energy', 'intensity', 'coverage'].map((c) => [c, r.querySelector(`td.${c}`)?.textContent?.trim()]))])),
  )

test('figures are those of dendro query, on a day of 23 hours and over a gap', async () => {
  for (const [from, to] of [['2026-03-29', '2026-03-29'], ['2026-03-28', '2026-03-30']]) {
    const answer = await query(config, '--by', 'facility,group', '--from', from, '--to', to)
    const page = await open(`${real}/ui/explore?from=${from}&to=${to}&by=facility,group`)
    const shown = await table(page)
    assert.equal(Object.keys(shown).length, answer.nodes.length)
    const leaves = answer.nodes.filter((n) => n.path.length === 2)
    for (const [column, field] of [['carbon', 'operational_gco2e'], ['energy', 'energy_kwh']]) {
      const unit = units[(await page.locator(`thead th.${column}`).textContent()).replace(/^.*, |[↓↑]/g, '')]
      const text = (n) => shown[n.path.join('/')][column]
      const step = 10 ** -text(leaves[0]).split('.')[1].length
      for (const n of answer.nodes) {
        if (n[field] === null) assert.equal(text(n), '–')
        else assert.ok(Math.abs(number(text(n)) - n[field] / unit) <= step * 1.0001, `${n.path}: ${column} ${text(n)}, query says ${n[field] / unit}`)
      }
      // On screen too the parts add up to their whole.
      for (const parent of answer.nodes.filter((n) => n.path.length === 1 && n[field] !== null)) {
        const parts = leaves.filter((n) => n.path[0] === parent.path[0] && n[field] !== null)
        const sum = parts.reduce((s, n) => s + Math.round(number(text(n)) / step), 0)
        assert.equal(sum, Math.round(number(text(parent)) / step), `${parent.path}: ${column}`)
      }
      const large = page.locator(`[data-kpi=${column}]`)
      const value = await large.locator('.value').textContent()
      const exact = answer.total[field] / units[await large.locator('.unit').textContent()]
      assert.equal(value, exact.toLocaleString('en-GB', { minimumFractionDigits: value.split('.')[1].length, maximumFractionDigits: value.split('.')[1].length }))
    }
  }
})

test('a day of 23 hours has 23 bars, and missing hours are missing', async () => {
  const points = (await query(config, '--from', '2026-03-28', '--to', '2026-03-29', '--step', '1h')).total.series
  assert.equal(points.length, 47)
  const page = await open(`${real}/ui/account?from=2026-03-28&to=2026-03-29&where=facility%3DISIS&step=1h`)
  await page.getByRole('button', { name: 'Show as a table' }).first().click()
  const rows = await page.$$eval('.table tbody tr', (list) => list.map((r) => [...r.children].map((c) => c.textContent.trim())))
  assert.equal(rows.length, 47)
  assert.match(rows[25][0], /02:00/, 'after 01:00 comes 02:00 in summer time: the hour from one to two is not there')
  const missing = rows.filter((r) => r[1] === '–').length
  const unknown = (await query(config, '--from', '2026-03-28', '--to', '2026-03-29', '--step', '1h', '--where', 'facility=ISIS')).total.series.filter((p) => p.operational_gco2e === null).length
  assert.ok(unknown > 0)
  assert.equal(missing, unknown)
  assert.match(await page.locator('.legend').first().textContent(), /No data/)
})

test('drill down, back and forward, and the address says where', async () => {
  const page = await open(`${real}/ui/?${whole}`)
  await page.getByRole('button', { name: /^ISIS:/ }).click({ position: { x: 30, y: 10 } })
  await settled(page)
  assert.match(page.url(), /in=ISIS/)
  await page.getByRole('button', { name: /^IDAaaS_Muon:/ }).click()
  await settled(page)
  assert.match(page.url(), /in=IDAaaS_Muon/)
  await page.getByRole('link', { name: 'All about it' }).click()
  await page.getByRole('heading', { level: 1, name: 'IDAaaS_Muon' }).waitFor()
  await page.goBack()
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()
  await page.goBack()
  await page.goBack()
  await settled(page)
  assert.doesNotMatch(page.url(), /in=/)
  await page.goForward()
  await page.getByRole('navigation', { name: 'Place in the tree' }).getByText('ISIS').waitFor()
})

test('filter, search, sort', async () => {
  const page = await open(`${real}/ui/explore?${whole}&by=facility,group`)
  await page.getByRole('button', { name: '+ filter' }).click()
  await page.getByLabel('Label', { exact: true }).selectOption('facility')
  await page.getByRole('searchbox', { name: 'Find a value' }).fill('cl')
  await page.getByRole('button', { name: 'CLF', exact: true }).click()
  await page.waitForFunction(() => document.querySelectorAll('tr[data-row]').length === 2)
  assert.match(page.url(), /where=facility=CLF/)
  await page.goBack()
  await settled(page)
  await page.getByRole('searchbox', { name: 'Search in the table' }).fill('muon')
  await page.waitForFunction(() => document.querySelectorAll('tr[data-row]').length === 2)
  await page.getByRole('searchbox', { name: 'Search in the table' }).fill('')
  await page.waitForFunction(() => document.querySelectorAll('tr[data-row]').length > 2)
  await page.getByRole('button', { name: 'facility', exact: false }).first().waitFor()
  await page.locator('thead').getByRole('button', { name: /Energy/ }).click()
  await page.waitForFunction(() => document.querySelector('th[aria-sort=descending]')?.textContent?.includes('Energy'))
  const groups = await page.$$eval('tr[data-row^="ISIS/"] td.energy', (cells) => cells.map((c) => c.textContent.trim()))
  const known = groups.filter((text) => text !== '–').map(number)
  assert.ok(known.length > 1)
  assert.deepEqual(known, known.slice().sort((a, b) => b - a), 'the largest first')
})

test('two periods are compared', async () => {
  const page = await open(real + pages.compare)
  const was = await query(config, '--by', 'facility,group', '--from', '2026-03-28', '--to', '2026-03-28')
  const is = await query(config, '--by', 'facility,group', '--from', '2026-03-29', '--to', '2026-03-29')
  const shown = await page.$$eval('tr[data-row]', (rows) => rows.map((r) => [r.dataset.row, r.querySelector('td.change').textContent.trim()]))
  assert.equal(shown.length, is.nodes.length)
  for (const [name, change] of shown) {
    const [before, now] = [was, is].map((a) => a.nodes.find((n) => n.path.join('/') === name)?.operational_gco2e)
    const ratio = ((now - before) / before) * 100
    assert.equal(change, `${ratio > 0 ? '+' : '−'}${Math.abs(ratio).toLocaleString('en-GB', { minimumFractionDigits: 1, maximumFractionDigits: 1 })} %`, name)
  }
})

test('an export is what is shown, byte for byte', async () => {
  const page = await open(`${real}/ui/explore?from=2026-03-29&to=2026-03-29&by=facility,group&q=muon`)
  const saved = async (name) => {
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name }).click()])
    return readFileSync(await file.path(), 'utf8')
  }
  const answer = await query(config, '--by', 'facility,group', '--from', '2026-03-29', '--to', '2026-03-29')
  const rows = answer.nodes.filter((n) => n.path[0] === 'ISIS' && (n.path.length === 1 || n.path[1] === 'IDAaaS_Muon'))
  const fields = ['operational_gco2e', 'energy_kwh', 'intensity_gco2e_per_kwh', 'coverage', 'estimated_share']
  const want = ['facility,group,kind,' + fields.join(',') + ',provisional', ...rows.map((n) => [n.path[0], n.path[1] ?? '', n.kind, ...fields.map((f) => n[f] ?? ''), 'false'].join(','))].join('\r\n') + '\r\n'
  assert.equal(await saved('CSV'), want)
  const made = JSON.parse(await saved('JSON'))
  assert.deepEqual([made.from, made.to, made.time_zone, made.by], [answer.from, answer.to, answer.time_zone, ['facility', 'group']])
  assert.deepEqual(made.rows, rows.map((n) => ({ facility: n.path[0], group: n.path[1] ?? null, kind: n.kind, ...Object.fromEntries(fields.map((f) => [f, n[f]])), provisional: false })))
})

test('any figure explains itself, by mouse and by keyboard', async () => {
  const page = await open(real + pages.slots)
  await page.getByRole('button', { name: 'Show as a table' }).first().focus()
  await page.keyboard.press('Enter')
  await page.locator('.table').first().getByRole('button', { name: 'Explain' }).nth(4).press('Enter')
  const dialog = page.getByRole('dialog')
  await dialog.getByText('kWh').first().waitFor()
  assert.match(await dialog.textContent(), /172\.16\.100\.50/)
  assert.match(page.url(), /slot=/)
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })
  assert.doesNotMatch(page.url(), /slot=/)
})

test('the simulated facility is marked on every page, and is live', async () => {
  const page = await open(demo + '/')
  for (const path of ['/ui/', '/ui/explore', '/ui/intensity', '/ui/status', '/ui/account?where=facility%3DISIS']) {
    await page.goto(demo + path)
    await page.getByText('Simulated data.').waitFor()
  }
  await page.goto(demo + '/ui/status')
  await page.locator('[data-live=live]').waitFor()
  await page.goto(demo + '/ui/intensity')
  await settled(page)
  await page.locator('[data-best]').waitFor()
  const long = page.getByLabel('6 h', { exact: true })
  await long.check({ force: true })
  await settled(page)
  assert.match(page.url(), /hours=6/)
  await accessible(page, 'intensity of the demo')
  await picture(page, 'demo-intensity')
  for (const [name, path] of [['demo-overview', '/'], ['demo-explore', '/ui/explore']]) {
    await page.goto(demo + path)
    await settled(page)
    await picture(page, name)
  }
})

test('new slots appear without a reload; what is known stays when the server goes', async () => {
  // Slots of five seconds, of this machine: there is always another one.
  let server = await serve('--config', env('DENDRO_LIVE'))
  await until(`${server.url}/api/v1/status`, (s) => s.slots > 0)
  const page = await open(server.url + '/ui/status', { expect: ['Failed to load resource', 'net::ERR'] })
  await page.locator('[data-live=live]').waitFor()
  const closed = () => page.locator('[data-slots]').getAttribute('data-slots').then(Number)
  const first = await closed()
  await page.evaluate(() => (window.same = true))
  await page.waitForFunction((was) => Number(document.querySelector('[data-slots]').dataset.slots) > was, first, { timeout: 60_000 })
  const known = (await (await fetch(`${server.url}/api/v1/status`)).json()).slots
  assert.ok((await closed()) >= known - 2, 'the page keeps up with the server')
  assert.equal(await page.evaluate(() => window.same), true)
  server.stop()
  await page.locator('[data-live=offline]').waitFor()
  await page.getByRole('alert').getByText('cannot be reached').first().waitFor()
  assert.ok((await closed()) > first)
  await everywhere(page, 'offline')
  server = await serve('--config', env('DENDRO_LIVE'), '--listen', new URL(server.url).host)
  await page.locator('[data-live=live]').waitFor({ timeout: 60_000 })
  await page.getByText('cannot be reached').first().waitFor({ state: 'detached' })
  assert.equal(await page.evaluate(() => window.same), true, 'all that without a reload')
})

test('a server that takes longer to answer than slots take to close is heard to the end', async () => {
  const page = await open(real + '/ui/status')
  let asked = 0
  await page.route('**/api/v1/query*', async (r) => {
    asked++
    await new Promise((done) => setTimeout(done, 4500))
    await r.continue().catch(() => {})
  })
  // An event every half second, for ever; the page asks again every three seconds.
  await page.addInitScript(() => {
    const fetched = window.fetch
    window.fetch = (url, o) => {
      if (!String(url).endsWith('/events')) return fetched(url, o)
      const lines = new ReadableStream({ start: (c) => void setInterval(() => c.enqueue(new TextEncoder().encode('event: closed\ndata: {}\n\n')), 500) })
      return Promise.resolve(new Response(lines))
    }
  })
  await page.goto(`${real}/ui/?${whole}`, { waitUntil: 'commit' })
  await page.locator('[data-kpi=carbon]').waitFor()
  await page.locator('.map button').first().waitFor()
  assert.ok(asked > 0)
})

test('a slow server: what loads is seen to load, and nothing jumps', async () => {
  const page = await open(real + '/ui/status')
  await page.route('**/api/v1/query*', async (r) => {
    await new Promise((done) => setTimeout(done, 1200))
    await r.continue().catch(() => {})
  })
  await page.goto(`${real}/ui/?${whole}`, { waitUntil: 'commit' })
  await page.locator('[aria-busy=true]').first().waitFor()
  await picture(page, 'slow')
  await settled(page)
  await page.locator('[data-kpi=carbon]').waitFor()
})

test('a failing server: the error is told with what to do, and asked again', async () => {
  const page = await open(real + '/ui/status', { expect: ['500'] })
  let broken = true
  await page.route('**/api/v1/query*', (r) => (broken ? r.fulfill({ status: 500, contentType: 'application/problem+json', body: '{"detail":"something is wrong on this side; the log has it under id 1"}' }) : r.continue()))
  await page.goto(`${real}/ui/?${whole}`)
  await page.getByText('the log has it under id 1').first().waitFor()
  await accessible(page, 'error')
  await picture(page, 'error')
  broken = false
  await page.getByRole('button', { name: 'Try again' }).first().click()
  await page.locator('[data-kpi=carbon]').waitFor()
})

test('10,000 rows scroll, sort and are searched without delay', async () => {
  const page = await open(real + '/ui/status')
  const figure = (e) => ({ energy_kwh: e, operational_gco2e: e * 180, embodied_gco2e: null, cpu_busy_s: 1, cpu_idle_s: 1, intensity_gco2e_per_kwh: 180, coverage: 1, carbon_coverage: 1, estimated_share: 0, busy_energy_kwh: e / 2, busy_operational_gco2e: e * 90 })
  const nodes = Array.from({ length: 10_000 }, (_, i) => ({ ...figure(1 + ((i * 7919) % 10_007) / 1000), path: [`account ${i}`], kind: 'account' }))
  const answer = { from: '2026-03-28T00:00:00Z', to: '2026-03-29T00:00:00Z', time_zone: 'Europe/London', by: ['user'], as_known_at: null, total: figure(nodes.reduce((s, n) => s + n.energy_kwh, 0)), nodes }
  await page.route('**/api/v1/query*', (r) => r.fulfill({ json: new URL(r.request().url()).searchParams.has('step') ? { ...answer, nodes: [], total: { ...answer.total, series: [] } } : answer }))
  await page.goto(`${real}/ui/explore?${whole}&by=user`)
  await page.locator('tr[data-row]').first().waitFor()
  assert.ok((await page.locator('tr[data-row]').count()) < 100)
  const took = async (run) => {
    const began = Date.now()
    await run()
    return Date.now() - began
  }
  const scroll = await took(() => page.evaluate(async () => {
    const box = document.querySelector('.scroller')
    for (let i = 1; i <= 20; i++) {
      box.scrollTop = (box.scrollHeight * i) / 20
      await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))
    }
  }))
  await page.locator('tr[aria-rowindex="10001"]').waitFor()
  const sort = await took(async () => {
    await page.locator('thead').getByRole('button', { name: 'user' }).click()
    await page.locator('tr[data-row="account 0"]').waitFor()
  })
  const search = await took(async () => {
    await page.getByRole('searchbox', { name: 'Search in the table' }).fill('account 4242')
    await page.waitForFunction(() => document.querySelectorAll('tr[data-row]').length === 1)
  })
  note(`10,000 rows: 20 screens of scrolling ${scroll} ms, sorting ${sort} ms, searching ${search} ms`)
}, { alone: true })

test('the first load is small, compressed and from here alone', async () => {
  const page = await open(demo + '/ui/')
  const session = await page.context().newCDPSession(page)
  await session.send('Network.enable')
  await session.send('Network.setCacheDisabled', { cacheDisabled: true })
  let bytes = 0
  const files = new Map()
  session.on('Network.responseReceived', (e) => files.set(e.requestId, e.response.url))
  session.on('Network.loadingFinished', (e) => {
    if (files.get(e.requestId)?.includes('/ui/')) bytes += e.encodedDataLength
  })
  const began = Date.now()
  await page.goto(demo + '/ui/')
  await page.locator('[data-kpi=carbon]').waitFor()
  const usable = Date.now() - began
  await page.locator('[data-drawn]').first().waitFor()
  const drawn = Date.now() - began
  await settled(page)
  note(`first load: ${bytes} bytes over the wire, figures after ${usable} ms, first chart after ${drawn} ms`)
  assert.ok(bytes > 10_000 && bytes <= 250_000, `${bytes} bytes`)
  const cookies = await page.context().cookies()
  assert.deepEqual(cookies, [])
}, { alone: true })

