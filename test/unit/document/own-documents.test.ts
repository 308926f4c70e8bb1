import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { openList } from '../../../src/document/document.ts';
import type { Target } from '../../../src/target.ts';
import { dedent } from './dedent.ts';
import { generateWanted } from './generate.ts';

const targets: Target[] = [
  { address: 'prometheus1.example.com.', labels: { clusterID: 'cluster1' } },
  { address: '0123', labels: { ['__proto__']: 'yes', 'a b': '"' } },
  { address: 'c:80', labels: {} },
];

const FILE = dedent`
  - targets:
    - prometheus1.example.com.
    labels:
      clusterID: cluster1
  - targets:
    - '0123'
    labels:
      __proto__: 'yes'
      a b: '"'
  - targets:
    - c:80
  `;

describe('file_sd as YAML', () => {
  const open = (text?: string) => openList(text, { format: 'file_sd', job: '' });

  test('is rendered in the style of the article', () => {
    for (const text of [undefined, '', '# none\n', '[]', 'null', '- targets: [old]\n']) {
      expect(open(text).write(targets)).toBe(FILE);
    }
    expect(open(FILE).targets).toEqual(targets);
    expect(open(undefined)).toMatchObject({ targets: [], relabelled: true });
  });

  test('stays as it is when it says the same', () => {
    const text = dedent`
      # ours
      - labels: {clusterID: "cluster1"}
        targets: [prometheus1.example.com.]
      - {targets: ['c:80']}
      - {targets: [0123], labels: {__proto__: yes, 'a b': '"'}}
      `;
    expect(open(text).write(targets)).toBe(text);
    expect(open('[]').write([])).toBe('[]');
  });

  test('is an empty list rather than nothing', () => {
    for (const text of [undefined, '', 'null', FILE]) expect(open(text).write([])).toBe('[]\n');
  });
});

describe('file_sd as JSON', () => {
  const open = (text?: string) => openList(text, { format: 'file_sd', job: '', json: true });

  test('is rendered with two spaces', () => {
    const groups = targets.map(({ address, labels }) =>
      Object.keys(labels).length === 0 ? { targets: [address] } : { targets: [address], labels },
    );
    const text = `${JSON.stringify(groups, null, 2)}\n`;
    expect(open(undefined).write(targets)).toBe(text);
    expect(open('[{"targets": ["old"]}]').write(targets)).toBe(text);
    expect(open(JSON.stringify(groups)).write([...targets].reverse())).toBe(JSON.stringify(groups));
    expect(open(text).write([])).toBe('[]\n');
    expect(open('').write([])).toBe('[]\n');
  });

  test('does not change where null stands for no label', () => {
    const text = '[{"targets": ["a"], "labels": {"b": null}}]';
    expect(open(text).write(open(text).targets)).toBe(text);
  });

  test('is rewritten where a number stands for a text', () => {
    const list = open('[{"targets": [12, "a"], "labels": {"b": null}}]');
    expect(list.targets.map(({ address }) => address)).toEqual(['12', 'a']);
    expect(JSON.parse(list.write(list.targets))).toEqual([{ targets: ['12', 'a'] }]);
  });
});

describe('thanos_endpoints', () => {
  const open = (text?: string) => openList(text, { format: 'thanos_endpoints', job: '' });
  const addresses = ['a.example.com:10901', '[::1]:80'].map((address) => ({ address, labels: {} }));
  const text = "endpoints:\n- address: a.example.com:10901\n- address: '[::1]:80'\n";

  test('are addresses alone, each once', () => {
    const labelled = addresses.map(({ address }, i) => ({ address, labels: { i: `${i}` } }));
    for (const old of [undefined, '', '{}', 'endpoints:', 'endpoints: [{address: old}]\n']) {
      expect(open(old).write([...labelled, ...addresses])).toBe(text);
    }
    expect(open(text).targets).toEqual(addresses);
    expect(open(text).write(labelled.reverse())).toBe(text);
    expect(open(text).write([])).toBe('endpoints: []\n');
    for (const empty of [undefined, 'endpoints:', '{}']) {
      expect(open(empty).targets).toEqual([]);
      expect(open(empty).write([])).toBe('endpoints: []\n');
    }
    expect(open(text).relabelled).toBe(false);
  });
});

test('whatever the list, other parsers read from its own document what was wanted', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60, size: 'max' }), (bytes) => {
      const wanted = generateWanted(bytes);
      const groups = wanted.map(({ address, labels }) => ({ targets: [address], labels }));
      const said = (read: { targets: string[]; labels?: object }[]) =>
        read.map(({ targets: [address], labels }) => [address, Object.entries(labels ?? {})]);
      for (const json of [false, true]) {
        const owner = { format: 'file_sd', job: '', json } as const;
        const text = openList(undefined, owner).write(wanted);
        expect(said(json ? JSON.parse(text) : parse(text, { version: '1.1' }))).toEqual(
          said(groups),
        );
        expect(openList(text, owner).write([...wanted].reverse())).toBe(text);
      }
      const thanos = openList('', { format: 'thanos_endpoints', job: '' }).write(wanted);
      const addresses = [...new Set(wanted.map(({ address }) => address))];
      expect(parse(thanos, { version: '1.1' })).toEqual({
        endpoints: addresses.map((address) => ({ address })),
      });
    }),
    { numRuns: 300 },
  );
});

describe('what does not come out as it should is not written', () => {
  const formats = [
    { format: 'file_sd', job: '' },
    { format: 'file_sd', job: '', json: true },
    { format: 'thanos_endpoints', job: '' },
  ] as const;
  const fault = (message: string) => expect.objectContaining({ code: 'document-check', message });

  test('where it cannot be read again', () => {
    const wanted = [{ address: 'a'.repeat(5_000_000), labels: {} }];
    for (const owner of formats) {
      expect(() => openList('', owner).write(wanted)).toThrow(
        fault('The new document failed its check: The document is larger than 4194304 characters.'),
      );
    }
  });

  test('where it reads otherwise', () => {
    // To Prometheus a label without a value is none.
    const wanted = [{ address: 'a', labels: { b: '' } }];
    for (const owner of formats.slice(0, 2)) {
      expect(() => openList('', owner).write(wanted)).toThrow(
        fault('The new document failed its check: the list does not have the wanted targets.'),
      );
    }
    const prometheus = 'scrape_configs:\n- job_name: federate\n';
    const owner = { format: 'static_configs', job: 'federate' } as const;
    expect(() => openList(prometheus, owner).write(wanted)).toThrow(
      fault('The edited document failed its check: the list does not have the wanted targets.'),
    );
  });
});
