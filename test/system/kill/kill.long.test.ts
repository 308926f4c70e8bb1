import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Emulators, startEmulators } from '../../support/emulators/emulators.ts';
import { cname } from '../../support/emulators/record-sets.ts';
import { folderWith, run } from '../../unit/commands/run.ts';
import { seededRandom } from '../faults/random.ts';

// A process that is killed at any moment of a sync leaves each document as it was, or as it should be.

const KILLS = 50;
/** As it is built: most of a kill's time is that of starting it. */
const CLI = join(import.meta.dirname, '../../../dist/cli.mjs');
/** So long that writing it takes a while. */
const BALLAST = `# ${'x'.repeat(1_022)}\n`;

const documentOf = (clusters: readonly string[], ballast: number) => {
  const groups = clusters.map(
    (cluster) =>
      `      - targets:\n        - ${cluster}.x.internal.\n        labels:\n          clusterID: ${cluster}\n`,
  );
  const half = BALLAST.repeat(ballast / 2);
  return `${half}scrape_configs:\n  - job_name: federate\n    static_configs:\n${groups.join('')}${half}`;
};
const names = (from: number) => Array.from({ length: 20 }, (_, i) => `c${100 + from + i}`);
const states = [names(0), names(1)] as const;

let emulators: Emulators;
let zone: string;
const env = { ...process.env };

beforeAll(async () => {
  emulators = await startEmulators();
  Object.assign(process.env, emulators.env);
  zone = emulators.aws.route53.createZone({ name: 'x.internal' });
});
afterAll(async () => {
  process.env = env;
  await emulators?.close();
});

function setZone(clusters: readonly string[]): void {
  const { route53 } = emulators.aws;
  route53.delete(
    zone,
    route53.records(zone).filter(({ Type }) => Type === 'CNAME'),
  );
  route53.upsert(
    zone,
    clusters.map((cluster) => cname(`${cluster}.x.internal`)),
  );
}

const dataOfObject = () =>
  emulators.kubernetes.get('ConfigMap', 'monitoring', 'central')?.data as Record<string, string>;
const ofObject = (clusters: readonly string[]) => documentOf(clusters, 600);
const ofFile = (clusters: readonly string[]) => documentOf(clusters, 3_000);

test(`killed at ${KILLS} moments, it leaves the old documents or the new ones`, async () => {
  const random = seededRandom('kill');
  const place = { namespace: 'monitoring', name: 'central', key: 'prometheus.yml' };
  const folder = folderWith({
    kubeconfig: emulators.kubernetes.kubeconfig(),
    'prometheus.yml': ofFile(states[0]),
    'federation-sync.yml': {
      cluster: { kubeconfig: { path: 'kubeconfig' } },
      jobs: [
        {
          job: 'federate',
          from: [{ zone }],
          select: { name: '\\.x\\.internal$' },
          to: [{ configMap: place }, { file: 'prometheus.yml' }],
        },
      ],
    },
  });
  const annotations = { 'route53-federation-sync/managed': 'federate' };
  emulators.kubernetes.put({
    kind: 'ConfigMap',
    metadata: { namespace: 'monitoring', name: 'central', annotations },
    data: { 'prometheus.yml': ofObject(states[0]), 'alerts.yml': 'kept' },
  });
  const cli = () =>
    spawn(process.execPath, [CLI, 'sync'], { cwd: folder, env: process.env, stdio: 'ignore' });

  // The first one has nothing to write, and fills Node's compile cache.
  setZone(states[0]);
  expect(await once(cli(), 'exit')).toEqual([0, null]);
  setZone(states[1]);
  const begun = performance.now();
  expect(await once(cli(), 'exit')).toEqual([0, null]);
  const usual = performance.now() - begun;

  const counts = { 'none written': 0, 'one written': 0, 'both written': 0, 'not killed': 0 };
  for (let i = 0; i < KILLS; i++) {
    const [before, after] = i % 2 === 0 ? [states[1], states[0]] : states;
    setZone(after);
    emulators.faults.clear();
    const child = cli();
    const kill = async (milliseconds: number) => {
      await setTimeout(milliseconds);
      child.kill('SIGKILL');
    };
    const watcher = watch(folder);
    // Any moment; or one soon after the write of either document began.
    if (i % 3 === 0) kill(usual * random());
    else if (i % 3 === 1) {
      emulators.faults.before({ operation: 'patch configmaps' }, () => void kill(15 * random()));
    } else watcher.once('change', () => void kill(10 * random()));
    const [, signal] = (await once(child, 'exit')) as [number, string | null];
    watcher.close();
    // A request that was sent takes effect, though nobody waits for the response.
    await setTimeout(20);

    const file = readFileSync(join(folder, 'prometheus.yml'), 'utf8');
    const text = dataOfObject()['prometheus.yml'];
    expect([ofFile(before), ofFile(after)].includes(file), 'the file is old or new').toBe(true);
    expect(
      [ofObject(before), ofObject(after)].includes(text ?? ''),
      'the object is old or new',
    ).toBe(true);
    const written = [file === ofFile(after), text === ofObject(after)].filter(Boolean).length;
    if (signal === null) counts['not killed'] += 1;
    else if (written === 0) counts['none written'] += 1;
    else counts[written === 1 ? 'one written' : 'both written'] += 1;

    // The next run repairs.
    const { code, stderr } = await run(folder, ['sync']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(readFileSync(join(folder, 'prometheus.yml'), 'utf8')).toBe(ofFile(after));
    expect(dataOfObject()).toEqual({ 'prometheus.yml': ofObject(after), 'alerts.yml': 'kept' });
  }
  const left = readdirSync(folder).filter((name) => name.endsWith('.tmp'));
  expect(left.every((name) => /^\.prometheus\.yml\..+\.tmp$/.test(name))).toBe(true);
  console.log(`kill: ${KILLS}:`, JSON.stringify(counts), `temporary files left: ${left.length}`);
  expect(counts['not killed']).toBeLessThan(KILLS / 2);
});

test('what a killed process left next to a file is not read as the file', async () => {
  const folder = folderWith({
    'zone.json': { ResourceRecordSets: [{ Name: 'a.x.internal.', Type: 'A' }] },
    'targets.yml': '[]\n',
    'federation-sync.yml': {
      jobs: [
        {
          name: 'a',
          from: [{ records: 'zone.json' }],
          select: { name: 'internal' },
          to: { file: 'targets.yml', format: 'file_sd' },
        },
      ],
    },
  });
  writeFileSync(join(folder, '.targets.yml.0000.tmp'), '- targets: [half');
  expect((await run(folder, ['sync'])).code).toBe(0);
  expect(readFileSync(join(folder, 'targets.yml'), 'utf8')).toContain('a.x.internal.');
});
