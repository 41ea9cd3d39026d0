// Records what the builtins of Impact Framework 1.1.0 make of random configs and
// rows. With the npm package @grnsft/if@1.1.0 in node_modules beside it:
//
//	node builtins-if11.js | gzip -9n > builtins-if11.ndjson.gz
//
// Each line is {method, config, mapping, components, outputs, error, after}:
// components are the rows of the components that use one instance after
// another, outputs what each became up to the first error, after the config and
// the mapping as the run leaves them. {"$date": ms} is a Date, {"$num": text} a
// number that JSON has no form for.
'use strict';
const builtins = require('@grnsft/if/build/if-run/builtins/index.js');

// A linear congruential generator, so that a recording can be repeated.
let state = 1n;
const random = () => {
  state = (state * 6364136223846793005n + 1442695040888963407n) & ((1n << 64n) - 1n);
  return Number(state >> 33n) / 2 ** 31;
};
const chance = p => random() < p;
const pick = list => list[Math.floor(random() * list.length)];
const below = n => Math.floor(random() * n);
const times = (n, f) => Array.from({length: n}, f);

// What kind of case is made: mild ones mostly succeed, wild ones have values of
// all types in all places, garbled ones have random expressions.
let mild = false;
let garbled = false;

const names = ['aa', 'bb', 'carbon', 'energy', 'cpu/energy', 'cpu-util', 'requests', 'if-size', 'c_d'];
const oddNames = ['a', 'time', 'co2', 'gpu0/energy', 'cpu.energy', 'énergie', 'a b', 'numerator', 'denominator', 'x', 'timestamp', 'vCPUs'];
const name = () => (chance(mild ? 0.98 : 0.85) ? pick(names) : pick(oddNames));
const nice = () => pick([() => below(100), () => below(10), () => random() * 100, () => below(1000) / 10, () => random() * 1e-6, () => random() * 1e9])();
const odd = () => pick([0, -0, -1, NaN, Infinity, -Infinity, 1e-7, 1e21, (random() - 0.5) * 1e6]);
const texts = ['hello', '1', '2.5', '1-2', '1/4', '2023-07-06', '007', 'env=prod', '=2*3', '= 2 * bb', '=aa', '= carbon + 1',
  '= 2 * "cpu/energy"', "= 3 * 'cpu-util'", '=2&3', '=(2+3)', '=1/0', '1/0', '=10 - carbon', '', 'foo,bar', 'off', 'abc 7', '-5',
  '1e3', '0x10', 'true', '=2**3', '=2--1', '= 2 - -1', 'a=b', '=', ' 7', '=energy/2', '=cpu/energy', '=co2*2', '5=', '= -carbon',
  '=.5*carbon', '=6//3', '2 3', 'null', '=null*1'];
const parts = ['0', '1', '10', '2.5', '.5', '5.', '1e3', '0x1F', 'a', 'aa', 'carbon', 'cpu/energy', 'cpu-util', "'bb'",
  '"cpu/energy"', '+', '-', '*', '/', '**', '//', '--', '&', '(', ')', '=', ' ', '_', 'é', 'true', 'null', 'NaN', '.', '%', '-1'];
