// Records what Impact Framework's time-sync makes of random observations, for
// timesync_if_test.go:
//
//   npm install @grnsft/if@1.1.0
//   node timesync-if11.js 1 300 | gzip -9n > timesync-if11.json.gz
//
// The arguments are a seed and the number of cases.

const {createRequire} = require('node:module');
const path = require('node:path');
const load = createRequire(path.join(process.cwd(), 'index.js'));
const build = path.join(path.dirname(load.resolve('@grnsft/if/package.json')), 'build');

console.debug = () => {};
const {TimeSync} = require(path.join(build, 'if-run/builtins/time-sync'));
const {storeAggregationMetrics} = require(path.join(build, 'if-run/lib/aggregate'));
const {getStorage} = require(path.join(build, 'common/util/storage'));
require(path.join(build, 'common/util/logger')).logger.warn = () => {};

let state = Number(process.argv[2]);
const count = Number(process.argv[3]);

function random() {
  state = (state * 1664525 + 1013904223) >>> 0;
  return state / 4294967296;
}
const integer = (min, max) => min + Math.floor(random() * (max - min + 1));
const pick = list => list[integer(0, list.length - 1)];
const chance = p => random() < p;
const iso = ms => new Date(ms).toISOString();
const day = Date.UTC(2023, 11, 12);

function anything() {
  const r = random();
  if (r < 0.5) return Math.round(random() * 1000) / 10;
  if (r < 0.8) return integer(0, 50);
  if (r < 0.85) return random();
  if (r < 0.9) return 0;
  if (r < 0.94) return null;
  if (r < 0.96) return String(integer(1, 30));
  return r < 0.98 ? 'abc' : true;
}
const number = () => (chance(0.6) ? Math.round(random() * 1000) / 10 : integer(0, 50));

function timestamp(ms, wild) {
  const text = iso(ms);
  if (!wild) return text;
  if (chance(0.15)) return {$date: ms};
  if (ms % 60000 === 0 && chance(0.1)) return text.slice(0, 16) + 'Z';
  if (ms % 1000 === 0 && chance(0.1)) return text.slice(0, 19) + 'Z';
  return chance(0.05) ? text.slice(0, 23) + '7Z' : text;
}

function row(ms, duration, wild) {
  const keys = [['timestamp', timestamp(ms, wild)], ['duration', duration]];
  for (const metric of ['energy', 'cpu', 'ci', 'skip', 'foo']) {
    if (wild && chance(0.15)) continue;
    const label = metric === 'ci' || metric === 'foo';
    keys.push([metric, label && chance(0.3) ? pick(['uk', 'fr']) : wild && !label ? anything() : number()]);
  }
  if (chance(0.1)) keys.push(['time-reserved', integer(1, 9)]);
  if (wild && chance(0.2)) keys.sort(() => random() - 0.5);
  return Object.fromEntries(keys);
}

function inputs(unit, wild, fractions) {
  const rows = [];
  let ms = Math.round(day + unit * integer(-5, 12) * 1000);
  if (fractions && chance(0.3)) ms += pick([500, 250, 1, 999]);
  for (let i = integer(1, 6); i > 0; i--) {
    let duration = unit * integer(1, 9);
    if (wild && chance(0.1)) duration = pick([0, 0.5, 1.5, -3, integer(1, 9)]);
    if (fractions && chance(0.2)) duration += pick([0.1, 0.25, 0.0005]);
    rows.push(row(ms, duration, wild));
    ms = Math.ceil(ms + duration * 1000);
    const gap = random();
    if (gap < 0.2) ms += unit * integer(1, 6) * 1000;
    else if (gap < 0.3) ms += 1000;
    else if (fractions && gap < 0.4) ms += pick([500, 250]);
    else if (wild && gap < 0.33) ms -= 1000;
    ms = Math.round(ms);
  }
  return rows;
}

function makeCase() {
  const wild = chance(0.4);
  const fractions = chance(0.15);
  const resolution = chance(0.6) ? undefined : pick([1, 2, 3, 5, 1.5, 2.5, 1.1, 10]);
  const unit = resolution || 1;
  const interval = chance(0.05) ? pick([0, -unit * 2, 1.5, 7]) : unit * integer(1, 8);
  const rows = inputs(unit, wild, fractions);
  let start = day + (chance(0.9) ? unit * integer(-5, 6) : integer(-9, 9)) * 1000;
  let end = start + (chance(0.9) ? unit * integer(3, 25) : integer(3, 60)) * 1000;
  if (fractions && chance(0.2)) start += 500;
  if (fractions && chance(0.2)) end += 500;
  const config = {'start-time': iso(Math.round(start)), 'end-time': iso(Math.round(end)), interval, 'allow-padding': chance(0.85)};
  if (resolution !== undefined) config['upsampling-resolution'] = resolution;
  const methods = {};
  for (const [metric, method] of [['energy', 'sum'], ['cpu', 'avg'], ['ci', 'copy'], ['skip', 'none']]) {
    if (chance(0.9)) methods[metric] = method;
  }
  if (chance(0.1)) methods['time-reserved'] = pick(['sum', 'avg', 'none']);
  if (chance(0.1)) methods.foo = pick(['sum', 'avg']);
  return {config, methods, rows};
}

const revive = row => Object.fromEntries(Object.entries(row).map(([k, v]) => [k, v && v.$date !== undefined ? new Date(v.$date) : v]));

function encode(v) {
  if (typeof v === 'number' && (!isFinite(v) || Object.is(v, -0))) return {$num: Object.is(v, -0) ? '-0' : String(v)};
  return v instanceof Date ? {$date: Number(v)} : v;
}

async function record(c) {
  const known = getStorage().metrics || {};
  for (const name of Object.keys(known)) delete known[name];
  const metrics = {timestamp: {time: 'none', component: 'none'}, duration: {time: 'sum', component: 'none'}};
  for (const [name, time] of Object.entries(c.methods)) metrics[name] = {time, component: 'sum'};
  storeAggregationMetrics(metrics);
  try {
    const out = await TimeSync(c.config, {}, undefined).execute(c.rows.map(revive));
    c.out = out.map(r => Object.fromEntries(Object.entries(r).filter(([, v]) => v !== undefined).map(([k, v]) => [k, encode(v)])));
  } catch (error) {
    c.error = `${error.name}: ${error.message}`;
  }
  return JSON.stringify(c);
}

(async () => {
  const lines = [];
  for (let i = 0; i < count; i++) lines.push(await record(makeCase()));
  process.stdout.write('[\n' + lines.join(',\n') + '\n]\n');
})();
