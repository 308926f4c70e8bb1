import { describe, expect, test } from 'vitest';
import { targetsOf } from '../../../src/targets/targets.ts';
import { type ListKind, usableIn } from '../../../src/targets/usable.ts';
import { jobOf, recordOf } from './wanted.ts';

const usable = (list: Partial<ListKind>, job: Record<string, unknown> = {}) => {
  const wanted = targetsOf(jobOf(job), [
    ['a.internal.', 'a.internal. AAAA', 'b.internal.'].map(recordOf),
  ]);
  return usableIn({ format: 'static_configs', relabelled: false, ...list }, wanted);
};
const url = { target: 'https://{host}/ping' };

describe('a URL as a target', () => {
  test('stops a Prometheus whose job does not relabel it, so it is skipped', () => {
    const { targets, skipped, records } = usable({}, url);
    expect(targets).toEqual([]);
    expect(records).toBe(3);
    expect(skipped.map(({ record, type, code }) => [record, type, code])).toEqual([
      ['a.internal.', 'A', 'path-not-allowed'],
      ['a.internal.', 'AAAA', 'path-not-allowed'],
      ['b.internal.', 'A', 'path-not-allowed'],
    ]);
  });

  test.each<Partial<ListKind>>([
    { relabelled: true },
    { format: 'scrape_configs', relabelled: true },
    { format: 'file_sd' },
  ])('are allowed in %j', (list) => {
    expect(usable(list, url).targets).toHaveLength(2);
    expect(usable(list, url).skipped).toEqual([]);
  });

  test('are not allowed in also either', () => {
    const also = [{ targets: ['https://x.example/ping'] }];
    expect(usable({}, { also }).skipped).toEqual([
      {
        record: 'https://x.example/ping',
        type: 'also',
        code: 'path-not-allowed',
        reason: 'https://x.example/ping: only a job with relabel_configs accepts URLs',
      },
    ]);
  });
});

describe('an endpoint of Thanos', () => {
  const list: Partial<ListKind> = { format: 'thanos_endpoints' };

  test('needs its port', () => {
    const { skipped } = usable(list);
    expect(skipped.map(({ code }) => code)).toEqual(Array(3).fill('port-missing'));
    expect(skipped[0]?.reason).toBe('a.internal.: an endpoint must have a port');
    expect(usable(list, { target: '{host}:10901' }).targets).toHaveLength(2);
  });

  test('is no URL', () => {
    expect(usable(list, { target: 'https://{host}:1/x' }).skipped[0]).toMatchObject({
      code: 'path-not-allowed',
      reason: 'https://a.internal:1/x: an endpoint must be host:port',
    });
  });

  test('has no labels, and no warning about them', () => {
    const { targets, warnings } = usable(list, { target: '{host}:1', labels: { clusterID: 'x' } });
    expect(targets.map(({ labels }) => labels)).toEqual([{}, {}]);
    expect(warnings).toEqual([]);
  });
});
