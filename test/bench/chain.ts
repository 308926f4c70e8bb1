import type { Call } from '../support/emulators/faults.ts';
import { removeFolder } from '../support/parts/process.ts';
import { deployed } from './bundles.ts';
import { startContainer } from './container.ts';
import type { Figure, Section } from './figures.ts';
import { startWorld } from './world.ts';

/** Longer than anything the function does between two calls. */
const CALL_MS = 250;

/** The longest chain of calls that each wait for the one before: what latency costs. */
export async function chain(): Promise<Section> {
  const described = await chains(false);
  const known = await chains(true);
  const row = (title: string, calls: readonly string[]) =>
    [title, calls.length, calls.join(' -> ')] as const;
  const figure = (
    id: string,
    what: string,
    { length }: readonly string[],
    goal: number,
  ): Figure => ({
    id: `chain.${id}`,
    what: `Longest chain of calls, ${what}`,
    value: length,
    unit: '',
    goal,
    exact: true,
  });
  return {
    table: {
      title: 'Waiting: the longest chain of calls that wait for one another',
      columns: ['', 'calls', ''],
      rows: [
        row('a new container that writes', described.cold),
        row('the same, endpoint and authority in the settings', known.cold),
        row('the same container, writing again', described.warm),
        row('the same container, nothing new', described.unchanged),
      ],
    },
    figures: [
      figure('cold', 'a new container that writes', described.cold, 4),
      figure('known', 'the same with the endpoint in the settings', known.cold, 3),
      figure('warm', 'a warm sync that writes', described.warm, 3),
      figure('unchanged', 'a warm sync that finds nothing new', described.unchanged, 3),
    ],
  };
}

async function chains(endpointKnown: boolean) {
  const world = await startWorld({ clusters: 100, records: 102, delayMs: CALL_MS, endpointKnown });
  const folder = deployed(undefined, world.settings);
  const container = await startContainer({ folder, env: world.env });
  const sync = async (status: string) => {
    const before = world.faults.calls.length;
    const { report } = await container.invoke({});
    if (report.jobs[0]?.status !== status) throw new Error(`meant to be ${status}`);
    return longest(world.faults.calls.slice(before));
  };
  try {
    const cold = await sync('written');
    const unchanged = await sync('unchanged');
    world.register('one-more');
    return { cold, unchanged, warm: await sync('written') };
  } finally {
    container.stop();
    await world.close();
    removeFolder(folder);
  }
}

/** A call waits for another if it began after that one was answered. */
function longest(calls: readonly Call[]): string[] {
  const chains: { readonly end: number; readonly names: string[] }[] = [];
  for (const { at, operation } of calls.toSorted((a, b) => a.at.getTime() - b.at.getTime())) {
    const before = chains
      .filter(({ end }) => end <= at.getTime())
      .reduce<string[]>((most, { names }) => (names.length > most.length ? names : most), []);
    chains.push({ end: at.getTime() + CALL_MS, names: [...before, operation] });
  }
  return chains.reduce<string[]>(
    (most, { names }) => (names.length > most.length ? names : most),
    [],
  );
}
