import { copyFileSync, rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { folderWith, run, zoneOf } from '../run.ts';

const SETTINGS = String.raw`
jobs:
  - job: federate
    from: [{ records: zone.json }]
    select: { name: '^(?<clusterID>[^.]+)\.prometheus\.internal$', exclude: ['^test-'] }
    expect: [{ file: clusters.txt }]
    guard: { maxRemoved: 100% }
    to: { file: targets.yaml, format: file_sd }
`;
const records = (...ids: string[]) =>
  JSON.stringify(zoneOf(...ids.map((id) => `${id}.prometheus.internal. CNAME`)));

/** A folder whose list was synced with the ids of `synced`; then the zone has those of `zone`. */
async function folderOf(clusters: string[], zone: string[], synced = zone): Promise<string> {
  const folder = folderWith({
    'federation-sync.yml': SETTINGS,
    'clusters.txt': clusters.join('\n'),
    'zone.json': records(...synced),
    'targets.yaml': '[]\n',
    'later.json': records(...zone),
  });
  expect((await run(folder, ['sync'])).code).toBe(0);
  copyFileSync(`${folder}/later.json`, `${folder}/zone.json`);
  return folder;
}

test('each cluster that lacks something has a row with its rung, reason and remedy', async () => {
  const folder = await folderOf(
    ['eu-1', 'eu-2', 'test-1', 'eu-3'],
    ['eu-1', 'test-1', 'eu-3', 'old'],
    ['eu-1', 'old'],
  );
  const { code, stdout, stderr } = await run(folder, ['coverage']);
  expect(stdout).toBe(`federate
  record    eu-2
            no record set gives this id
            -> In eu-2: kubectl -n monitoring annotate service prometheus-server external-dns.kubernetes.io/hostname=eu-2.prometheus.internal external-dns.alpha.kubernetes.io/hostname=eu-2.prometheus.internal
  selected  test-1
            test-1.prometheus.internal CNAME: its name matches select.exclude
            ^test-
            -> federation-sync explain test-1.prometheus.internal
  list      eu-3
            not in the list; the next sync adds it
            -> federation-sync sync --job federate
  orphaned  old.prometheus.internal.: no cluster old is expected; if it is gone, delete its record
4 clusters expected, 1 covered, 3 not; 1 orphaned
`);
  expect(stderr).toBe('');
  expect(code).toBe(2);
});

test('all clusters are covered: only the totals, and exit code 0', async () => {
  const folder = await folderOf(['eu-1', 'eu-2'], ['eu-1', 'eu-2']);
  expect(await run(folder, ['coverage'])).toMatchObject({
    code: 0,
    stdout: '2 clusters expected, 2 covered, 0 not; 0 orphaned\n',
  });
  expect((await run(folder, ['coverage', '--all'])).stdout).toBe(`federate
  covered   eu-1
  covered   eu-2
2 clusters expected, 2 covered, 0 not; 0 orphaned
`);
});

test('a target without a cluster alone is reported, and is no difference', async () => {
  const folder = await folderOf(['eu-1'], ['eu-1', 'old']);
  expect(await run(folder, ['coverage'])).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('1 cluster expected, 1 covered, 0 not; 1 orphaned'),
  });
});

test('--json has every cluster', async () => {
  const folder = await folderOf(['eu-1', 'eu-2'], ['eu-1', 'old']);
  const { code, json } = await run(folder, ['coverage', '--json']);
  expect(code).toBe(2);
  const job = 'federate';
  expect(json).toEqual({
    clusters: [
      {
        ...{ cluster: 'eu-2', job, lost: 'record', reason: 'no record set gives this id' },
        remedy: expect.stringMatching(/^In eu-2: kubectl .*=eu-2.prometheus.internal$/),
        since: null,
      },
      { cluster: 'eu-1', job, lost: null, reason: null, remedy: null, since: null },
    ],
    orphaned: [{ target: 'old.prometheus.internal.', cluster: 'old', job }],
  });
});

test('300 clusters with the same reason share it, in 80 columns', async () => {
  const ids = Array.from({ length: 300 }, (_, n) => `prod-eu-${n}`);
  const folder = await folderOf(ids, ids.slice(0, 200), ids.slice(0, 50));
  const lines = (await run(folder, ['coverage'])).stdout.trimEnd().split('\n');
  expect(lines.length).toBeLessThan(60);
  const prose = lines.filter((line) => !line.includes('->'));
  expect(prose.filter((line) => line.length > 80)).toEqual([]);
  expect(lines.filter((line) => line.includes('->')).map((line) => line.trim())).toEqual([
    '-> In CLUSTER: kubectl -n monitoring annotate service prometheus-server external-dns.kubernetes.io/hostname=CLUSTER.prometheus.internal external-dns.alpha.kubernetes.io/hostname=CLUSTER.prometheus.internal',
    '-> federation-sync sync --job federate',
  ]);
  for (const id of ids.slice(50)) {
    expect(lines.some((line) => line.split(/ +/).includes(id))).toBe(true);
  }
  expect(lines.at(-1)).toBe('300 clusters expected, 50 covered, 250 not; 0 orphaned');
});

test('what cannot be found out is an error after the rest', async () => {
  const folder = await folderOf(['eu-1'], ['eu-1', 'old']);
  rmSync(`${folder}/clusters.txt`);
  const { code, stdout, stderr } = await run(folder, ['coverage']);
  expect(stdout).toBe('0 clusters expected, 0 covered, 0 not; 0 orphaned\n');
  expect(stderr).toMatch(/^error: federate: expect-unreadable: .*clusters\.txt cannot be read/);
  expect(code).toBe(1);
  const { json } = await run(folder, ['coverage', '--json']);
  expect(json).toEqual({
    clusters: [],
    orphaned: [],
    errors: [
      expect.objectContaining({ job: 'federate', code: 'expect-unreadable', retryable: false }),
    ],
  });
});

test('settings without expect are a wrong use', async () => {
  const settings = SETTINGS.replace(/ +expect: .*\n/, '');
  const folder = folderWith({ 'federation-sync.yml': settings });
  expect(await run(folder, ['coverage'])).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringContaining(
      'error: expect-missing: no clusters to compare with: federate has no expect. Add expect to the job',
    ),
  });
});
