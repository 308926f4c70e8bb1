import { expect, test } from 'vitest';
import { lineUp } from '../../../../src/commands/init/line-up.ts';

test.each<[ids: string, names: string, before: string, after: string, lined: string]>([
  ['eu-1 eu-2', 'eu-1 eu-2', '', '', 'eu-1 eu-2'],
  ['eu-1 eu-2', 'eu-1 eu-2 test', '', '', 'eu-1 eu-2'],
  ['eu-1 eu-2', 'prod-eu-1 prod-eu-2 test', 'prod-', '', 'prod-eu-1 prod-eu-2'],
  ['eu-1 eu-2', 'eu-1-prod eu-2-prod eu-3-prod', '', '-prod', 'eu-1-prod eu-2-prod'],
  ['eu-1 eu-2', 'k8s-eu-1-prod k8s-eu-2-prod', 'k8s-', '-prod', 'k8s-eu-1-prod k8s-eu-2-prod'],
  ['1 2 12', 'prod-1 prod-2 prod-12', 'prod-', '', 'prod-1 prod-2 prod-12'],
  // eu-1 is in eu-12, too, but no other name has a 2 after its id.
  ['eu-1 eu-2', 'prod-eu-12 prod-eu-1 prod-eu-2', 'prod-', '', 'prod-eu-1 prod-eu-2'],
  // More names count for more than a shorter text.
  ['a b c', 'a x-b x-c', 'x-', '', 'x-b x-c'],
  ['a b', 'x-b a', '', '', 'a'],
  ['aa', 'aaa', '', 'a', 'aaa'],
  ['EU-1', 'eu-1', '', '', ''],
  ['eu-1', 'us-1 us-2', '', '', ''],
  ['', 'us-1', '', '', ''],
])('ids %j, names %j: %j and %j around an id explain %j', (ids, names, before, after, lined) => {
  const found = lineUp(new Set(ids.split(' ')), names.split(' '));
  expect([found.before, found.after]).toEqual([before, after]);
  expect([...found.ids.keys()].join(' ')).toBe(lined);
  for (const [name, id] of found.ids) expect(name).toBe(`${before}${id}${after}`);
});

test('1,000 ids against 1,000 names take less than a second', () => {
  const ids = Array.from({ length: 1_000 }, (_, n) => `eu-${n}`);
  const begun = performance.now();
  const found = lineUp(
    new Set(ids),
    ids.map((id) => `prod-${id}`),
  );
  expect([found.before, found.ids.size]).toEqual(['prod-', 1_000]);
  expect(performance.now() - begun).toBeLessThan(1_000);
});
