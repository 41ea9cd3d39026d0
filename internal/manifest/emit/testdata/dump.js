// Writes values as js-yaml does: one value a line on standard input, in the
// notation of jsyaml_test.go, and one JSON text a line on standard output.
// The folder that has js-yaml in its node_modules is the argument.
const {createRequire} = require('node:module');
const yaml = createRequire(process.argv[2] + '/')('js-yaml');

function decode(v) {
  if (v === null || typeof v === 'boolean' || typeof v === 'string') return v;
  switch (v.is) {
    case 'absent': return undefined;
    case 'number': return Number(v.of);
    case 'time': return new Date(v.of);
    case 'list': return v.of.map(decode);
  }
  const object = {};
  for (const [key, item] of v.of) {
    Object.defineProperty(object, key, {value: decode(item), enumerable: true, configurable: true, writable: true});
  }
  return object;
}

const lines = require('node:fs').readFileSync(0, 'utf8').split('\n').filter(Boolean);
const dump = line => JSON.stringify(yaml.dump(decode(JSON.parse(line)), {noRefs: true}));
process.stdout.write(lines.map(line => dump(line) + '\n').join(''));
