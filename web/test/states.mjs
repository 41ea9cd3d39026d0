// Drives what a page shows when it has no answer yet, and when it gets none; how it is
// served; and that an address alone brings back what it shows.
import { assert, config, demo, everywhere, open, query, real, settled, test, whole } from './harness.mjs'

const place = '?where=facility%3DISIS'
const pages = { overview: '', explore: 'explore', account: `account${place}`, intensity: 'intensity', services: 'services', disclosures: 'disclosures', status: 'status', explained: `account${place}&explain=period`, slot: `account${place}&slot=2026-01-01T00:00Z` }

for (const [name, path] of Object.entries(pages)) {
  test(`${name}: loading and failing are shown, for everybody, and end`, async () => {
    const page = await open(`${demo}/ui/gallery`, { expect: ['503'], quick: true })
    let state = 'wait'
    let go
    const gate = new Promise((done) => (go = done))
    // What the frame of all pages asks for is answered, but of the page about it.
    await page.route('**/api/v1/**', async (r) => {
      if (/\/(events|labels)(\?|$)/.test(r.request().url())) return r.continue()
      if (r.request().url().endsWith('/status') && name !== 'status') return r.continue()
      if (state === 'wait') await gate
      if (state === 'good') return r.continue().catch(() => {})
      await r.fulfill({ status: 503, contentType: 'application/problem+json', body: JSON.stringify({ title: 'Service Unavailable', detail: 'the ledger cannot be read: permission denied' }) }).catch(() => {})
    })
    await page.goto(`${demo}/ui/${path}`, { waitUntil: 'commit' })
    await page.locator('.bone').first().waitFor()
    await page.locator('h1').first().waitFor()
    assert.equal(await page.locator('[data-kpi]').count(), 0, 'no figure is shown before there is one')
    assert.equal(await page.evaluate(() => document.getAnimations().filter((a) => a.playState === 'running' && a.effect.getComputedTiming().duration > 1).length), 0, 'nothing moves for who wants less motion')
    await everywhere(page, `loading-${name}`)
    state = 'fail'
    go()
    await page.getByText('the ledger cannot be read: permission denied').first().waitFor()
    await page.waitForFunction(() => !document.querySelector('.bone'))
    assert.equal(await page.locator('[data-kpi]').count(), 0, 'what is not known is not shown as a figure')
    await everywhere(page, `failing-${name}`)
    if (name === 'slot') return // what it asks for is of no slot of this ledger
    state = 'good'
    await page.reload()
    await settled(page)
    assert.equal(await page.getByText('permission denied').count(), 0)
  })
}

test('without its state a server has no page, and every page says so', async () => {
  const page = await open(`${demo}/ui/gallery`, { expect: ['503'], quick: true })
  let broken = true
  await page.route('**/api/v1/status', (r) => (broken ? r.fulfill({ status: 503, contentType: 'application/problem+json', body: JSON.stringify({ detail: 'the ledger cannot be read: permission denied' }) }) : r.continue()))
  for (const path of ['', 'explore', 'services', 'intensity']) {
    await page.goto(`${demo}/ui/${path}`)
    await page.getByRole('alert').getByText('permission denied').waitFor()
    assert.equal(await page.locator('.bone').count(), 0, 'nothing is said to load that does not')
  }
  await everywhere(page, 'failing-server')
  broken = false
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.locator('[data-kpi=now]').waitFor()
})

test('colours are by choice, else as the machine has them, and the choice is kept', async () => {
  const page = await open(`${real}/ui/status`, { theme: 'dark' })
  const shown = () => page.evaluate(() => document.documentElement.dataset.theme)
  const button = page.getByRole('button', { name: /^Colours/ })
  assert.equal(await shown(), 'dark')
  await button.click()
  assert.equal(await shown(), 'light', 'light although the machine is dark')
  await page.reload()
  await settled(page)
  assert.equal(await shown(), 'light', 'also after a reload')
  await button.click()
  await page.emulateMedia({ colorScheme: 'light' })
  assert.equal(await shown(), 'dark', 'dark although the machine is light')
  await button.click()
  assert.equal(await shown(), 'light')
  assert.equal(await page.evaluate(() => localStorage.length), 0)
})

test('an address alone brings back what a page shows', async () => {
  const page = await open(`${real}/ui/explore?${whole}&by=facility,group`)
  await page.locator('thead').getByRole('button', { name: /Energy/ }).click()
  await page.waitForURL(/sort=/)
  await page.getByLabel('Compare').selectOption('before')
  await page.locator('td.other').first().waitFor()
  await page.getByRole('searchbox', { name: 'Search in the table' }).fill('muon')
  await page.waitForURL(/q=muon/)
  await settled(page)
  const text = (p) => p.locator('main').evaluate((m) => [...m.querySelectorAll('tr[data-row], thead, [data-kpi], h1 + p')].map((e) => e.textContent.replace(/\s+/g, ' ')))
  const other = await open(page.url())
  await other.locator('td.other').first().waitFor()
  await settled(other)
  assert.deepEqual(await text(other), await text(page))
  assert.ok((await text(other)).length > 4)
  for (const path of [`?${whole}&in=ISIS&step=1h`, `account?${whole}&where=facility%3DISIS&step=1h`, 'intensity?days=7&hours=6']) {
    const direct = await open(`${real}/ui/${path}`)
    assert.equal(new URL(direct.url()).search, new URL(`${real}/ui/${path}`).search, 'an address stays what it is')
  }
})

