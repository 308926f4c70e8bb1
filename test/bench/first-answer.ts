import { buildPlain, deployed } from './bundles.ts';
import { startContainer } from './container.ts';
import { interleaved, median, type Section } from './figures.ts';
import { startWorld } from './world.ts';

const CALLS = ['GetHostedZone', 'ListResourceRecordSets', 'get configmaps'];

/**
 * Spawn to the first sync answered: Runtime API, TLS to two hosts, calls of 40 ms, nothing to write. Ours reads the object
 * once more at the end, in case an older run has written it in the meantime.
 */
export async function firstAnswer(runs: number): Promise<Section> {
  const world = await startWorld({ clusters: 30, records: 100, delayMs: 40, endpointKnown: true });
  try {
    const ours = deployed(undefined, world.settings);
    const plain = deployed(await buildPlain(), world.settings);
    const answer = async (folder: string) => {
      const container = await startContainer({ folder, env: world.env });
      try {
        return await container.invoke({});
      } finally {
        container.stop();
      }
    };
    // Writes the list, so that from here on there is nothing to do.
    await answer(ours);
    const measured = async (folder: string) => {
      const before = world.faults.calls.length;
      const { ms, report } = await answer(folder);
      const calls = world.faults.calls.slice(before).map(({ operation }) => operation);
      const kinds = [...new Set(calls)].sort();
      if (report.jobs[0]?.status !== 'unchanged' || kinds.join() !== CALLS.join())
        throw new Error(`not the run that was meant: ${report.jobs[0]?.status}, ${calls}`);
      return ms;
    };
    const times = await interleaved(runs, {
      ours: () => measured(ours),
      plain: () => measured(plain),
    });
    const ratio = median(times.ours) / median(times.plain);
    const row = (name: string, values: readonly number[]) =>
      [name, median(values), Math.min(...values), median(values) / median(times.plain)] as const;
    return {
      table: {
        title: `First answer: spawn to first sync answered, calls of 40 ms, medians of ${runs} runs`,
        columns: ['', 'ms', 'fastest', 'ratio'],
        rows: [
          row('the deployed bundle', times.ours),
          row('the same job, packages by their index', times.plain),
        ],
      },
      figures: [
        {
          id: 'firstAnswer',
          what: 'First answer: spawn to first sync answered',
          value: ratio,
          unit: 'x the same job with packages by their index',
          goal: 0.5,
        },
      ],
    };
  } finally {
    await world.close();
  }
}
