import { describe, expect, test } from 'vitest';
import { openList } from '../../../src/document/document.ts';
import type { Target } from '../../../src/target.ts';
import { dedent } from './dedent.ts';

const targets = (addresses: string, labels: Target['labels'] = {}): Target[] =>
  addresses.split(' ').map((address) => ({ address, labels }));
const module = { module: 'http_2xx' };

describe('a list that is one group', () => {
  test('stays one where only its targets change', () => {
    const text = dedent`
      - job_name: blackbox
        static_configs:
        - targets:
          - b/ping
          - old/ping
          labels:
            module: http_2xx
      `;
    const list = openList(text, { format: 'scrape_configs', job: 'blackbox' });
    expect(list.write(targets('a/ping b/ping c/ping', module))).toBe(
      text.replace(/ {4}- b.*\n.*\n/, '    - a/ping\n    - b/ping\n    - c/ping\n'),
    );
    expect(list.write(targets('old/ping b/ping', module))).toBe(text);
  });

  test('between brackets, too', () => {
    const text = '[{job_name: x, static_configs: [{targets: [a], labels: {m: ok}}]}]\n';
    const list = openList(text, { format: 'scrape_configs', job: 'x' });
    expect(list.write(targets('b c:80', { m: 'ok' }))).toBe(text.replace('[a]', "[b, 'c:80']"));
  });

  test.each([
    ['yaml', false, '- targets:\n  - a:1', '- targets:\n  - a:1\n  - b:1\n'],
    [
      'json',
      true,
      '[{"targets": ["a:1"]}]',
      `${JSON.stringify([{ targets: ['a:1', 'b:1'] }], undefined, 2)}\n`,
    ],
  ])('in a file of target groups as %s', (_, json, before, after) => {
    const open = (text: string) => openList(text, { format: 'file_sd', job: '', json });
    expect(open(before).write(targets('a:1 b:1'))).toBe(after);
    expect(open(after).write(targets('b:1 a:1'))).toBe(after);
  });

  test('is divided where labels differ', () => {
    const list = openList('- targets: [a, b]\n', { format: 'file_sd', job: '' });
    expect(list.write([...targets('a'), ...targets('b', module)])).toBe(
      '- targets:\n  - a\n- targets:\n  - b\n  labels:\n    module: http_2xx\n',
    );
    expect(list.write(targets('a b', module)).match(/targets/g)).toHaveLength(2);
  });
});

test('several groups stay a group for each target', () => {
  const text = '- targets: [a]\n- targets: [b, c]\n';
  const list = openList(text, { format: 'file_sd', job: '' });
  expect(list.write(targets('a b'))).toBe('- targets:\n  - a\n- targets:\n  - b\n');
  expect(list.write(targets('c b a'))).toBe(text);
});
