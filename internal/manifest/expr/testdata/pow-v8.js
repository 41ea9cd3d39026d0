// Records Math.pow of V8 11.3 (Node.js 20), which Impact Framework runs on:
//
//	node pow-v8.js > pow-v8.txt
//
// Each line is base, exponent and power, as the bits of their doubles in hex.
'use strict';
let state = 12345n;
const bits64 = () => (state = (state * 6364136223846793005n + 1442695040888963407n) & ((1n << 64n) - 1n));
const random = () => Number(bits64() >> 11n) / 2 ** 53;
const view = new DataView(new ArrayBuffer(8));
const anyDouble = () => {
  view.setBigUint64(0, bits64() ^ (bits64() >> 32n));
  return view.getFloat64(0);
};
const hex = f => {
  view.setFloat64(0, f);
  return view.getBigUint64(0).toString(16);
};
const special = [0, -0, 1, -1, Infinity, -Infinity, NaN, 0.5, -0.5, 2, -2, 3, 1e-320, 5e-324, 1e308, 4294967296, 2147483649, 1e20, 0.9999999];
const cases = [];
for (const x of special) for (const y of special) cases.push([x, y]);
for (let i = 0; i < 120; i++) {
  cases.push([random() * 100, Math.floor(random() * 20) - 5]);
  cases.push([Math.floor(random() * 1000), Math.floor(random() * 8)]);
  cases.push([random() * 10, random() * 10]);
  cases.push([-random() * 50, Math.floor(random() * 40) - 10]);
  cases.push([1 + (random() - 0.5) * 1e-6, (random() - 0.5) * 1e10]);
  cases.push([random() * 2, random() * 2000 - 1000]);
  cases.push([anyDouble(), anyDouble()]);
}
for (const [x, y] of cases) console.log(hex(x), hex(y), hex(Math.pow(x, y)));
