import { describe, expect, test } from 'vitest';
import { openList } from '../../../src/document/document.ts';
import type { Target } from '../../../src/target.ts';
import { ARTICLE } from '../../support/article.ts';
import { dedent } from './dedent.ts';
import { EDIT_CASES } from './edit-cases.ts';

const owner = { format: 'static_configs', job: 'federate' } as const;
const one: Target[] = [{ address: 'a.example.com.', labels: { clusterID: 'a' } }];

const write = (before: string, wanted = one) => openList(before, owner).write(wanted);

test("the article's example comes out letter for letter", () => {
  const before = ARTICLE;
  const wanted = [1, 2].map((n) => ({
    address: `prometheus${n}.example.com.`,
    labels: { clusterID: `cluster${n}` },
  }));
  const list = dedent`
        static_configs:
          - targets:
            - prometheus1.example.com.
            labels:
              clusterID: cluster1
          - targets:
            - prometheus2.example.com.
            labels:
              clusterID: cluster2
    `.replaceAll(/^(?=.)/gm, '    ');
  const [head] = before.split('    static_configs:');
  expect(write(before, wanted)).toBe(head + list);
  const emptied = before.replace(/(static_configs:)[\s\S]*/, '$1 []\n');
  expect(write(before, [])).toBe(emptied);
  expect(write(emptied, wanted)).toBe(head + list);
});

describe('the list is replaced, and nothing else', () => {
  test.each(Object.entries(EDIT_CASES))('%s', (_, [before, after]) => {
    expect(write(before)).toBe(after);
    expect(write(after)).toBe(after);
    const windows = before.replaceAll('\n', '\r\n');
    expect(write(windows)).toBe(after.replaceAll('\n', '\r\n'));
    expect(write(`\ufeff${before}`)).toBe(`\ufeff${after}`);
    const unfinished = after.replace(/\n$/, '');
    expect(write(unfinished, [])).toBe(write(after, []).replace(/\n$/, ''));
    expect(openList(write(write(unfinished, [])), owner).targets).toEqual(one);
  });
});

describe('an empty list', () => {
  const lines = dedent`
    scrape_configs:
      - job_name: federate
        static_configs: # kept
        - targets: [old] # goes
        scheme: https
    `;

  test('is on the line of its key, and grows again from there', () => {
    const emptied = write(lines, []);
    expect(emptied).toBe(lines.replace(/: # kept\n.*/, ': [] # kept'));
    expect(write(emptied)).toMatch(/: # kept\n {6}- targets:\n {8}- a\.example/);
  });

  test('follows the comments that have lines of their own', () => {
    const commented = lines.replace('kept\n', 'kept\n    # about\n');
    const emptied = write(commented, []);
    expect(emptied).toBe(commented.replace(/ {4}- .*/, '      []'));
    expect(write(emptied)).toMatch(/# about\n {6}- targets:\n {8}- a\.example/);
  });

  test('is where the first dash was, if that is deeper than the key', () => {
    const deep = lines.replace(': # kept\n    - ', ':\n      # about\n      - ');
    expect(write(deep, [])).toBe(deep.replace(/- targets.*/, '[]'));
  });

  test('between brackets is as short as can be', () => {
    const flow =
      'scrape_configs:\n- {\n    job_name: federate,\n    static_configs: [{targets: [old]}]\n  }\n';
    expect(write(flow, [])).toBe(flow.replace('[{targets: [old]}]', '[]'));
  });

  test('is the same as none, null, or nothing', () => {
    for (const value of ['', ' []', ' null', ' ~', ' # none', ' [\n]']) {
      const text = `scrape_configs: [{job_name: x}]\ny: 1\n`;
      expect(openList(text, { ...owner, job: 'x' }).write([])).toBe(text);
      const held = lines.replace(/ # kept\n.*/, value);
      expect(write(held, [])).toBe(held);
    }
  });
});

test('JSON stays JSON, in its own indentation', () => {
  for (const indent of [0, 2, 3, 4, '\t']) {
    const labels = { ['__proto__']: 'x', clusterID: 'ü\u2028\u007f"\\' };
    const wanted = [
      { address: 'a:80', labels },
      { address: 'b', labels: {} },
    ];
    const groups = [{ targets: ['a:80'], labels }, { targets: ['b'] }];
    const document = (list: unknown) =>
      `${JSON.stringify({ scrape_configs: [{ job_name: 'federate', ...(list as object), y: {} }] }, null, indent)}\n`;
    for (const before of [{}, { static_configs: [] }, { static_configs: [{ targets: ['old'] }] }]) {
      const written = write(document(before), wanted);
      expect(JSON.parse(written)).toEqual(JSON.parse(document({ static_configs: groups })));
      if (indent !== 0) {
        const escaped = document({ static_configs: groups }).replace(
          '\u2028\u007f',
          '\\u2028\\u007f',
        );
        expect(written).toBe(escaped);
      }
    }
  }
});

test('a bare list of scrape configs is edited like the one in a prometheus.yml', () => {
  const before = '- job_name: other\n- job_name: federate\n  static_configs:\n  - targets: [old]\n';
  const list = openList(before, { format: 'scrape_configs', job: 'federate' });
  expect(list.targets).toEqual([{ address: 'old', labels: {} }]);
  expect(list.write(one)).toBe(
    '- job_name: other\n- job_name: federate\n  static_configs:\n  - targets:\n    - a.example.com.\n    labels:\n      clusterID: a\n',
  );
});

test('line breaks are those of the lines around', () => {
  const mac = 'scrape_configs:\r- job_name: federate\r  static_configs: []\r';
  expect(write(mac)).toBe(
    'scrape_configs:\r- job_name: federate\r  static_configs:\r  - targets:\r    - a.example.com.\r    labels:\r      clusterID: a\r',
  );
});
