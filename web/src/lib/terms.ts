/** Every word that a page uses in a sense of its own, in a sentence. */
export const terms = {
  carbon: ['Carbon', 'Operational carbon: the energy of each slot times the carbon intensity of the grid in that slot.'],
  energy: ['Energy', 'Electricity that the machines used, measured by meters or worked out from processor time by a power model.'],
  intensity: ['Carbon intensity', 'Carbon per unit of electricity; over a period it is weighted by energy: known carbon ÷ the energy whose carbon is known.'],
  coverage: ['Coverage', 'The part of the time of all machines that was observed. What was not observed is missing from the sums, and is not zero.'],
  carbonCoverage: ['Carbon known', 'The part of the energy whose carbon is known, because an intensity was known for its place and time.'],
  estimated: ['Estimated', 'The part of the energy that was bridged, simulated or extrapolated, or whose intensity was an estimate or a forecast.'],
  provisional: ['Provisional', 'A slot that is still going on: its figures will grow, and are in no report yet.'],
  restated: ['Restated', 'A later figure replaced an earlier one, with its reason; the earlier one stays readable.'],
  slot: ['Slot', 'The base interval of the accounts: figures are worked out slot by slot and then added up.'],
  busy: ['Busy', 'What processors drew while they worked.'],
  idle: ['Idle', 'What processors drew while they waited.'],
  share: ['Share', 'The part of the total of what is shown. The shares add up to 100 %.'],
  account: ['Account', 'A set of labels, such as group and user, to which energy and carbon belong.'],
  unattributed: ['Unattributed', 'Energy of machines that nobody held at the time. It is always shown, so that nothing is lost.'],
  unknown: ['Unknown', 'Accounts without the label of this level.'],
  other: ['Other', 'The accounts after the largest ones, added up.'],
  simulated: ['Simulated', 'A made-up facility: nothing here was measured.'],
  missing: ['No data', 'Nothing was observed here. It is not zero.'],
  forecast: ['Forecast', 'What the source expects; it is replaced when the actual value is known.'],
  actual: ['Actual', 'What the source says after the fact.'],
  best: ['Best window', 'The time of the chosen length with the lowest mean intensity in the forecast.'],
  policy: ['Policy', 'How a whole is divided among those who used it, and who carries idle energy.'],
  lag: ['Lag', 'The time from the end of the newest closed slot to now.'],
  thirds: ['Thirds', 'The hours of the month in order of intensity, cut into three equal parts.'],
  trend: ['Trend', 'The course over the period, each row on a scale of its own that begins at zero; gaps are gaps.'],
} as const satisfies Record<string, readonly [string, string]>

export type Term = keyof typeof terms

/** The terms of kinds of nodes. */
export const kindTerms: Record<string, Term> = {
  account: 'account',
  unattributed: 'unattributed',
  idle: 'idle',
  unknown: 'unknown',
  other: 'other',
}
