import { describe, expect, test } from 'vitest';
import { openList } from '../../../src/document/document.ts';
import { resourceText } from '../../../src/formats.ts';

const HEAD = { apiVersion: 'monitoring.coreos.com/v1alpha1', kind: 'ScrapeConfig' };
const open = (text: string) => openList(text, { format: 'scrape_config', job: '' });
const listOf = (text: string) => JSON.parse(text).spec.staticConfigs;

describe('a ScrapeConfig', () => {
  test('is edited in its list alone', () => {
    const spec = {
      metricsPath: '/federate',
      staticConfigs: [{ targets: ['a:1'] }],
      sampleLimit: 5,
    };
    const list = open(resourceText({ ...HEAD, spec }));
    expect(list).toMatchObject({ targets: [{ address: 'a:1', labels: {} }], relabelled: false });
    const written = list.write([
      { address: 'b:1', labels: { z: '2', a: '1' } },
      { address: 'c:1', labels: {} },
    ]);
    expect(JSON.parse(written).spec).toEqual({
      metricsPath: '/federate',
      sampleLimit: 5,
      staticConfigs: [{ targets: ['b:1'], labels: { a: '1', z: '2' } }, { targets: ['c:1'] }],
    });
  });

  test('stays as it is when it has the same targets in another order', () => {
    const staticConfigs = [{ targets: ['a:1', 'b:1'], labels: { x: '1' } }];
    const text = resourceText({ ...HEAD, spec: { staticConfigs } });
    const same = ['b:1', 'a:1'].map((address) => ({ address, labels: { x: '1' } }));
    expect(open(text).write(same)).toBe(text);
  });

  test('keeps one group while its targets have the same labels, but never a target twice in it', () => {
    const staticConfigs = [{ targets: ['a:1'], labels: { x: '1' } }];
    const text = resourceText({ ...HEAD, spec: { staticConfigs } });
    const target = (address: string) => ({ address, labels: { x: '1' } });
    expect(listOf(open(text).write([target('a:1'), target('b:1')]))).toEqual([
      { targets: ['a:1', 'b:1'], labels: { x: '1' } },
    ]);
    expect(listOf(open(text).write([target('b:1'), target('b:1')]))).toHaveLength(2);
  });

  test('can become empty', () => {
    const text = resourceText({ ...HEAD, spec: { staticConfigs: [{ targets: ['a:1'] }] } });
    expect(open(text).write([])).toBe(resourceText({ ...HEAD, spec: { staticConfigs: [] } }));
    expect(open(resourceText({ ...HEAD, spec: {} })).targets).toEqual([]);
  });

  test('accepts URLs where its own relabelings can turn them into addresses', () => {
    const relabelled = (relabelings: unknown) =>
      open(resourceText({ ...HEAD, spec: { relabelings } }));
    expect(relabelled([{ targetLabel: 'x' }]).relabelled).toBe(true);
    expect(relabelled([]).relabelled).toBe(false);
  });

  test('is read from a template in YAML, and written as JSON', () => {
    const yaml = `# a template
apiVersion: monitoring.coreos.com/v1alpha1
kind: ScrapeConfig
metadata: { labels: { team: metrics } }
spec: { metricsPath: /federate }
`;
    expect(JSON.parse(open(yaml).write([]))).toEqual({
      ...HEAD,
      metadata: { labels: { team: 'metrics' } },
      spec: { metricsPath: '/federate', staticConfigs: [] },
    });
  });

  test.each([
    ['document-broken', 'a: ['],
    ['document-format', 'scrape_configs: []'],
    ['document-broken', ''],
    ['document-format', JSON.stringify({ ...HEAD, apiVersion: 'monitoring.coreos.com/v1' })],
    ['document-unsafe', JSON.stringify({ ...HEAD, spec: [] })],
    ['document-unsafe', JSON.stringify({ ...HEAD, spec: { staticConfigs: {} } })],
    ['document-unsafe', JSON.stringify({ ...HEAD, spec: { staticConfigs: [{ targets: [5] }] } })],
    ['document-unsafe', JSON.stringify({ ...HEAD, spec: { staticConfigs: [null] } })],
    [
      'document-unsafe',
      JSON.stringify({
        ...HEAD,
        spec: { staticConfigs: [{ targets: ['a'], labels: { x: null } }] },
      }),
    ],
  ])('is refused as %s: %s', (code, text) => {
    expect(() => open(text)).toThrow(expect.objectContaining({ code }));
  });
});