test('the tree and the hours are those of dendro query', async () => {
  const unit = { mWh: 1e-6, Wh: 1e-3, kWh: 1, 'mg CO₂e': 1e-3, 'g CO₂e': 1, 'kg CO₂e': 1e3 }
  const near = (text, exact, what) => {
    const [, digits, of] = /^([\d.,]+) (.+)$/.exec(text)
    const step = 10 ** -(digits.split('.')[1]?.length ?? 0)
    assert.ok(Math.abs(Number(digits.replaceAll(',', '')) - exact / unit[of]) <= step * 1.0001, `${what}: ${text}, query says ${exact}`)
  }
  const window = ['--from', '2026-03-28', '--to', '2026-03-30']
  const tree = await query(config, '--by', 'facility,group', ...window)
  for (const [show, field] of [['', 'operational_gco2e'], ['&show=energy', 'energy_kwh']]) {
    const page = await open(`${real}/ui/?${whole}${show}`)
    const areas = await page.locator('.map button').evaluateAll((all) => all.map((b) => b.getAttribute('aria-label')))
    for (const n of tree.nodes.filter((n) => n[field] > 0 && n.kind === 'account')) {
      const label = areas.find((a) => a.startsWith(`${n.path.at(-1)}: `))
      assert.ok(label, `${n.path} is in the tree`)
      near(label.slice(n.path.at(-1).length + 2).replace(/, [^,]*$/, ''), n[field], n.path.join('/'))
    }
  }
  // The day of 23 hours and the day with a gap, hour by hour, on the account's page.
  const { series } = (await query(config, '--from', '2026-03-28', '--to', '2026-03-29', '--step', '1h', '--where', 'facility=ISIS')).total
  const page = await open(`${real}/ui/account?from=2026-03-28&to=2026-03-29&where=facility%3DISIS&step=1h`)
  const charts = page.getByRole('button', { name: 'Show as a table' })
  for (const [k, field] of [[0, 'operational_gco2e'], [1, 'intensity_gco2e_per_kwh']]) {
    await charts.first().click() // the one that is open has another name now
    const table = page.locator('.table table').nth(k)
    const of = (await table.locator('caption').textContent()).replace(/^.*, in (.*);.*$/, '$1')
    const cells = await table.locator('tbody tr').evaluateAll((rows) => rows.map((r) => [...r.querySelectorAll('td.num')].map((c) => c.textContent.trim())))
    assert.equal(cells.length, 47)
    series.forEach((p, i) => {
      const text = cells[i].at(-1)
      if (p[field] === null) return assert.equal(text, '–', `${p.from}: missing is not a number`)
      if (k === 0) near(`${text} ${of}`, p[field], p.from)
      else assert.ok(Math.abs(Number(text) - p[field]) <= 0.5001, `${p.from}: ${text}, query says ${p[field]}`)
    })
    assert.ok(series.some((p) => p[field] === null) && series.some((p) => p[field] > 0))
  }
})

test('what is served is kept as long as it may be, and a second visit costs next to nothing', async () => {
  const ask = (path, headers = {}) => fetch(real + path, { headers: { 'accept-encoding': 'br', ...headers } })
  const index = await ask('/ui/')
  assert.equal(index.headers.get('cache-control'), 'no-cache')
  const files = [...(await index.text()).matchAll(/(?:src|href)="\.\/(assets\/[^"]+)"/g)].map((m) => m[1])
  assert.ok(files.length > 1, files.join())
  for (const file of files) {
    const answer = await ask(`/ui/${file}`)
    assert.match(answer.headers.get('cache-control'), /max-age=31536000, immutable/, file)
    assert.equal(answer.headers.get('content-encoding'), 'br', `${file} is compressed`)
    assert.match(file, /-[\w-]{8}\.(js|css)$/, 'its name has a hash')
    assert.equal((await ask(`/ui/${file}`, { 'if-none-match': answer.headers.get('etag') })).status, 304)
  }
  assert.equal((await ask('/ui/', { 'if-none-match': index.headers.get('etag') })).status, 304)

  const page = await open(`${real}/ui/?${whole}`)
  const session = await page.context().newCDPSession(page)
  await session.send('Network.enable')
  let bytes = 0
  const ours = new Set()
  session.on('Network.requestWillBeSent', (e) => new URL(e.request.url).pathname.startsWith('/ui/') && ours.add(e.requestId))
  session.on('Network.loadingFinished', (e) => ours.has(e.requestId) && (bytes += e.encodedDataLength))
  await page.goto(`${real}/ui/?${whole}&show=energy`)
  await settled(page)
  assert.ok(ours.size >= files.length && bytes < 2000, `${bytes} bytes for ${ours.size} files`)
})

test('the policy of the pages is in force: no script of a name, nothing from elsewhere', async () => {
  const page = await open(`${real}/ui/status`, { expect: ['against the policy', 'Content Security Policy', 'Refused', 'violates', 'Failed to fetch', 'Fetch API'] })
  const done = await page.evaluate(async () => {
    const inline = document.createElement('script')
    inline.textContent = 'window.ran = true'
    document.body.append(inline)
    const box = document.createElement('div')
    box.innerHTML = '<img src="data:," onerror="window.ran = true">'
    document.body.append(box)
    const elsewhere = await fetch('http://127.0.0.2:9/').then(() => 'answered', (e) => e.message)
    let evaluated = true
    try { new Function('return 1')() } catch { evaluated = false }
    await new Promise((done) => setTimeout(done, 50))
    return { ran: window.ran === true, elsewhere, evaluated }
  })
  // Evaluation by the debugger is not under the policy of the page, but what it calls is.
  assert.deepEqual({ ran: done.ran, elsewhere: done.elsewhere }, { ran: false, elsewhere: 'Failed to fetch' })
})
