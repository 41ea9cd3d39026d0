import { describe, expect, it } from 'vitest'
import { disclosures } from './cannedDisclosures'
import { filesOf, largestFirst, rowName, signedBy, significant } from './disclosures'

describe('disclosures', () => {
  it('name rows by their labels, and say what is no account', () => {
    expect(rowName({ labels: { region: 'eu', service: 'mail' }, kind: 'account' }, ['service', 'region'])).toBe('mail · eu')
    expect(rowName({ labels: { service: 'mail' }, kind: 'unknown' }, ['service', 'region'])).toBe('mail · (unknown)')
    expect(rowName({ labels: {}, kind: 'account' }, ['service'])).toBe('(all)')
  })

  it('put what is not known last, and not among the zeros', () => {
    const rows = [{ operational_gco2e: null, energy_kwh: 9 }, { operational_gco2e: 0, energy_kwh: 1 }, { operational_gco2e: 2, energy_kwh: 1 }]
    expect(largestFirst(rows).map((r) => r.operational_gco2e)).toEqual([2, 0, null])
  })

  it('tell a signature that holds from one that fails, cannot be known or is not there', () => {
    expect(disclosures.disclosures.map((d) => [signedBy(d).text, signedBy(d).tone])).toEqual([
      ['signature fails', 'bad'], ['key not known', 'quiet'], ['not signed', 'quiet'], ['disclosure.key.pub', 'good'],
    ])
  })

  it('offer the files that are there', () => {
    expect(filesOf(disclosures.disclosures[2]!).map((f) => f.name)).toEqual(['Document', 'Statement', 'Page', 'CSV'])
    expect(filesOf(disclosures.disclosures[3]!).map((f) => f.name)).toContain('Signature')
  })

  it('round to four significant digits', () => {
    expect([0, 0.017703125, 1234.5678, -0.5].map(significant)).toEqual(['0', '0.01770', '1,235', '-0.5000'])
  })
})
