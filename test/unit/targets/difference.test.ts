import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Target } from '../../../src/target.ts';
import { differenceOf } from '../../../src/targets/difference.ts';

const t = (address: string, clusterID?: string): Target => ({
  address,
  labels: clusterID === undefined ? {} : { clusterID },
});
const addresses = (targets: readonly Target[]) => targets.map(({ address }) => address);

test('what is in one list only was added or removed', () => {
  const { added, removed, changed } = differenceOf([t('a'), t('b')], [t('b'), t('c')]);
  expect([addresses(added), addresses(removed), changed]).toEqual([['c'], ['a'], []]);
});

test('other labels are a change', () => {
  expect(differenceOf([t('a', '1')], [t('a', '2')])).toEqual({
    added: [],
    removed: [],
    changed: [{ before: t('a', '1'), after: t('a', '2') }],
  });
});

test('a label that comes or goes is a change', () => {
  const [bare, labelled] = [t('a'), t('a', '1')];
  expect(differenceOf([bare], [labelled]).changed).toEqual([{ before: bare, after: labelled }]);
  expect(differenceOf([labelled], [bare]).changed).toEqual([{ before: labelled, after: bare }]);
});

test('the same labels in another order are none', () => {
  const before = { address: 'a', labels: { x: '1', y: '2' } };
  const after = { address: 'a', labels: { y: '2', x: '1' } };
  expect(differenceOf([before], [after])).toEqual({ added: [], removed: [], changed: [] });
});

test('another port, scheme, path or final dot of one host is a change', () => {
  const before = [t('a.internal.'), t('b.internal:80'), t('c.internal')];
  const after = [t('a.internal:9090'), t('b.internal:81'), t('https://c.internal/x')];
  const { added, removed, changed } = differenceOf(before, after);
  expect([added, removed]).toEqual([[], []]);
  expect(changed.map((it) => [it.before.address, it.after.address])).toEqual([
    ['a.internal.', 'a.internal:9090'],
    ['b.internal:80', 'b.internal:81'],
    ['c.internal', 'https://c.internal/x'],
  ]);
});

test('an equal target is not reported as a change of another one', () => {
  const before = [t('a', '1'), t('a', '2')];
  const { removed, changed, added } = differenceOf(before, [t('a', '2')]);
  expect(removed).toEqual([t('a', '1')]);
  expect([added, changed]).toEqual([[], []]);
});

test('a duplicate that goes is a removal', () => {
  expect(differenceOf([t('a'), t('a')], [t('a')])).toMatchObject({ removed: [t('a')], added: [] });
});

test('every target is counted once on each side', () => {
  const target = fc
    .tuple(fc.constantFrom('a', 'a.', 'a:1', 'b', 'https://b/x', 'c'), fc.constantFrom('1', '2'))
    .map(([address, id]) => t(address, id));
  const list = fc.array(target, { maxLength: 8 });
  fc.assert(
    fc.property(list, list, (before, after) => {
      const { added, removed, changed } = differenceOf(before, after);
      const kept = before.length - removed.length - changed.length;
      expect(kept).toBeGreaterThanOrEqual(0);
      expect(after).toHaveLength(kept + changed.length + added.length);
      const again = differenceOf(after, before);
      expect([again.added.length, again.removed.length]).toEqual([removed.length, added.length]);
    }),
  );
});