const garble = () => (chance(0.6) ? '=' : '') + times(1 + below(5), () => pick(parts) + (chance(0.3) ? ' ' : '')).join('');
const any = () => {
  if (garbled && chance(0.12)) return garble();
  if (chance(mild ? 0.995 : 0.9)) return nice();
  return pick([odd, odd, () => pick(texts), () => null, () => chance(0.5), () => new Date(1700000000000)])();
};
const expression = () => {
  if (garbled && chance(0.7)) return garble();
  if (chance(0.5)) return `= ${pick([2, 3, 0.5, 10, 0])} ${pick(['*', '+', '-', '/'])} ${pick([name(), `'${name()}'`, `"${name()}"`])}`;
  return pick([...texts, `=${name()}`, `${name()} * 2`, `= ${name()} / ${name()}`, `= '${name()}' + '${name()}'`, `2 * ${name()}`]);
};
const metric = () => {
  if (chance(mild ? 0.6 : 0.75)) return name();
  return mild || chance(0.8) ? expression() : pick([4, null, true, [], {}, '', undefined, new Date(0)]);
};
const quantity = () => {
  if (garbled && chance(0.3)) return garble();
  if (chance(0.7)) return nice();
  if (mild || chance(0.75)) {
    return pick(['2', '2.5', '= 2 * 3', '2*3', '=2*3', '2 * 3', 'abc 7 def', '-5', '=-5', '=(1)', '=1/0', '1e3', '=2*carbon', '0', '', 'x',
      '007', '=2-2', '+4', '.5', '1,5']);
  }
  return pick([null, true, '', -1, 0, NaN, Infinity, undefined, [1], new Date(0)]);
};
const output = () => {
  if (garbled && chance(0.3)) return garble();
  if (chance(0.65)) return pick(['out', 'carbon-product', 'x', 'cpu/total', ...names]);
  if (mild || chance(0.8)) {
    return pick(["= 2 * 'carbon-product'", '= 2.5 * product', '= 10 - product', '=product', '10 * product', '=co2*2', 'co2', 'a.b', 'a b',
      '= 2 * (p)', 'énergie', '5', '=2*3', '= 2 * 3', '=product*product', '2 - 3', '-', '= 0 * p', '=p/0', '= 1 / prod', '=prod-1', '=2*aa']);
  }
  return pick([null, 4, '', undefined, true]);
};
const list = () => {
  if (!mild && chance(0.05)) return pick([null, undefined, 'a', [4], [null], ['']]);
  return times(below(5), () => (chance(0.95) ? name() : pick(['= 2 * carbon', 'missing', 4])));
};
const curve = () => {
  const x = [];
  const y = [];
  let at = 0;
  for (let i = 0; i < 1 + below(6); i++) {
    x.push(chance(0.9) ? at : below(100));
    at += chance(0.9) ? 1 + below(30) : 0;
    y.push(chance(0.5) ? below(100) / 100 : random());
  }
  if (!mild && chance(0.1)) y.pop();
  if (!mild && chance(0.05)) x[0] = '0';
  return [x, y];
};
const patterns = ['^[^,]+', '(o)(o)?', 'o', '/o/g', 'o/g', '/o/i', 'a/b', 'a\\/b', '[^,]*', '/[^,]*/g', '\\d+', '/\\w+/g', '(\\w)(\\d)?', '.',
  '\\s', '[\\s]', '[^\\s]+', '\\S+', '(?<n>a)', '^$', '$', '/^/g', '/\\b/g', 'a{2}', 'a{', '[a-z', '(', 'x*', '/x*/g', '[\\w-]+', '\\u0061',
  '\\x61+', '(?:f)(o+)', '/(a)|(b)/g', '\\.', '[.]', '[\\-]', '.*', '/', '//', '[/]', 'é', '.é?', '\\[', '[[]', '\\R', '\\(R\\)'];
const lines = ['hello', 'foo,bar', 'Intel(R) Xeon(R) 8170M', 'a/b', 'x y z', 'aaa', '', 'é1', '42 cores', 'A-1_b', 'line\nbreak', '2024-01-01T00:00:00Z'];
const units = ['s', 'second', 'min', 'h', 'hour', 'day', 'w', 'week', 'm', 'month', 'y', 'year'];
const embodied = ['baseline-vcpus', 'baseline-memory', 'baseline-emissions', 'lifespan', 'vcpu-emissions-constant',
  'memory-emissions-constant', 'ssd-emissions-constant', 'hdd-emissions-constant', 'gpu-emissions-constant'];
const fold = () => ({'input-parameters': list(), 'output-parameter': output()});

const configs = {
  Coefficient: () => ({'input-parameter': metric(), coefficient: quantity(), 'output-parameter': output()}),
  Copy: () => ({'keep-existing': mild || chance(0.9) ? chance(0.4) : pick([null, 'true', undefined, 1]), from: metric(), to: output()}),
  Divide: () => ({numerator: metric(), denominator: chance(0.5) ? metric() : quantity(), output: output()}),
  Exponent: () => ({'input-parameter': metric(), exponent: quantity(), 'output-parameter': output()}),
  Interpolation: () => {
    const [x, y] = curve();
    const method = mild || chance(0.9) ? pick(['linear', 'spline', 'polynomial', undefined]) : pick(['cubic', null, 5, 'Linear']);
    const points = mild || chance(0.95) ? x : pick([undefined, null, 5, 'a', {}]);
    return {method, x: points, y, 'input-parameter': metric(), 'output-parameter': output()};
  },
  Multiply: fold,
  Regex: () => ({parameter: mild || chance(0.9) ? 'text' : pick([null, '', 4, 'zz', 'bb']), match: pick(patterns), output: output()}),
  Sci: () => ({'functional-unit': chance(0.7) ? 'requests' : metric()}),
  SciEmbodied: () => {
    const config = chance(0.4) ? {'output-parameter': output()} : {};
    for (const key of embodied) if (chance(0.15)) config[key] = quantity();
    return config;
  },
  Subtract: fold,
  Sum: fold,
  TimeConverter: () => ({
    'input-parameter': metric(),
    'original-time-unit': mild || chance(0.95) ? pick(units) : pick(['fortnight', null, undefined, 5]),
    'new-time-unit': mild || chance(0.95) ? pick(['duration', ...units]) : pick(['x', null]),
    'output-parameter': output(),
  }),
};

