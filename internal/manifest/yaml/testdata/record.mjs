// Records what js-yaml makes of the documents in cases.txt, as jsyaml.json.
//
//   npm install js-yaml@4.3.2 && node record.mjs
//
// In cases.txt a line "=== name" begins a case; the text up to the next such
// line is the document, in which \r, \t, \0, \xHH, \uHHHH and \\ stand for
// characters, and a \ at the end of the last line for no line break there.
import { readFileSync, writeFileSync } from 'node:fs'
import yaml from 'js-yaml'

// show writes a value so that no kind is confused with another.
function show (v) {
  if (v === undefined || v === null) return 'null'
  if (typeof v === 'boolean') return String(v)
  if (typeof v === 'number') return Object.is(v, -0) ? '-0' : String(v)
  if (typeof v === 'string') return JSON.stringify(v)
  if (v instanceof Date) return '@' + v.getTime()
  if (v instanceof Uint8Array) return '[' + Array.from(v).join(',') + ']'
  if (Array.isArray(v)) return '[' + v.map(show).join(',') + ']'
  return '{' + Object.keys(v).map(k => JSON.stringify(k) + ':' + show(v[k])).join(',') + '}'
}

const escapes = /\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|([rt0\\]))/g
const chars = { r: '\r', t: '\t', 0: '\0', '\\': '\\' }
const results = {}
for (const part of readFileSync('cases.txt', 'utf8').split(/^=== /m).slice(1)) {
  const end = part.indexOf('\n')
  const name = part.slice(0, end)
  const text = part.slice(end + 1).replace(/\\\n$/, '')
    .replace(escapes, (_, x, u, c) => c ? chars[c] : String.fromCharCode(parseInt(x || u, 16)))
  if (name in results) throw new Error('two cases are called ' + name)
  try {
    results[name] = { value: show(yaml.load(text)) }
  } catch (e) {
    results[name] = { error: e.reason || e.message, line: e.mark ? e.mark.line + 1 : 0, column: e.mark ? e.mark.column + 1 : 0 }
  }
}
writeFileSync('jsyaml.json', JSON.stringify(results, null, 1) + '\n')
