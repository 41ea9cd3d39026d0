// Drives the page of services: a server of its own receives spans, scores and archives
// them, and the page says what dendro query says.
import { accessible, assert, env, open, picture, query, real, serve, settled, test, until } from './harness.mjs'

const config = env('DENDRO_SERVICES')

const attributes = (of) => Object.entries(of).map(([key, v]) => ({ key, value: typeof v === 'number' ? { intValue: String(v) } : { stringValue: v } }))
const id = (bytes) => Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (b) => b.toString(16).padStart(2, '0')).join('')
const kinds = [{ 'db.system': 'postgresql', 'db.statement': 'SELECT 1' }, { 'http.request.method': 'GET', 'url.full': 'http://search/x' }, {}]

/** Sends spans of services: some are late by a minute, one is not valid. */
async function send(otlp) {
  const span = (i) => {
    const end = BigInt(Date.now()) * 1_000_000n - BigInt(i % 20 === 0 ? 60e9 : 0)
    return { traceId: id(16), spanId: id(8), name: 'op', kind: 3, startTimeUnixNano: String(end - 2_000_000n), endTimeUnixNano: String(end), attributes: attributes(kinds[i % 3]) }
  }
  const spans = (n) => Array.from({ length: n }, (_, i) => span(i))
  const of = (name, region, list) => ({ resource: { attributes: attributes({ 'service.name': name, ...(region ? { 'cloud.region': region } : {}) }) }, scopeSpans: [{ scope: {}, spans: list }] })
  const bad = { traceId: '00', spanId: '', name: 'bad', startTimeUnixNano: '5', endTimeUnixNano: '1' }
  const resourceSpans = [of('checkout', 'eu-west-3', [...spans(300), bad]), of('checkout', 'us-east-1', spans(120)), of('search', 'eu-west-3', spans(200)), of('mailer', 'mars-1', spans(90)), of('legacy', '', spans(60))]
  const answer = await fetch(otlp, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ resourceSpans }) })
  assert.equal(answer.status, 200)
}

test('services: what they used, how sure, from what, and what became of their spans', async () => {
  const server = await serve('--config', config)
  await send(server.otlp)
  const api = `${server.url}/api/v1`
  await until(`${api}/services`, (s) => s.scored.windows > 0 && s.cells.length === 5 && s.cells.every((c) => c.ledger && c.scored))
  await send(server.otlp)
  const done = await until(`${api}/services`, (s) => s.scored.windows > 1 && s.scored.spans.counted === 1540)
  const last = (await until(`${api}/services/windows`, (w) => w.windows.length > 1)).windows
  const [from, to] = [last.at(-1).from, new Date(Date.parse(last[0].to) + 10_000).toISOString()].map((t) => t.slice(0, 19) + 'Z')
  await until(`${api}/status`, (s) => Date.parse(s.last) >= Date.parse(to))
  assert.equal(done.scored.drops[0].reason, 'not_valid')

  const page = await open(`${server.url}/ui/services?from=${from}&to=${to}&show=energy`)
  const answer = await query(config, '--by', 'service,region', '--from', from, '--to', to)
  const rows = await page.$$eval('[data-service]', (all) => Object.fromEntries(all.map((r) => [r.dataset.service, ['energy', 'carbon', 'bounds', 'unknown'].map((c) => r.querySelector(`td.${c}`).textContent.trim())])))
  const leaves = answer.nodes.filter((n) => n.path.length === 2)
  assert.deepEqual(Object.keys(rows).sort(), leaves.map((n) => n.path.map((p) => (p === 'unknown' ? '(unknown)' : p)).join('/')).sort())
  const number = (text) => Number(text.replaceAll(',', ''))
  const units = { mWh: 1e-6, Wh: 1e-3, 'mg CO₂e': 1e-3, 'g CO₂e': 1 }
  const heads = await page.$$eval('thead th .unit', (all) => all.map((u) => u.textContent))
  leaves.forEach((n) => {
    const shown = rows[n.path.map((p) => (p === 'unknown' ? '(unknown)' : p)).join('/')]
    const step = 10 ** -(shown[0].split('.')[1]?.length ?? 0)
    assert.ok(Math.abs(number(shown[0]) - n.energy_kwh / units[heads[0]]) <= step * 1.0001, `${n.path}: ${shown[0]}`)
    if (n.operational_gco2e === null) assert.equal(shown[1], '–', 'unknown is not zero')
    else assert.match(shown[2], /\d – \d/)
    assert.equal(shown[3] === '100 %', n.operational_gco2e === null)
  })
  const total = await page.locator('tfoot td').allTextContents()
  for (const [k, column] of [[0, 0], [1, 1]]) {
    const sum = Object.values(rows).reduce((s, r) => s + (r[column] === '–' ? 0 : number(r[column])), 0)
    assert.ok(Math.abs(sum - number(total[k])) < 1e-9, `rows add up to ${sum}, the total says ${total[k]}`)
  }
  await page.getByRole('region', { name: 'Intensity from' }).locator('tr', { hasText: 'unknown' }).waitFor()
  await page.getByText(/not valid/).first().waitFor()
  await page.getByText(/windows, newest first/).click()
  const archived = (await until(`${api}/services/windows?from=${from}&to=${to}`, () => true)).windows
  assert.equal(await page.locator('[data-window]').count(), archived.length)
  assert.ok((await page.locator('[data-window] td:nth-child(3)').allTextContents()).some((t) => number(t) > 0), 'late spans are told')
  await accessible(page, 'services light')
  await picture(page, 'services-light')
  await page.emulateMedia({ colorScheme: 'dark' })
  await accessible(page, 'services dark', 'color-contrast')
  await picture(page, 'services-dark')
  await page.setViewportSize({ width: 360, height: 740 })
  assert.ok((await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)) <= 0)
  await picture(page, 'services-phone')
  await page.setViewportSize({ width: 1440, height: 900 })
  await page.locator('[data-service="checkout/eu-west-3"] a').click()
  await page.getByRole('heading', { level: 1, name: 'eu-west-3' }).waitFor()
  assert.match(page.url(), /where=service=checkout&where=region=eu-west-3/)
  await page.goBack()
  await page.getByRole('heading', { level: 1, name: 'Services' }).waitFor()

  // Nothing in the period; an archive of which a part is gone; a server that fails.
  await page.goto(`${server.url}/ui/services?from=2020-01-01&to=2020-01-02`)
  await page.getByText('No span was scored in this period').waitFor()
  await accessible(page, 'services empty')
  await page.route('**/api/v1/services?*', (r) => r.fulfill({ json: { ...done, archive: { complete: false, from, cut: 'older files were pruned' }, cells: done.cells.map((c, i) => (i ? c : { ...c, ledger: null })) } }))
  await page.goto(`${server.url}/ui/services?last=24h`)
  await page.getByText('older files were pruned').waitFor()
  await page.getByText('its slot is not closed yet').waitFor()
  await settled(page)
  await accessible(page, 'services in part')
  await picture(page, 'services-part')
})

test('a server that receives no spans says so', async () => {
  const page = await open(`${real}/ui/services`)
  await page.getByText('receives no spans').waitFor()
  await page.getByText('services.receive').waitFor()
  await accessible(page, 'no services')
})
