import { describe, expect, test } from 'vitest';
import { parseSettings } from '../../../src/settings/parse.ts';
import { folderWith, run, zoneOf } from '../../unit/commands/run.ts';

// A federation-sync.yml as an attacker, or a generator gone wild, would write it.

const ten = (text: string) => Array(10).fill(text).join(', ');
/** `&a0 [x]`, `&a1 [*a0, *a0, ..]` and so on: ten to the power of nine, written out. */
const bomb = (of: (inner: string) => string, first: string) =>
  [...Array(9).keys()].map((i) => `x${i}: &a${i} ${i === 0 ? first : of(`*a${i - 1}`)}\n`).join('');
const list = bomb((a) => `[${ten(a)}]`, '[x]');
const patterns = `e: &e [${Array(2_000).fill('a').join(', ')}]
f: &f {zone: Z1, select: {name: x, exclude: *e}}
j: &j {job: a, from: [${Array(500).fill('*f').join(', ')}], to: {file: x}}
jobs: [${Array(500).fill('*j').join(', ')}]
`;
const chain = `${[...Array(5_000).keys()]
  .map((i) => `x${i}: &a${i} [${i === 0 ? 'x' : `*a${i - 1}`}]\n`)
  .join('')}jobs: *a4999\n`;

test.each([
  ['aliases of aliases', `${list}jobs: *a8\n`],
  ['aliases of aliases where a mapping belongs', `${list}cluster: *a8\njobs: []\n`],
  ['merge keys of merge keys', bomb((a) => `{<<: [${ten(a)}]}`, '{y: z}')],
  ['half a billion patterns', patterns],
  ['a list within itself', 'jobs: &a [*a]\n'],
  ['a mapping within itself', 'jobs: &a\n- job: x\n  labels: *a\n'],
  ['a long chain of aliases', chain],
  ['deep nesting', `jobs: ${'['.repeat(100_000)}`],
  ['deep nesting of mappings', `jobs: ${'{a: '.repeat(100_000)}`],
  ['a file of megabytes', `jobs: ${'x'.repeat(5_000_000)}\n`],
  ['binary', '\u0000\u0001\ufffd jobs'],
])('%s are refused in no time, in few words', (_, text) => {
  const begun = performance.now();
  let message = '';
  try {
    parseSettings(text, 'federation-sync.yml', '/');
  } catch (error) {
    expect(error).toMatchObject({ code: 'settings-invalid' });
    ({ message } = error as Error);
  }
  expect(message).not.toBe('');
  expect(message.length).toBeLessThan(2_000_000);
  expect(performance.now() - begun).toBeLessThan(3_000);
});

const settings = (labels: string, more = '') =>
  `jobs:
- job: federate
  from: [{records: zone.json}]
  select: {name: '^(?<constructor>[^.]+)\\.(?<__proto__>prometheus)\\.internal$'}
  labels: ${labels}
  ${more}
  to: {file: prometheus.yml}
`;
const DOCUMENT = 'scrape_configs:\n- job_name: federate\n  static_configs: []\n';
const zone = zoneOf('c1.prometheus.internal.');

describe('names that JavaScript has for itself', () => {
  test.each([
    settings('{__proto__: x}'),
    settings('{a: b}', 'also: [{targets: [a], labels: {__proto__: x}}]'),
    settings('{a: b}').replace('from: [{', 'from: [{labels: {__proto__: x}, '),
  ])('a label __proto__ is refused, and not dropped', (text) => {
    expect(() => parseSettings(text, 'f', '/')).toThrow(
      expect.objectContaining({
        code: 'settings-invalid',
        message: expect.stringContaining('__proto__'),
      }),
    );
  });

  test('other labels and groups of such names are like any other', async () => {
    const folder = folderWith({
      'federation-sync.yml': settings(
        "{constructor: '{constructor}', toString: '{__proto__}', hasOwnProperty: x}",
      ),
      'zone.json': zone,
      'prometheus.yml': DOCUMENT,
    });
    const { code, json, stderr } = await run(folder, ['plan', '--json', '--verbose']);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(json.jobs[0].added).toEqual(['c1.prometheus.internal.']);
    const rendered = await run(folder, ['render']);
    expect(rendered.stdout).toContain('constructor: c1');
    expect(rendered.stdout).toContain('toString: prometheus');
  });

  test('an unknown value of such a name is unknown', () => {
    const unknown = settings('{a: "{valueOf}"}');
    expect(() => parseSettings(unknown, 'f', '/')).toThrow(/\{valueOf\}/);
  });

  test('a job of such a name is one like any other', async () => {
    const folder = folderWith({
      'federation-sync.yml': settings('{a: b}').replaceAll('federate', '__proto__'),
      'zone.json': zone,
      'prometheus.yml': DOCUMENT.replace('federate', '__proto__'),
    });
    const { code, json } = await run(folder, ['sync', '--json', '--job', '__proto__']);
    expect(code).toBe(0);
    expect(json.jobs).toMatchObject([{ name: '__proto__', status: 'written' }]);
  });
});
