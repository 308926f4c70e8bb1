import { removeFolder } from '../support/parts/process.ts';
import { deployed } from './bundles.ts';
import { type Container, startContainer } from './container.ts';
import { interleaved, median, type Section } from './figures.ts';
import { startWorld } from './world.ts';

const CLUSTERS = 1_000;
const SCHEDULED = { source: 'aws.events', 'detail-type': 'Scheduled Event' };

/**
 * What coverage adds to a scheduled run: the same function with `expect` and without, in turn, for 1,000 clusters with
 * a target each, all scraped by a server behind a service. Warm, because a cold start costs more than either.
 */
export async function coverage(runs: number): Promise<Section> {
  const world = await startWorld({ clusters: CLUSTERS, records: CLUSTERS, expected: true });
  const folders = [world.settings, world.settings.replace(/^ +expect:.*\n/m, '')].map((settings) =>
    deployed(undefined, settings),
  );
  const containers: Container[] = [];
  try {
    for (const folder of folders) {
      containers.push(await startContainer({ folder, env: world.env }));
    }
    const [covered, plain] = containers as [Container, Container];
    for (const container of containers) {
      for (let i = 0; i < 5; i++) await container.invoke(i === 0 ? {} : SCHEDULED);
    }
    const calls = async (container: Container) => {
      const before = world.faults.calls.length;
      const { report } = await container.invoke(SCHEDULED);
      if (container === covered) check(report);
      return world.faults.calls.length - before;
    };
    const [withExpect, without] = [await calls(covered), await calls(plain)];
    const cpu = (container: Container) => async () => {
      const { cpuMs: before } = await container.invoke({ action: 'sync', jobs: ['federate'] });
      const { cpuMs: after } = await container.invoke(SCHEDULED);
      return after - before;
    };
    const times = await interleaved(runs, { covered: cpu(covered), plain: cpu(plain) });
    const [more, own] = [median(times.covered), median(times.plain)];
    return {
      table: {
        title: `Coverage: a scheduled run with ${CLUSTERS} clusters and targets, medians of ${runs} runs`,
        columns: ['', 'CPU, ms', 'calls'],
        rows: [
          ['with expect', more, withExpect],
          ['without', own, without],
        ],
      },
      figures: [
        {
          id: 'coverage.cpu',
          what: `Coverage of ${CLUSTERS} clusters, on top of the sync`,
          value: more - own,
          unit: 'ms of processor time',
          goal: 60,
        },
        {
          id: 'coverage.calls',
          what: `Calls of that`,
          value: withExpect - without,
          unit: '',
          goal: 12,
        },
      ],
    };
  } finally {
    for (const container of containers) container.stop();
    await world.close();
    for (const folder of folders) removeFolder(folder);
  }
}

function check(report: object): void {
  const { clusters = [] } =
    (report as { coverage?: { clusters?: { lost: unknown }[] } }).coverage ?? {};
  const covered = clusters.filter(({ lost }) => lost === null).length;
  if (covered !== CLUSTERS) throw new Error(`meant to be covered: ${CLUSTERS}, not ${covered}`);
}
