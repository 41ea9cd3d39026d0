// Drives the explanation of figures: of any window, of any account, down to the slot.
import { accessible, assert, config, open, picture, query, real, settled, test, whole } from './harness.mjs'

const window = ['--from', '2026-03-28', '--to', '2026-03-30']
const exact = (value, unit) => `${value.toLocaleString('en-GB', { maximumFractionDigits: 9 })} ${unit}`

/** What the dialog tells: each step by its name, and what the figures rest on. */
async function told(page) {
  const dialog = page.getByRole('dialog')
  await dialog.locator('h3').nth(1).waitFor()
  await page.waitForFunction(() => document.querySelectorAll('dialog table').length === 2)
  return {
    steps: await dialog.locator('ol li').evaluateAll((all) => Object.fromEntries(all.map((l) => [l.children[0].textContent, l.children[2].textContent]))),
    rest: await dialog.locator('table').first().locator('tbody tr').evaluateAll((all) => all.map((r) => [...r.children].map((c) => c.textContent.trim()))),
    parts: await dialog.locator('table').last().locator('tbody tr').count(),
  }
}

test('totals explain themselves with all digits, as dendro query gives them', async () => {
  for (const [path, args] of [
    [`/ui/?${whole}`, []],
    [`/ui/explore?${whole}&by=group&where=facility%3DISIS`, ['--where', 'facility=ISIS']],
    [`/ui/account?${whole}&where=group%3DIDAaaS_Muon`, ['--where', 'group=IDAaaS_Muon']],
  ]) {
    const { total } = await query(config, ...window, ...args)
    const page = await open(real + path)
    await page.getByRole('region', { name: 'Totals' }).getByRole('button', { name: 'Explain' }).click()
    const { steps, rest, parts } = await told(page)
    assert.match(page.url(), /explain=period/)
    assert.equal(steps.Energy, exact(total.energy_kwh, 'kWh'))
    assert.equal(steps.Carbon, exact(total.operational_gco2e, 'g CO₂e'))
    assert.equal(steps.Intensity, exact(total.intensity_gco2e_per_kwh, 'g CO₂e/kWh'))
    assert.equal(steps.Coverage, exact(total.coverage * 100, '%'))
    assert.equal(parts, 3, 'three days')
    // What is of an intensity and what is of none, together all of the energy.
    assert.ok(rest.some((r) => /actual, GB.*file/.test(r[1])) && rest.some((r) => /unknown: its carbon is missing/.test(r[1])), JSON.stringify(rest))
    assert.ok(rest.every((r) => /modelled by busy-idle 12 W\/1 W.*prometheus, raw samples/.test(r[0]) || /not observed/.test(r[0])), JSON.stringify(rest))
    const shares = rest.map((r) => Number(r[5].replace(' %', '')) || 0)
    assert.ok(Math.abs(shares.reduce((a, b) => a + b, 0) - 100) < 0.11, shares.join())
    await accessible(page, `explained ${path}`)
  }
})

test('an explanation leads down to the machine, and back', async () => {
  const page = await open(`${real}/ui/account?${whole}&where=group%3DIDAaaS_Muon&explain=period`)
  await picture(page, 'explain-period')
  const dialog = page.getByRole('dialog')
  const first = () => dialog.locator('table').last().getByRole('link', { name: 'Explain' }).first()
  const urls = []
  for (const wanted of [/explain=2026-03-28/, /explain=2026-03-28/, /slot=2026-03-28T00:00:00Z/]) {
    urls.push(page.url())
    const before = await dialog.locator('.facts').textContent()
    await first().press('Enter')
    await page.waitForURL(wanted)
    await page.waitForFunction((was) => document.querySelector('dialog .facts') && document.querySelector('dialog .facts').textContent !== was, before)
  }
  await dialog.getByText('172.16.100.50', { exact: true }).waitFor()
  await picture(page, 'explain-slot')
  for (const url of urls.reverse()) {
    await page.goBack()
    assert.equal(page.url(), url)
  }
  await told(page)
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })
  assert.doesNotMatch(page.url(), /explain/)
})

test('a row explains itself where it stands, by keyboard', async () => {
  const page = await open(`${real}/ui/explore?${whole}&by=facility,group`)
  const { nodes } = await query(config, '--by', 'facility,group', ...window)
  const button = page.getByRole('button', { name: 'Explain the figures of IDAaaS_SANS' })
  await button.focus()
  await page.keyboard.press('Enter')
  const { steps } = await told(page)
  assert.equal(steps.Energy, exact(nodes.find((n) => n.path[1] === 'IDAaaS_SANS').energy_kwh, 'kWh'))
  assert.match(page.url(), /of=facility=ISIS&of=group=IDAaaS_SANS/)
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  assert.ok(await button.evaluate((b) => b === document.activeElement), 'the focus is where it was')
})

test('the hour in which the clocks change is told by both names of the zone', async () => {
  const page = await open(`${real}/ui/account?from=2026-03-29&to=2026-03-29&where=facility%3DISIS&step=1h`)
  await page.getByRole('button', { name: 'Show as a table' }).first().click()
  const rows = await page.$$eval('.table tbody th', (all) => all.map((th) => th.textContent.trim()))
  assert.equal(rows.length, 23)
  assert.match(rows[0], /, 00:00 GMT to 02:00 (BST|GMT\+1)$/)
  assert.match(rows[1], /, 02:00 to 03:00 (BST|GMT\+1)$/)
})

test('numbers and dates are by the reader’s locale, and whole days stay whole', async () => {
  for (const [locale, value, date] of [['de-DE', '584,3', '28. März 2026'], ['fr-FR', '584,3', '28 mars 2026'], ['ar-EG', '٥٨٤٫٣', '٢٨ مارس ٢٠٢٦']]) {
    const page = await open(`${real}/ui/?${whole}`, { locale })
    assert.equal(await page.locator('[data-kpi=carbon] .value').textContent(), value)
    const window = await page.locator('h1 + p').textContent()
    assert.ok(window.includes(date.split(' ')[0]) && !/00:00|٠٠:٠٠/.test(window), window)
    const rows = await page.locator('.heat text').allTextContents()
    assert.ok(locale === 'en-GB' || !rows.includes('Wed'), rows.join())
    await picture(page, `locale-${locale}`)
    await settled(page)
  }
})
