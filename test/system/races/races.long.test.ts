import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../../support/parts/available.ts';
import { readIndependently } from '../../unit/document/read-independently.ts';
import { seededRandom } from '../faults/random.ts';
import { History, type Version } from './history.ts';
import { JOBS, type JobName, MANIFEST_TEXT, NAME, NAMESPACE, Scene } from './scene.ts';

const SYNCS = 20;
const PATH = `/api/v1/namespaces/${NAMESPACE}/configmaps/${NAME}`;

describeWith('kube-apiserver', 'twenty syncs at once, two other writers, and kubectl apply', () => {
  let scene: Scene;
  let history: History;
  const random = seededRandom('races');
  const pick = () => JOBS[Math.floor(random() * JOBS.length)] as JobName;

  beforeAll(async () => {
    scene = await Scene.start();
    history = await History.of(scene.contract, NAMESPACE, NAME);
  });
  afterAll(async () => {
    history?.stop();
    await scene?.close();
  });

  test('no write takes anything from anybody, and the lists end as the zones do', async () => {
    let running = true;
    const edits = { alerts: 0, other: 0, applied: 0 };
    const while_ = async (milliseconds: number, work: () => Promise<unknown>) => {
      while (running) {
        await work();
        await setTimeout(milliseconds * random());
      }
    };
    const others = [
      // Another key, without requiring any version.
      while_(60, () =>
        scene.admin.patch(PATH, { data: { 'alerts.yml': `edit ${++edits.alerts}` } }),
      ),
      // Another job of the same document: reads, changes, writes what it read at.
      while_(90, async () => {
        const { data, metadata } = await scene.admin.get(PATH);
        const text = data?.['prometheus.yml']?.replace(/# edit \d+/, `# edit ${edits.other + 1}`);
        const { resourceVersion } = metadata;
        const patch = { metadata: { resourceVersion }, data: { 'prometheus.yml': text } };
        const done = await scene.admin.patch(PATH, patch).then(
          () => 1,
          () => 0,
        );
        edits.other += done;
      }),
      while_(700, async () => {
        await scene.applyManifest();
        edits.applied += 1;
      }),
    ];
    const rounds: { outcomes: unknown[]; deliveries: number }[] = [];
    const ended = { written: 0, unchanged: 0, deliveries: 0 };
    const syncOf = async (names: readonly JobName[]) => {
      await setTimeout(400 * random());
      for (const name of names) scene.change(name);
      const { outcomes, deliveries } = await scene.syncAsQueue(names);
      for (const { status, fault } of outcomes) {
        expect(fault?.message ?? 'no fault').toBe('no fault');
        expect(['written', 'unchanged']).toContain(status);
        ended[status as 'written' | 'unchanged'] += 1;
      }
      ended.deliveries += deliveries;
      rounds.push({ outcomes, deliveries });
    };
    for (let round = 0; round < 5; round++) {
      await Promise.all(
        Array.from({ length: SYNCS }, () => syncOf(random() < 0.3 ? JOBS : [pick()])),
      );
    }
    running = false;
    await Promise.all(others);

    // The zones change twenty times more; each change has its run, and no run comes after the last one's.
    // One of them is the schedule's: it looks after what kubectl has just put back.
    await Promise.all(Array.from({ length: SYNCS }, (_, i) => syncOf(i === 0 ? JOBS : [pick()])));
    const { data = {}, metadata } = await scene.admin.get(PATH);
    const document = data['prometheus.yml'] ?? '';
    for (const job of ['federate', 'blackbox'] as const) {
      expect(addresses(document, job)).toEqual(scene.wanted(job));
    }
    expect(leaves(data)).toEqual(scene.wanted('leaves'));
    expect(data['alerts.yml']).toBe(`edit ${edits.alerts}`);
    expect(metadata.annotations?.['route53-federation-sync/managed']).toBe(
      'blackbox,federate,leaves',
    );
    await expect.poll(() => history.versions.at(-1)?.version).toBe(metadata.resourceVersion);

    const counts = judge(history.versions);
    console.log('races:', JSON.stringify({ ...edits, ...ended, ...counts }));
    expect(counts.ours).toBeGreaterThan(5);
    expect(edits.other).toBeGreaterThan(3);
    expect(edits.applied).toBeGreaterThan(3);
  });

  /** Who wrote each version, identified by what changed; and that a writer of a list changed nothing else. */
  function judge(versions: readonly Version[]) {
    const counts = { versions: versions.length, ours: 0, theirs: 0, kubectl: 0 };
    for (const [i, after] of versions.entries()) {
      const before = versions[i - 1];
      if (!before) continue;
      const isApplied =
        after.data['prometheus.yml'] === MANIFEST_TEXT &&
        before.data['prometheus.yml'] !== MANIFEST_TEXT;
      const listsChanged = JSON.stringify(lists(before)) !== JSON.stringify(lists(after));
      if (isApplied) counts.kubectl += 1;
      else if (listsChanged) {
        counts.ours += 1;
        expect(rest(after)).toEqual(rest(before));
      } else counts.theirs += 1;
    }
    return counts;
  }

  const lists = ({ data }: Version) => [
    addresses(data['prometheus.yml'] ?? '', 'federate'),
    addresses(data['prometheus.yml'] ?? '', 'blackbox'),
    leaves(data),
  ];
  /** All but the lists, to the byte outside the lists. */
  const rest = ({ data }: Version) => {
    const { 'prometheus.yml': text = '', 'leaves.json': _, ...more } = data;
    const lines = text.split('\n');
    const kept = lines.filter((line) => !/^\s+(- targets:|- c\d|labels:|clusterID:)/.test(line));
    return [more, kept.map((line) => line.replace(/static_configs:( \[\])?$/, 'static_configs:'))];
  };
  const addresses = (text: string, job: string) =>
    readIndependently(text, job, false).targets.map(({ address }) => address);
  const leaves = (data: Readonly<Record<string, string>>) =>
    (JSON.parse(data['leaves.json'] ?? '[]') as { targets: string[] }[]).flatMap(
      ({ targets }) => targets,
    );
});
