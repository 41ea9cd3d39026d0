// Records what Impact Framework's csv-lookup and csv-import make of random
// tables and rows, for csv_test.go:
//
//   npm install @grnsft/if@1.1.0
//   node csv-if11.js 1 400 | gzip -9n > csv-if11.json.gz
//
// The arguments are a seed and the number of cases.

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const {createRequire} = require('node:module');
const load = createRequire(path.join(process.cwd(), 'index.js'));
const build = path.join(path.dirname(load.resolve('@grnsft/if/package.json')), 'build');

console.debug = () => {};
console.error = () => {};
const {CSVLookup} = require(path.join(build, 'if-run/builtins/csv-lookup'));
const {CSVImport} = require(path.join(build, 'if-run/builtins/csv-import'));

let state = Number(process.argv[2]);
const count = Number(process.argv[3]);
const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'csv-'));

function random() {
  state = (state * 1664525 + 1013904223) >>> 0;
  return state / 4294967296;
}
const integer = (min, max) => min + Math.floor(random() * (max - min + 1));
const pick = list => list[integer(0, list.length - 1)];
const chance = p => random() < p;

const cells = ['x', 'y', 'z', '7', '007', '7.0', ' 7', '0', '-0', '', '', ' ', '0x7', '1e1', '10', 'true', 'null', 'nan', '"a,b"', '2023-01-02', 'Infinity'];
const values = ['x', 'y', 'z', 7, '7', '007', ' 7 ', 0, '0', '', ' ', 10, '10', '1e1', true, false, null, 'true', 'null', 'nan', 'a,b', '2023-01-02', 'Infinity', '0x7'];
const names = ['name', 'kind', 'tdp', 'note'];

function table() {
  const columns = names.slice(0, integer(2, 4));
  if (chance(0.05)) columns.push(columns[0]);
  const rows = [];
  for (let i = integer(0, 12); i > 0; i--) rows.push(columns.map(() => pick(chance(0.7) ? cells.slice(0, 4) : cells)).join(','));
  if (chance(0.05)) rows.push('1,2,3,4,5,6');
  return [columns.join(','), ...rows].join(pick(['\n', '\r\n'])) + (chance(0.5) ? '\n' : '');
}

function output() {
  const name = () => pick([...names, ...names, 'missing']);
  const kind = random();
  if (kind < 0.35) return '*';
  if (kind < 0.5) return name();
  if (kind < 0.7) return Array.from({length: integer(1, 3)}, name);
  if (kind < 0.95) return Array.from({length: integer(1, 3)}, () => (chance(0.5) ? [name()] : [name(), pick(['new', 'a', 'tdp', ''])]));
  return [];
}

function rows() {
  return Array.from({length: integer(0, 3)}, () => {
    const row = {timestamp: 't', duration: 1};
    if (chance(0.9)) row.a = pick(chance(0.8) ? values.slice(0, 5) : values);
    if (chance(0.7)) row.b = pick(chance(0.8) ? values.slice(0, 5) : values);
    return row;
  });
}

async function record() {
  const c = {table: table(), method: chance(0.75) ? 'CSVLookup' : 'CSVImport', config: {filepath: 'table.csv', output: output()}, rows: rows()};
  if (c.method === 'CSVLookup') {
    c.config.query = {};
    if (chance(0.95)) c.config.query[pick([...names, 'nocolumn'])] = pick(['a', 'b', 'c']);
    if (chance(0.3)) c.config.query[pick([...names, 'nocolumn'])] = pick(['a', 'b']);
  }
  const file = path.join(dir, 'table.csv');
  fs.writeFileSync(file, c.table);
  const plugin = {CSVLookup, CSVImport}[c.method]({...structuredClone(c.config), filepath: file}, {}, undefined);
  try {
    c.out = await plugin.execute(structuredClone(c.rows));
  } catch (error) {
    c.error = `${error.name}: ${error.message}`;
  }
  return JSON.stringify(c, (k, v) => (typeof v === 'number' && (!isFinite(v) || Object.is(v, -0)) ? {$num: Object.is(v, -0) ? '-0' : String(v)} : v));
}

(async () => {
  const lines = [];
  for (let i = 0; i < count; i++) lines.push(await record());
  process.stdout.write('[\n' + lines.join(',\n') + '\n]\n');
  fs.rmSync(dir, {recursive: true});
})();
