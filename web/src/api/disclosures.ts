import type { components } from './schema'

type Schemas = components['schemas']

/** Another disclosure; without a file it is not in the server's folder. */
export type Related = Schemas['ShelfRelated']

type Links = 'previous' | 'restates' | 'next' | 'restated_by'

/** A disclosure of the folder. */
export type Disclosure = Omit<Schemas['ShelfItem'], Links | 'totals'> & { readonly [K in Links]: Related | null } & { readonly totals: Totals }
export type Disclosures = Omit<Schemas['DisclosuresOutputBody'], 'disclosures'> & { readonly disclosures: readonly Disclosure[] }
export type Verified = Schemas['VerifyOutputBody']
export type Check = Schemas['DisclosureCheck']

type Known<T, K extends keyof T> = Omit<T, K> & { readonly [P in K]: T[P] | null }

/** Figures of a row; null is not known. */
export type RowFigures = Known<Schemas['DisclosureFigures'], 'operational_gco2e' | 'embodied_gco2e'>
export type Totals = Known<Schemas['DisclosureTotals'], 'operational_gco2e' | 'embodied_gco2e'>

export interface RowChange {
  readonly labels: Readonly<Record<string, string>>
  readonly kind: string
  readonly before: RowFigures | null
  readonly after: RowFigures | null
  readonly energy_change_kwh: number | null
  readonly operational_change_gco2e: number | null
  readonly embodied_change_gco2e: number | null
}

type Side = Omit<Schemas['DisclosureCompared'], 'totals' | 'sci'> & { readonly totals: Totals; readonly sci: Score | null }

export type Comparison = Omit<Schemas['DisclosureComparison'], 'rows' | 'before' | 'after'> & {
  readonly before: Side
  readonly after: Side
  readonly rows: readonly RowChange[]
}

export type Score = Schemas['DisclosureScore']

export type Row = RowFigures & { readonly labels: Readonly<Record<string, string>>; readonly kind: string }

/** A document as docs/schema says, as far as it is shown. */
export interface Document {
  readonly id: string
  readonly made_at: string
  readonly program: { readonly name: string; readonly version: string }
  readonly intent: string
  readonly confidentiality: string
  readonly organisation: { readonly name: string; readonly country: string; readonly sector?: string } | null
  readonly period: Schemas['DisclosureDates']
  readonly scope: {
    readonly source: string
    readonly boundary: readonly string[]
    readonly omitted: readonly string[]
    readonly by: readonly string[]
    readonly excluded?: readonly { readonly what: string; readonly name: string; readonly reason: string }[]
    readonly measured_requests: number
  }
  readonly method: {
    readonly specification: string
    readonly energy_models: readonly { readonly source: string; readonly energy_kwh: number }[]
    readonly intensity_sources: readonly { readonly source: string; readonly energy_kwh: number }[]
    readonly methodologies?: readonly string[]
    readonly coefficients?: readonly string[]
    readonly versions?: readonly string[]
  }
  readonly totals: Totals
  readonly sci: Score | null
  readonly rows: readonly Row[]
  readonly shared: { readonly embodied_gco2e: number; readonly transport_gco2e: number }
  readonly coverage: {
    readonly time: number
    readonly days: number
    readonly observed_days: number
    readonly largest_gap_days: number
    readonly spans: number
    readonly carbon: number
    readonly attributed: number
    readonly measured: number
    readonly modelled: number
    readonly estimated: number
  }
  readonly quality: {
    readonly findings: readonly { readonly code: string; readonly grave: boolean; readonly input?: string; readonly count: number; readonly text: string; readonly acknowledged?: string }[]
    readonly windows: Readonly<Record<string, number>>
    readonly chain: Readonly<Record<string, number>>
    readonly repairs: Readonly<Record<string, number>>
  }
  readonly restates: {
    readonly id: string
    readonly sha256: string
    readonly evidence: readonly { readonly cause: string; readonly text: string }[]
    readonly differences: readonly { readonly figure: string }[]
  } | null
  readonly previous: { readonly id: string; readonly sha256: string } | null
  readonly inputs: {
    readonly files?: readonly { readonly name: string; readonly sha256: string; readonly bytes: number; readonly lines: number; readonly windows: number; readonly first?: string; readonly last?: string }[]
    readonly ledger?: { readonly as_known_at: string; readonly restatements: number }
  }
  readonly notes: { readonly disclaimers: readonly string[]; readonly references?: Readonly<Record<string, string>> }
}
