import { deployed } from './bundles.ts';
import { startContainer } from './container.ts';
import { median, type Section } from './figures.ts';
import { lambdaSizes, priceOfRun } from './prices.ts';
import { startWorld } from './world.ts';

/**
 * What Lambda's bootstrap gives node for a function of 128 MB: a tenth of it, in two halves, for young objects and
 * the rest for old ones.
 */
const flags = ['--max-semi-space-size=6', '--max-old-space-size=116'];

/** Between a function and AWS's or the cluster's API, answer included; cold calls shake hands first. */
const CALL_MS = 60;

export interface Run {
  /** Record sets that are targets, of those that are read. */
  readonly clusters: number;
  readonly records: number;
  /** After the first sync, and after three more that found nothing new. */
  readonly peakMB: number;
  readonly laterMB: number;
  /** Processor time of a new container's first sync, loading included, and of a sync in the same container later. */
  readonly coldCpuMs: number;
  readonly warmCpuMs: number;
  readonly calls: number;
}

/** The zone is read whole: the pattern names no suffix to start from. */
async function measureRun(clusters: number, records: number, runs: number): Promise<Run> {
  const world = await startWorld({
    clusters,
    records,
    pattern: '^(?<clusterID>c[0-9]+)\\.prometheus',
  });
  const folder = deployed(undefined, world.settings);
  const measured: Run[] = [];
  try {
    for (let run = 0; run < runs; run++) {
      world.resetDocument();
      const before = world.faults.calls.length;
      const container = await startContainer({ folder, env: world.env, flags });
      const cold = await container.invoke({});
      if (cold.report.jobs[0]?.status !== 'written')
        throw new Error(`not written: ${JSON.stringify(cold.report.jobs[0]?.error)}`);
      const calls = world.faults.calls.length - before;
      const warm = await container.invoke({});
      await container.invoke({});
      const last = await container.invoke({});
      container.stop();
      measured.push({
        clusters,
        records,
        peakMB: cold.peakMB,
        laterMB: last.peakMB,
        coldCpuMs: cold.cpuMs,
        warmCpuMs: warm.cpuMs - cold.cpuMs,
        calls,
      });
    }
  } finally {
    await world.close();
  }
  return {
    clusters,
    records,
    peakMB: median(measured.map(({ peakMB }) => peakMB)),
    laterMB: median(measured.map(({ laterMB }) => laterMB)),
    coldCpuMs: median(measured.map(({ coldCpuMs }) => coldCpuMs)),
    warmCpuMs: median(measured.map(({ warmCpuMs }) => warmCpuMs)),
    calls: measured[0]?.calls ?? 0,
  };
}

const cases = [
  [10, 12],
  [100, 102],
  [1_000, 1_002],
  [1_000, 10_000],
  [10_000, 10_002],
] as const;

/** Peak memory of a container whose first sync reads 10,000 record sets, and which size of function is cheapest. */
export async function memory(runs: number): Promise<Section & { readonly byClusters: Run[] }> {
  const measured: Run[] = [];
  for (const [clusters, records] of cases) measured.push(await measureRun(clusters, records, runs));
  const [, usual, , wanted, most] = measured as [Run, Run, Run, Run, Run];
  const cost = (memoryMB: number) =>
    priceOfRun({ cpuMs: usual.coldCpuMs, waitMs: usual.calls * CALL_MS, memoryMB });
  return {
    byClusters: measured.slice(0, 3),
    table: {
      title:
        'Memory and processor time of a cold sync that writes, by record sets and how many of them are targets',
      columns: [
        ...['targets', 'record sets', 'calls', 'peak MB', 'after 3 more'],
        ...['CPU ms, cold', 'CPU ms, next sync'],
      ],
      rows: measured.map((run) => [
        run.clusters,
        run.records,
        run.calls,
        run.peakMB,
        run.laterMB,
        run.coldCpuMs,
        run.warmCpuMs,
      ]),
      notes: [
        `Cheapest is the smallest function that holds it, ${lambdaSizes[0]} MB: its processor time costs the same at any size (Lambda gives processor by memory), but waiting for ${usual.calls} calls of ${CALL_MS} ms costs by memory. A cold sync of 100 clusters: ${lambdaSizes
          .map((size) => {
            const { ms, usd } = cost(size);
            return `${size} MB ${(ms / 1000).toFixed(1)} s, $${(usd * 1e6).toFixed(1)} a million`;
          })
          .join('; ')}.`,
        'MB as Lambda counts them, 2^20 bytes. 10,000 targets all but fill a ConfigMap.',
      ],
    },
    figures: [
      {
        id: 'memory',
        what: 'Memory: peak of a cold sync of 10,000 record sets, 1,000 of them targets',
        value: wanted.peakMB,
        unit: 'MB',
        goal: 110,
      },
      {
        id: 'memory.full',
        what: 'the same of 10,000 targets',
        value: most.peakMB,
        unit: 'MB',
        goal: 110,
      },
      {
        id: 'memory.later',
        what: 'the same after three more syncs',
        value: most.laterMB,
        unit: 'MB',
        goal: 120,
      },
    ],
  };
}
