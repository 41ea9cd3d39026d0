/** What to do about what fails, by the words of the error; a person reads it. */
const rules: readonly [RegExp, string][] = [
  [/connection refused|no such host|dial |no answer|timeout|deadline/i, 'The server behind it does not answer. Check that it runs, and its address in the configuration. Slots wait and are closed when it answers again.'],
  [/40[13]|unauthori[sz]ed|forbidden/i, 'It refuses the credentials. Check the token or password in the configuration.'],
  [/429|too many/i, 'It is asked too often. Dendro asks again later by itself.'],
  [/two hosts|one key|same key/i, 'Two hosts have one name after normalising. Change the list of normalisers in the configuration.'],
  [/no model|power model/i, 'Add a power model for these hosts to the configuration.'],
  [/disk|no space|read-only/i, 'Make room on the disk of the data folder, or let the program write there.'],
]

export function action(error: string): string {
  return rules.find(([words]) => words.test(error))?.[1] ?? 'The log of the server says more. Dendro tries again by itself.'
}
