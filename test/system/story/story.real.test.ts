import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../../support/parts/available.ts';
import { addCluster, type Chapter, deleteCluster, figures, nodesSeen } from './story.ts';
import { objects, startWorld, storyParts, type World } from './world.ts';

describeWith(storyParts, 'a cluster comes, and another goes', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world?.stop());

  test('at first a sync changes nothing in prometheus.yml, and fills the empty list', async () => {
    const { jobs } = await world.function.wake({});
    expect(jobs).toMatchObject([
      { name: 'federate', status: 'unchanged', targets: 2 },
      {
        name: 'federate-by-file',
        status: 'written',
        added: ['prometheus1.example.com.', 'prometheus2.example.com.'],
      },
    ]);
  });

  test('a cluster is added: its series arrive with its clusterID', async () => {
    const [first, second, third] = world.leaves;
    const chapter = await addCluster(world, third);
    print(`${third.clusterID} added: seconds from the event to its first sample`, chapter);
    const added = { status: 'written', added: [third.name], removed: [], changed: [] };
    expect(chapter.report.jobs).toMatchObject([added, added]);
    expect(await written()).toBe(world.configOf([first, second, third]));
    await expectNodes({ cluster1: 11, cluster2: 22, cluster3: 33 });
  });

  test('another is deleted: it leaves, and the others stay', async () => {
    const [first, second, third] = world.leaves;
    const chapter = await deleteCluster(world, first);
    print(`${first.clusterID} deleted: seconds from the event until its target is gone`, chapter);
    const removed = { status: 'written', added: [], removed: [first.name], changed: [] };
    expect(chapter.report.jobs).toMatchObject([removed, removed]);
    expect(await written()).toBe(world.configOf([second, third]));
    await expectNodes({ cluster2: 22, cluster3: 33 });
  });

  test('the cluster took every token that the function signed', () => {
    const { verdicts } = world.cluster.webhook;
    expect(verdicts.length).toBeGreaterThan(0);
    expect(verdicts.filter(({ error }) => error)).toEqual([]);
  });

  /** Series leave by the lookback, some seconds after their target. */
  const patience = { timeout: 20_000, interval: 200 };
  const written = () => world.cluster.read(objects.prometheus);

  async function expectNodes(nodes: Record<string, number>): Promise<void> {
    for (const server of world.servers) {
      for (const way of [server.reload, 'file_sd'] as const) {
        await expect.poll(() => nodesSeen(server, way), patience).toEqual(nodes);
      }
    }
  }
});

function print(title: string, chapter: Chapter): void {
  console.log([title, ...figures(chapter)].join('\n  '));
}
