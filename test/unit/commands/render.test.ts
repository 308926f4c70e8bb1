import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ARTICLE } from '../../support/article.ts';
import { folderWith, prometheusYml, run, zoneOf } from './run.ts';

const job = (name: string, to: object) => ({
  name,
  job: 'federate',
  from: [{ records: 'zone.json' }],
  select: { name: '\\.example\\.com$' },
  to,
});
const folderOf = (jobs: object[], files: Record<string, string> = {}) =>
  folderWith({
    'federation-sync.yml': { jobs },
    'zone.json': zoneOf('a.example.com.'),
    'prometheus.yml': prometheusYml(),
    ...files,
  });
describe('render', () => {
  test('prints the document as sync would leave it, byte for byte, and writes nothing', async () => {
    const folder = folderOf([job('a', { file: 'prometheus.yml' })]);
    const rendered = await run(folder, ['render']);
    expect(rendered).toMatchObject({ code: 0, stderr: '' });
    expect(readFileSync(join(folder, 'prometheus.yml'), 'utf8')).toBe(prometheusYml());
    await run(folder, ['sync']);
    expect(readFileSync(join(folder, 'prometheus.yml'), 'utf8')).toBe(rendered.stdout);
    expect((await run(folder, ['render'])).stdout).toBe(rendered.stdout);
  });

  test('prints a document that is not there yet', async () => {
    const folder = folderOf([job('a', { file: 'new.json', format: 'file_sd', create: true })]);
    const { stdout } = await run(folder, ['render']);
    expect(JSON.parse(stdout)).toEqual([
      { targets: ['a.example.com.'], labels: { clusterID: 'a' } },
    ]);
  });

  test('prints several one after the other, or as JSON by their places', async () => {
    const jobs = [
      job('a', { file: 'prometheus.yml' }),
      job('b', { file: 'list.yml', format: 'file_sd' }),
    ];
    const folder = folderOf(jobs, { 'list.yml': '[]' });
    const { stdout } = await run(folder, ['render']);
    expect(stdout).toMatch(/^# file:prometheus\.yml\nglobal:/);
    expect(stdout).toMatch(/\n# file:list\.yml\n- targets:/);
    expect(Object.keys((await run(folder, ['render', '--json'])).json)).toEqual([
      'file:prometheus.yml',
      'file:list.yml',
    ]);
  });

  test('keeps back a document of which a list failed', async () => {
    const folder = folderOf([
      job('a', { file: 'prometheus.yml' }),
      { ...job('b', { file: 'prometheus.yml' }), job: 'absent' },
    ]);
    const { code, stdout, stderr } = await run(folder, ['render']);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^error: b: job-missing: /);
  });

  test("does not print a Secret's contents, nor read them, unless it is told to", async () => {
    const to = { secret: { namespace: 'monitoring', name: 'scrape', key: 'scrape.yml' } };
    const folder = folderOf([job('a', { ...to, format: 'scrape_configs' })]);
    const { code, stdout, stderr } = await run(folder, ['render']);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toBe(
      'error: usage: secret/monitoring/scrape:scrape.yml is a Secret. Add --show-secrets, or choose other jobs with --job.\n',
    );
  });
});

test('the article, in the indentation of its own helm values', async () => {
  const after = ARTICLE.replace(
    `      - targets:
        - 'prometheus-server:80'
`,
    `      - targets:
        - prometheus1.example.com.
        labels:
          clusterID: cluster1
      - targets:
        - prometheus2.example.com.
        labels:
          clusterID: cluster2
`,
  );
  const settings = {
    jobs: [
      {
        job: 'federate',
        from: [{ records: 'zone.json' }],
        select: { name: '^prometheus(?<n>\\d+)\\.example\\.com$' },
        labels: { clusterID: 'cluster{n}' },
        to: { file: 'prometheus.yml' },
      },
    ],
  };
  const folder = folderWith({
    'federation-sync.yml': settings,
    'zone.json': zoneOf('prometheus2.example.com.', 'prometheus1.example.com.'),
    'prometheus.yml': ARTICLE,
  });
  expect(await run(folder, ['sync'])).toMatchObject({ code: 0 });
  expect(readFileSync(join(folder, 'prometheus.yml'), 'utf8')).toBe(after);
});
