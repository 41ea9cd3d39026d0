// Drives the page of disclosures over files that dendro disclose made: a chain of months
// that a key signed, one of them restated, a forged one and what is none (DENDRO_DISCLOSED),
// and over a server without any (DENDRO_NONE). cmd/dendro/disclosurespage_test.go makes them.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { accessible, assert, end, env, everywhere, frames, open, picture, settled, test } from './harness.mjs'

const server = env('DENDRO_DISCLOSED')
const none = env('DENDRO_NONE')
const folder = env('DENDRO_FOLDER')
const key = env('DENDRO_KEY')

const hash = (name) => createHash('sha256').update(readFileSync(`${folder}/${name}`)).digest('hex')
const at = (name, more = '') => `${server}/ui/disclosures?open=${hash(name)}${more}`
const list = `${server}/ui/disclosures`

/** What dendro verify says of a file, whatever its status is. */
function verify(name, ...args) {
  try {
    return JSON.parse(execFileSync('dendro', ['verify', `${folder}/${name}`, '--format', 'json', ...args], { encoding: 'utf8' }))
  } catch (error) {
    return JSON.parse(error.stdout)
  }
}

/** The checks on the page: name, state and texts. */
const checks = (page) => page.$$eval('[data-check]', (all) => all.map((c) => ({ check: c.dataset.check, state: c.dataset.state, detail: [...c.querySelectorAll('dd p')].map((p) => p.textContent) })))

for (const [name, url] of Object.entries({ list, open: at('feb.json'), restated: at('jan-b.json'), forged: at('forged.json'), none: `${none}/ui/disclosures`, gone: `${server}/ui/disclosures?open=${'0'.repeat(64)}` })) {
  test(`${name}: accessible in light and dark and on a phone, and not wider than it`, async () => {
    const page = await open(url)
    await everywhere(page, `disclosures-${name}`)
  })
}

test('the list says what there is, what verifies, what replaces what, and what is none', async () => {
  const page = await open(list)
  const rows = await page.$$eval('[data-disclosure]', (all) => Object.fromEntries(all.map((r) => [r.dataset.disclosure, r.textContent.replace(/\s+/g, ' ')])))
  assert.deepEqual(Object.keys(rows).sort(), ['feb.json', 'forged.json', 'jan-b.json', 'jan.json'])
  assert.match(rows['feb.json'], /1 Feb 2026 to 28 Feb 2026.*holds.*Example SAS.*official.*k\.pub.*after jan\.json/)
  assert.match(rows['jan.json'], /restated by a later one/)
  assert.match(rows['jan-b.json'], /restates jan\.json/)
  assert.match(rows['forged.json'], /fails.*id.*statement.*signature fails/)
  const broken = await page.$$eval('[data-broken]', (all) => all.map((r) => r.dataset.broken))
  assert.deepEqual(broken, ['notes.json', 'orphan.dsse.json'])
  await page.locator('[data-disclosure="feb.json"] th a').focus()
  await page.keyboard.press('Enter')
  await page.locator('[data-kpi=location-based]').waitFor()
  assert.match(page.url(), new RegExp(hash('feb.json')))
  await page.goBack()
  await page.locator('[data-disclosure]').first().waitFor()
})

test('figures are those of the document, checks those of dendro verify', async () => {
  const doc = JSON.parse(readFileSync(`${folder}/feb.json`, 'utf8'))
  const page = await open(at('feb.json'))
  await page.locator('[data-check=previous]').waitFor()
  const shown = Number((await page.locator('[data-kpi=location-based] strong').textContent()).replaceAll(',', ''))
  const unit = { 'mg CO₂e': 1e-3, 'g CO₂e': 1, 'kg CO₂e': 1e3 }[(await page.locator('[data-kpi=location-based]').textContent()).replace(/^[\d.,]+\s/, '')]
  assert.ok(Math.abs(shown * unit - doc.totals.location_based_gco2e) < unit * 0.001, `${shown} × ${unit}, the document has ${doc.totals.location_based_gco2e}`)
  assert.equal(await page.locator('[data-account]').count(), doc.rows.length)
  assert.deepEqual(await checks(page), verify('feb.json', '--key', key, '--previous', `${folder}/jan.json`).checks)
  await page.getByRole('button', { name: 'Work the figures out again' }).click()
  await page.locator('[data-check=inputs][data-state=ok]').waitFor({ timeout: 30_000 })
  assert.match(page.url(), /inputs=true/)
})

