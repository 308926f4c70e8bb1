import fc from 'fast-check';
import { dump, load, YAML11_SCHEMA } from 'js-yaml';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { flowScalar, jsonScalar, plainScalar } from '../../src/scalar.ts';

test.each([
  ['prometheus1.example.com.', 'prometheus1.example.com.'],
  ['a:9090', 'a:9090'],
  ['10.0.0.1:9090', '10.0.0.1:9090'],
  ['cluster_1', 'cluster_1'],
  ['gateway', 'gateway'],
  ['nothing-yet', 'nothing-yet'],
  ['https://a.example.com/x?y=z', 'https://a.example.com/x?y=z'],
  ['é', 'é'],
  ['[::1]:80', "'[::1]:80'"],
  ['*.example.com', "'*.example.com'"],
  ["it's", "it's"],
  ["'", "''''"],
  ['', "''"],
  [' a', "' a'"],
  ['a: b', "'a: b'"],
  ['a #b', "'a #b'"],
  ['-', "'-'"],
  ['?a', "'?a'"],
  ['%a', "'%a'"],
  ['@a', "'@a'"],
  ['a\nb', '"a\\nb"'],
  ['a\u0085', '"a\\N"'],
  ['\u2028', '"\\L"'],
  ['\u2029', '"\\P"'],
  ['\0\x07\b\t\n\v\f\r\x1b', '"\\0\\a\\b\\t\\n\\v\\f\\r\\e"'],
  ['"\\\xa0', '"\\"\\\\\\_"'],
  ['\x01\x7f', '"\\x01\\x7F"'],
  ['\ufeff\ud800', '"\\uFEFF\\uD800"'],
  ['  ', '"  "'],
  ['\u3000\u2003', '"\u3000\u2003"'],
  ['... and more', "'... and more'"],
  ['2026-11-01  10:00:00', "'2026-11-01  10:00:00'"],
  ['x 0x1F', 'x 0x1F'],
  ['0x1F x', '0x1F x'],
])('%j is written %s', (text, written) => {
  expect(plainScalar(text)).toBe(written);
});

test('a long text stays on one line', () => {
  const text = `# ${'word '.repeat(40)}`;
  expect(plainScalar(text)).toBe(`'${text}'`);
});

test.each([
  ['a1.b-c_d/é', 'a1.b-c_d/é'],
  ['a:80', "'a:80'"],
  ['0123', "'0123'"],
])('between brackets, %j is written %s', (text, written) => {
  expect(flowScalar(text)).toBe(written);
});

const WORDS =
  'y Y n N yes Yes YES no No NO on On ON off OFF true True TRUE false null Null NULL ~ = << 0 0123 1_000 12e4 0x1F 0o17 0b1 1:30 190:20:30 1.5 .5 5. +1 -1 .inf -.INF .nan 2026-11-01 2026-11-01T10:00:00Z 1e3 . _ _1 _.5 _.50 e1 e10 e-1 E+10 - -- --- ... ? : ! & * | > % @ ` # , [ ] { } " \' ';

test.each(WORDS.split(' '))('%j is quoted', (word) => {
  for (const scalar of [plainScalar(word), flowScalar(word)])
    expect(scalar).toMatch(/^(['"]).*\1$/);
});

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string(),
  fc.constantFrom(...WORDS.split(' ')),
  fc.stringMatching(/^[-+.:_0-9eExXobTZ ~,#'"[\]{}?!&*|>%@`\\]*$/),
  fc.stringMatching(
    /^[\p{L}\p{N}_./][a-c:# ,\]\t\n\u3000\u200b\x7f\x85\xa0\u2028\ufeff\ufffe'"\\]*$/u,
  ),
  fc.stringMatching(
    /^(?:0[xob][0-9a-f_]{0,4}|[0-9_]{1,3}(?::[0-9]{1,2}){1,3}\.?[0-9_]{0,2}|\.(?:inf|Inf|nan|NAN|x))$/,
  ),
  fc.stringMatching(
    /^20\d\d-\d{1,2}-\d{1,2}(?:[Tt ]\d{1,2}:\d\d:\d\d(?:\.\d*)?(?: ?(?:Z|[-+]\d{1,2}(?::\d\d)?))?)?$/,
  ),
);

test('the style is that of dump, in single quotes where dump would be plain and another parser might not', () => {
  fc.assert(
    fc.property(text, (value) => {
      const written = plainScalar(value);
      const dumped = dump([value], { flowLevel: 0, lineWidth: -1 }).slice(1, -2);
      if (written === dumped) return;
      expect(dumped).toBe(value);
      expect(written).toBe(`'${value.replaceAll("'", "''")}'`);
      // First characters that no host has; YAML's words; what has the form of a number or a date.
      expect(value).toMatch(
        /^(?:[^\p{L}\p{N}_./]|(?:y|n|yes|no|on|off|true|false|null)$|[-+.\d_]|e[-+]?\d+$)/iu,
      );
    }),
    { numRuns: Number(process.env.FUZZ_RUNS ?? 1000) },
  );
});

test('any text is read as it was, by any version of YAML, in lines and between brackets', () => {
  fc.assert(
    fc.property(text, (value) => {
      const plain = plainScalar(value);
      const flow = flowScalar(value);
      const json = jsonScalar(value);
      expect(JSON.parse(json)).toBe(value);
      for (const read of [
        (t: string) => load(t),
        (t: string) => load(t, { schema: YAML11_SCHEMA }),
      ]) {
        expect(read(`a:\n- ${plain}\n`)).toEqual({ a: [value] });
        expect(read(`a: {b: ${flow}, c: [${flow}]}\n`)).toEqual({ a: { b: value, c: [value] } });
        expect(read(`{"a":${json}}`)).toEqual({ a: value });
      }
      for (const version of ['1.1', '1.2'] as const) {
        expect(parse(`a:\n- ${plain}\n`, { version })).toEqual({ a: [value] });
        expect(parse(`a: {b: ${flow}, c: [${flow}]}\n`, { version })).toEqual({
          a: { b: value, c: [value] },
        });
      }
    }),
    { numRuns: Number(process.env.FUZZ_RUNS ?? 1000) },
  );
});
