import { removeFolder } from '../support/parts/process.ts';
import { deployed } from './bundles.ts';
import { type Container, startContainer } from './container.ts';
import type { Figure, Section } from './figures.ts';
import { startWorld, type World } from './world.ts';

const OPERATIONS = [
  'ListResourceRecordSets',
  'GetHostedZone',
  'DescribeCluster',
  'get configmaps',
  'patch configmaps',
] as const;
type Operation = (typeof OPERATIONS)[number];
type Counts = Record<Operation, number>;

/** What each sync asks of a zone of 10,000 records, and over how many connections. */
export async function calls(bundle?: string): Promise<Section> {
  const hundred = await counted(100, bundle);
  const thousand = await counted(1_000, bundle);
  const figure = (id: string, what: string, value: number, goal: number): Figure => ({
    id: `calls.${id}`,
    what,
    value,
    unit: '',
    goal,
    exact: true,
  });
  const { cold, warm, unchanged, handshakes } = hundred;
  const row = (title: string, counts: Counts) => [title, ...OPERATIONS.map((name) => counts[name])];
  return {
    table: {
      title: 'Calls: a zone of 10,000 records, by the clusters that match the suffix',
      columns: ['', ...OPERATIONS],
      rows: [
        row('100, a new container that writes', cold),
        row('100, the same container, nothing new', warm),
        row('100, another container, nothing new', unchanged),
        row('1,000, a new container that writes', thousand.cold),
      ],
      notes: [
        `TLS handshakes of the first two: ${Object.entries(handshakes)
          .map(([host, count]) => `${host} ${count}`)
          .join(', ')}`,
      ],
    },
    figures: [
      figure(
        'list.100',
        'Listing calls, 100 of 10,000 records match',
        cold.ListResourceRecordSets,
        1,
      ),
      figure(
        'list.1000',
        'Listing calls, 1,000 of 10,000 records match',
        thousand.cold.ListResourceRecordSets,
        4,
      ),
      figure(
        'zone',
        'GetHostedZone calls in a container’s life, a zone',
        cold.GetHostedZone + warm.GetHostedZone,
        1,
      ),
      figure(
        'cluster',
        'DescribeCluster calls in a container’s life',
        cold.DescribeCluster + warm.DescribeCluster,
        1,
      ),
      figure('reads', 'Reads of the ConfigMap, a sync that writes', cold['get configmaps'], 1),
      figure(
        'writes',
        'Writes of a sync that changes nothing',
        warm['patch configmaps'] + unchanged['patch configmaps'],
        0,
      ),
      figure('other', 'Calls of any other kind', hundred.others + thousand.others, 0),
      figure(
        'handshakes',
        'TLS handshakes, the most with one host in two syncs',
        Math.max(...Object.values(handshakes)),
        1,
      ),
    ],
  };
}

async function counted(clusters: number, bundle: string | undefined) {
  const world = await startWorld({ clusters, records: 10_000 });
  const folder = deployed(bundle, world.settings);
  const first = await startContainer({ folder, env: world.env });
  const second = await startContainer({ folder, env: world.env });
  try {
    const cold = await counting(world, first, 'written');
    const warm = await counting(world, first, 'unchanged');
    const handshakes = world.handshakes();
    const unchanged = await counting(world, second, 'unchanged');
    const known = new Set<string>(OPERATIONS);
    const others = world.faults.calls.filter(({ operation }) => !known.has(operation)).length;
    return { cold, warm, unchanged, handshakes, others };
  } finally {
    first.stop();
    second.stop();
    await world.close();
    removeFolder(folder);
  }
}

async function counting(world: World, container: Container, status: string): Promise<Counts> {
  const before = world.faults.calls.length;
  const { report } = await container.invoke({});
  if (report.jobs[0]?.status !== status)
    throw new Error(`meant to be ${status}: ${JSON.stringify(report.jobs[0]).slice(0, 500)}`);
  const made = world.faults.calls.slice(before);
  return Object.fromEntries(
    OPERATIONS.map((name) => [name, made.filter(({ operation }) => operation === name).length]),
  ) as Counts;
}
