import type { Report } from '../../../src/report.ts';
import { until } from '../../support/parts/process.ts';
import type { FederationServer, Reload } from './federation-server.ts';
import type { Leaf } from './leaf.ts';
import type { World } from './world.ts';

/** How a list reaches a server: in its prometheus.yml, loaded by one of two means, or as a file of targets. */
export type Way = Reload | 'file_sd';

/** When one server had got the message, in seconds from the moment the function heard of the event. */
export interface Arrival {
  readonly version: string;
  readonly way: Way;
  readonly seconds: number;
}

export interface Chapter {
  readonly report: Report;
  /** When the function had answered. */
  readonly answered: number;
  /** When volumes were up to date and sidecars had done their part. A real kubelet lags a minute or two. */
  readonly delivered: number;
  readonly arrivals: readonly Arrival[];
}

/** The clusters' own data, by clusterID, as one server has them by one way. */
export async function nodesSeen(
  { prometheus }: FederationServer,
  way: Way,
): Promise<Record<string, number>> {
  const samples = await prometheus.query(`job:nodes:count{clusterID!="",${by(way)}}`);
  return Object.fromEntries(
    samples.map(({ metric, value }) => [metric.clusterID, Number(value[1])]),
  );
}

/** A cluster's Prometheus is registered; ends when every server has its first sample. */
export async function addCluster(world: World, leaf: Leaf): Promise<Chapter> {
  return untilSeen(world, leaf, await world.zone.register(leaf));
}

/** The event adds a target; ends as above. */
export async function untilSeen(world: World, leaf: Leaf, event: object): Promise<Chapter> {
  return chapter(world, event, `a sample of ${leaf.clusterID}`, async (server, way) => {
    const seen = await nodesSeen(server, way);
    return leaf.clusterID in seen;
  });
}

/** Its name is deleted; ends when no server has the target any more. */
export async function deleteCluster(world: World, leaf: Leaf): Promise<Chapter> {
  return untilGone(world, leaf, await world.zone.deregister(leaf));
}

/** The event lets a target go whose name is gone; ends as above. */
export async function untilGone(
  world: World,
  { clusterID }: Leaf,
  event: object,
): Promise<Chapter> {
  return chapter(world, event, `${clusterID} to leave`, async ({ prometheus }, way) => {
    const job = way === 'file_sd' ? 'federate-by-file' : 'federate';
    const targets = await prometheus.targets();
    return !targets.some(({ labels }) => labels.job === job && labels.clusterID === clusterID);
  });
}

const by = (way: Way) => (way === 'file_sd' ? 'via="file_sd"' : 'via=""');

async function chapter(
  world: World,
  event: object,
  what: string,
  arrived: (server: FederationServer, way: Way) => Promise<boolean>,
): Promise<Chapter> {
  const began = performance.now();
  const seconds = () => (performance.now() - began) / 1000;
  const report = await world.function.wake(event);
  const answered = seconds();
  await world.deliver();
  const delivered = seconds();
  const waits = world.servers.flatMap((server) =>
    [server.reload, 'file_sd' as const].map(async (way): Promise<Arrival> => {
      const { version } = server;
      await until(`${what} at Prometheus ${version} by ${way}`, () => arrived(server, way), {
        everyMs: 100,
      });
      return { version, way, seconds: seconds() };
    }),
  );
  return { report, answered, delivered, arrivals: await Promise.all(waits) };
}

/** A chapter's times as a person reads them: a line per version, and the slowest where several tell. */
export function figures({ answered, delivered, arrivals }: Chapter): string[] {
  const rows = Map.groupBy(arrivals, ({ version }) => version);
  const ways: readonly Way[] = ['/-/reload', 'SIGHUP', 'file_sd'];
  const slowest = (all: readonly Arrival[], wanted: Way) =>
    Math.max(...all.filter(({ way }) => way === wanted).map(({ seconds }) => seconds));
  return [
    `the function answered after ${answered.toFixed(2)} s, volumes and sidecars were done after ${delivered.toFixed(2)} s`,
    ...[...rows].map(
      ([version, all]) =>
        `Prometheus ${version.padEnd(10)} ${ways.map((way) => `${way} ${slowest(all, way).toFixed(1)} s`).join('   ')}`,
    ),
  ];
}
