import type { components } from './schema'

type Schemas = components['schemas']

type Nullable<T> = { readonly [K in keyof T]: T[K] | null }

/** Figures as the API gives them: null is unknown, and not zero. */
export type Figures = Nullable<Schemas['AccountFigures']>

export type Point = Figures & { readonly from: string; readonly to: string; readonly provisional?: boolean }

export type Kind = 'account' | 'unattributed' | 'idle' | 'unknown' | 'other'

export type Node = Figures & {
  readonly path: readonly string[]
  readonly kind: Kind
  readonly provisional?: boolean
  readonly compared?: Figures
  readonly series?: readonly Point[]
}

export type Total = Figures & { readonly provisional?: boolean; readonly compared?: Figures; readonly series?: readonly Point[] }

export interface Answer {
  readonly from: string
  readonly to: string
  readonly time_zone: string
  readonly by: readonly string[]
  readonly as_known_at: string | null
  /** The policies that were asked for by name. */
  readonly policy?: string
  readonly compare?: string
  readonly simulated?: boolean
  readonly warnings?: readonly string[]
  /** Whose figures these are, and what the others have apart from them. */
  readonly perimeter?: string
  readonly apart?: readonly { readonly perimeter: string }[] | null
  readonly total: Total
  readonly nodes: readonly Node[]
}

export type Status = Schemas['StatusOutputBody']
export type Intensity = Schemas['AccountIntensity']
export type Intensities = Schemas['IntensityOutputBody']
export type Forecast = Omit<Schemas['ForecastOutputBody'], 'best'> & { readonly best: Schemas['BestWindow'] | null }
export type Restatements = Schemas['RestatementsOutputBody']
export type Restated = Schemas['Restated']
/** What the figures of a window rest on. */
export type Foundation = Omit<Schemas['QueryFoundation'], 'bases'> & { readonly bases: readonly (Omit<Schemas['QueryBased'], 'figures'> & { readonly figures: Figures })[] }
export type Explained = Schemas['QueryExplained']
export type Explanation = Schemas['DeriveExplanation']
export type HostExplanation = Schemas['DeriveHostExplanation']
export type Equivalencies = Schemas['EquivalenciesOutputBody']
export type Labels = Schemas['LabelsOutputBody']
export type LabelValues = Schemas['LabelOutputBody']

export type Share = Schemas['ScoredShare']
export type ScoredCell = Omit<Schemas['ScoredCell'], 'energy_shares' | 'intensity_shares'> & { readonly energy_shares: readonly Share[] | null; readonly intensity_shares: readonly Share[] | null }
/** A service in a region: what the ledger has of it, and what archived windows say. */
export type ServiceCell = Omit<Schemas['ServiceCell'], 'ledger' | 'scored'> & { readonly ledger: Total | null; readonly scored: ScoredCell | null }
export type ScoredPeriod = Schemas['ScoredPeriod']
export type ServicesAnswer = Omit<Schemas['ServicesOutputBody'], 'cells' | 'total' | 'now'> & { readonly cells: readonly ServiceCell[]; readonly total: Total; readonly now: Schemas['Services'] | null }
export type ServiceWindow = Schemas['ScoredRow']
export type ServiceWindows = Schemas['WindowsOutputBody']
export type Meter = Schemas['Meter']