const special = {Sci: ['carbon', 'requests'], SciEmbodied: ['vCPUs', 'memory', 'ssd', 'hdd', 'gpu', 'usage-ratio', 'time'],
  Interpolation: ['cpu-util'], Regex: ['text']};

const cell = (method, key) => {
  if (key === 'timestamp') return mild || chance(0.97) ? pick(['t1', '2024-01-01T00:00:00Z', new Date(1.7e12)]) : pick([5, null, '1-2']);
  if (key === 'duration') return mild || chance(0.95) ? pick([1, 10, 60, 3600, 1.5]) : any();
  if (key === 'text') return mild || chance(0.93) ? pick(lines) : any();
  if (method !== 'Interpolation') return any();
  return chance(0.85) ? pick([below(60), random() * 60, 0]) : chance(0.4) ? 'off' : any();
};
const rows = method => {
  let keys = ['timestamp', 'duration', ...names.filter(() => chance(mild ? 0.98 : 0.8)), ...oddNames.filter(() => chance(0.08))];
  keys.push(...(special[method] || []).filter(() => chance(method === 'SciEmbodied' ? 0.4 : 0.95)));
  keys = [...new Set(keys)];
  if (!mild && chance(0.05)) keys = keys.filter(() => chance(0.7));
  const row = of => Object.fromEntries(of.map(key => [key, cell(method, key)]));
  const base = row(keys);
  return times(chance(0.03) ? 0 : 1 + below(3), () => {
    const one = row(mild || chance(0.9) ? keys : keys.filter(() => chance(0.9)));
    if (chance(0.3)) for (const key of Object.keys(one)) if (chance(0.7)) one[key] = base[key];
    return one;
  });
};
const mapping = () => {
  if (chance(0.75)) return undefined;
  const sides = ['sci', 'vCPUs', 'memory', 'embodied-carbon', 'out', 'carbon-product', 'product', 'functional-unit', 'coefficient'];
  return Object.fromEntries(times(below(4), () => [chance(0.7) ? name() : pick(sides), pick([...names, 'my-carbon', 'c2', 'cp', 'ec'])]));
};
const shuffled = object => {
  const entries = Object.entries(object).filter(([, v]) => v !== undefined);
  if (chance(0.2)) entries.sort(() => random() - 0.5);
  return Object.fromEntries(entries);
};

const encode = v => {
  if (typeof v === 'number') return Number.isFinite(v) && !Object.is(v, -0) ? v : {$num: Object.is(v, -0) ? '-0' : String(v)};
  if (v instanceof Date) return {$date: v.getTime()};
  if (Array.isArray(v)) return v.map(encode);
  if (v === null || typeof v !== 'object') return v;
  return Object.fromEntries(Object.entries(v).filter(([, x]) => x !== undefined).map(([key, x]) => [key, encode(x)]));
};

const record = async () => {
  const method = pick(Object.keys(configs));
  const config = mild || chance(0.98) ? shuffled(configs[method]()) : pick([undefined, {}]);
  if (config && !mild && chance(0.05)) config.extra = pick(['= 2 * carbon', 5, '2*3', null]);
  const map = mapping();
  const components = times(chance(map ? 0.5 : 0.1) ? 2 : 1, () => rows(method));
  const line = {method, config: encode(config), mapping: map && {...map}, components: encode(components), outputs: []};
  try {
    const own = structuredClone(config);
    const plugin = builtins[method](own, undefined, map);
    for (const component of components) line.outputs.push(encode(await plugin.execute(structuredClone(component))));
    line.after = {config: encode(own), mapping: map};
  } catch (error) {
    line.error = `${error.name}: ${error.message}`;
  }
  return JSON.stringify(line);
};

const main = async () => {
  console.warn = () => {};
  console.error = () => {};
  for (const [kind, count] of [['mild', 700], ['wild', 300], ['garbled', 200]]) {
    mild = kind !== 'wild';
    garbled = kind === 'garbled';
    for (let i = 0; i < count; i++) process.stdout.write((await record()) + '\n');
  }
};
main();
