import fc from 'fast-check';
import { load } from 'js-yaml';
import { expect, test } from 'vitest';
import type { Target } from '../../../src/target.ts';
import { keeping } from '../../../src/targets/also-block.ts';
import { visible } from '../../../src/wording.ts';
import { jobOf } from './wanted.ts';

const target = (address: string, labels: Target['labels'] = {}): Target => ({ address, labels });

/** The block as a terminal shows it, pasted into settings. */
const pasted = (also: readonly Target[], leaving: readonly Target[]) => {
  const { details } = keeping(also, leaving, 'sync --force');
  const text = ['name: pasted', ...details.map(visible)].join('\n');
  return jobOf(load(text) as Record<string, unknown>).also;
};

test.each([
  ['\\052.internal.', 'the label "\\\\052" cannot be in a host name'],
  ['\\100odd.internal.', 'the label "\\\\100odd" cannot be in a host name'],
  ['a b', 'the label "a b" cannot be in a host name'],
])('%s, which settings refuse, is a comment of the block', (address, why) => {
  const { remedy, details } = keeping([], [target(address), target('a:80')], 'sync --force');
  expect(details).toEqual([
    'also:',
    '  - targets:',
    '      - a:80',
    `# ${JSON.stringify(address)} is not possible: the address cannot be scraped: ${why}`,
  ]);
  expect(remedy).toBe(
    'Keep them with the also: block, except those in its comments, or remove them: sync --force',
  );
});

test('there is no block where none of them is possible', () => {
  const { remedy, details } = keeping(
    [target('a:80')],
    [target('\\052.internal.')],
    'sync --force',
  );
  expect(details).toHaveLength(1);
  expect(remedy).toBe('They cannot be kept with also. Remove them: sync --force');
});

test('the block has what the job has in also, and each address once', () => {
  const own = target('own:80', { a: 'b' });
  const twice = [target('gone.internal.'), target('gone.internal.')];
  expect(pasted([own], twice)).toEqual([target('gone.internal.'), own]);
  expect(keeping([own], twice, 'x').remedy).toContain("in place of the job's own");
});

test('whatever the targets, the block that is shown can be pasted, and keeps all that it names', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom(`\${x}`, '{{resolve:x}}', '\u202e', '\u200bx', 'no', '0123', '', '# x', "it's"),
  );
  const name = fc.oneof(text, fc.constantFrom('__address__', '__meta_x', 'clusterID', '__proto__'));
  const address = fc.oneof(
    text,
    fc.constantFrom('a.internal.', 'b:80', '[::1]:80', `http://c/\${x}`, 'd/\u00e9', '12', 'y'),
  );
  const targets = fc.array(
    fc.record({ address, labels: fc.dictionary(name, text, { maxKeys: 3 }) }),
    { minLength: 1, maxLength: 5 },
  );
  fc.assert(
    fc.property(targets, (leaving) => {
      const refused = keeping([], leaving, 'x').details.filter((line) => line.startsWith('# "'));
      const byAddress = new Map(leaving.map((it) => [it.address, it]));
      const kept = pasted([], leaving);
      expect(kept.length + refused.length).toBe(byAddress.size);
      for (const it of kept) expect(it).toEqual(byAddress.get(it.address));
    }),
    { numRuns: 500 },
  );
});