test('a forged document is refused in every word', async () => {
  const page = await open(at('forged.json'))
  await page.getByRole('alert').getByText('Do not rely on its figures').waitFor()
  await page.locator('[data-holds=false]').waitFor()
  const said = await checks(page)
  assert.deepEqual(said, verify('forged.json', '--key', key, '--previous', `${folder}/jan.json`).checks)
  assert.equal(said.find((c) => c.check === 'signature').state, 'failed')
})

test('a restatement stands beside what it replaces, with the differences and causes', async () => {
  const page = await open(at('jan-b.json'))
  const totals = page.locator('[data-totals]')
  await totals.waitFor()
  assert.equal(await page.locator('#with').inputValue(), hash('jan.json'))
  const [before, after] = ['jan.json', 'jan-b.json'].map((name) => JSON.parse(readFileSync(`${folder}/${name}`, 'utf8')))
  const energy = totals.locator('tr', { hasText: 'Energy' })
  const cells = (await energy.locator('td').allTextContents()).map((t) => t.trim())
  assert.match(cells[2], /^\+/)
  assert.equal(cells[3], `+${(((after.totals.energy_kwh - before.totals.energy_kwh) / before.totals.energy_kwh) * 100).toFixed(1)} %`)
  await page.getByText('late.ndjson is new, with 1 windows').first().waitFor()
  assert.match(await page.locator('[data-rows]').textContent(), /stock.*no row/)
  await page.locator('#with').selectOption(hash('feb.json'))
  await page.getByText('Two times').waitFor()
  assert.match(page.url(), /with=/)
})

test('what is saved is what lies in the folder, byte for byte', async () => {
  const page = await open(at('feb.json'))
  for (const [button, name] of [['Document', 'feb.json'], ['Statement', 'feb.intoto.json'], ['Signature', 'feb.dsse.json'], ['Page', 'feb.html'], ['CSV', 'feb.csv']]) {
    const [saved] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: button, exact: true }).click()])
    assert.equal(saved.suggestedFilename(), name)
    assert.deepEqual(readFileSync(await saved.path()), readFileSync(`${folder}/${name}`), name)
  }
})

test('the page for people opens under a policy of its own, without a script', async () => {
  const page = await open(list)
  const answer = await page.goto(`${server}/api/v1/disclosures/${hash('feb.json')}/html`)
  assert.match(answer.headers()['content-security-policy'], /default-src 'none'.*sandbox/)
  await page.getByRole('heading', { name: 'Example SAS' }).waitFor()
  assert.notEqual(await page.evaluate(() => getComputedStyle(document.querySelector('.cards')).display), 'block', 'its style is there')
})

test('loading, failing and slow answers have their states', async () => {
  const page = await open(list, { expect: ['503', '500'] })
  let state = 'wait'
  let go
  const until = new Promise((done) => (go = done))
  await page.route('**/api/v1/disclosures*', async (r) => {
    if (state === 'wait') await until
    if (state === 'fail') return r.fulfill({ status: 503, contentType: 'application/problem+json', body: JSON.stringify({ title: 'Service Unavailable', detail: 'the folder of disclosures cannot be read: permission denied' }) })
    return r.continue()
  })
  await page.reload({ waitUntil: 'commit' })
  await page.locator('.bone').first().waitFor()
  state = 'fail'
  go()
  await page.getByText('cannot be read: permission denied').waitFor()
  await accessible(page, 'failing')
  await picture(page, 'disclosures-failing')
  state = 'go'
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.locator('[data-disclosure]').first().waitFor()
})

test('printed it is whole, light and as wide as the paper', async () => {
  const page = await open(at('feb.json'), { theme: 'dark' })
  await page.setViewportSize({ width: 760, height: 1000 })
  await page.emulateMedia({ media: 'print' })
  await page.evaluate(() => dispatchEvent(new Event('beforeprint')))
  await frames(page)
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'light')
  assert.ok((await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)) <= 0)
  assert.equal(await page.getByRole('button', { name: 'Document', exact: true }).isVisible(), false)
  await settled(page)
  await picture(page, 'disclosures-print')
})

await end()
