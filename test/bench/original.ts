import { deployed } from './bundles.ts';
import { type Answer, type Container, startContainer } from './container.ts';
import { interleaved, median, type Section } from './figures.ts';
import { startWorld, type WorldOptions } from './world.ts';

const TITLE = 'Next to the original, which is written in Go';

/**
 * Measured on 2026-11-26 on the same emulated servers, interleaved, medians; ours before a packaged function started
 * with its settings as data. The original's modules cannot be had from every module proxy.
 */
const RECORDED = [
  ['cold, 100 targets, no latency: ms', 54, 252],
  ['cold, 100 targets, no latency: processor time, ms', 48, 253],
  ['cold, 100 targets, no latency: peak MB', 24, 83],
  ['cold, 100 targets, 40 ms a call: ms', 305, 448],
  ['warm, 100 targets, 40 ms a call: ratio', 1, 0.57],
  ['warm, 300 targets, 40 ms a call: ratio', 1, 0.64],
  ['warm, 1,000 targets, 40 ms a call: ratio', 1, 0.76],
  ['cold, 10,000 records of which 100 match, 40 ms a call: ratio', 1, 0.23],
  ['warm, 10,000 records of which 100 match, 40 ms a call: ratio', 1, 0.09],
  ['cold, 10,000 records that all match, 40 ms a call: ratio', 1, 1.24],
  ['warm, 10,000 records that all match, 40 ms a call: ratio', 1, 0.9],
  ['warm, 10,000 records that all match, 40 ms a call: peak MB', 101, 176],
] as const;

/** A zone, and how long each call takes. */
interface Case extends Pick<WorldOptions, 'clusters' | 'records' | 'delayMs'> {
  readonly what: string;
}

const after = { delayMs: 40 };
export const CASES: readonly Case[] = [
  { what: '100 targets, no latency', clusters: 100, records: 102 },
  { what: '100 targets, 40 ms a call', clusters: 100, records: 102, ...after },
  { what: '300 targets, 40 ms a call', clusters: 300, records: 302, ...after },
  { what: '1,000 targets, 40 ms a call', clusters: 1_000, records: 1_002, ...after },
  {
    ...{ what: '10,000 records of which 100 match, 40 ms a call', clusters: 100 },
    ...{ records: 10_000, ...after },
  },
  {
    ...{ what: '10,000 records that all match, 40 ms a call', clusters: 10_000 },
    ...{ records: 10_002, ...after },
  },
];

/** A container's first sync, and its second: each writes. */
interface Life {
  readonly cold: Answer;
  readonly warm: Answer;
}

/**
 * The recorded figures; or, with a binary of the original (`go build` in its source), measured now. It is started as Lambda
 * starts it, with the variables of the original and the SDK's AWS_ENDPOINT_URL_*: built with version 1 of the SDK, which
 * ignores those, it would call AWS.
 */
export async function original(
  binary: string | undefined,
  runs: number,
  cases: readonly Case[] = CASES,
): Promise<Section> {
  if (binary === undefined) {
    const columns = ['', 'original', 'ours'];
    const notes = [
      'Recorded on 2026-11-26; of some, only the ratio. `npm run bench -- --original BINARY` measures them all with a build of it.',
    ];
    return { table: { title: TITLE, columns, rows: RECORDED, notes }, figures: [] };
  }
  const rows: (readonly [string, number, number])[] = [];
  for (const { what, ...options } of cases) {
    const world = await startWorld(options);
    try {
      const folder = deployed(undefined, world.settings);
      const life = async (start: () => Promise<Container>): Promise<Life> => {
        world.resetDocument();
        const container = await start();
        try {
          const cold = await container.invoke({});
          // What differs from what the first sync left: the second writes, too.
          world.resetDocument();
          return { cold, warm: await container.invoke({}) };
        } finally {
          container.stop();
        }
      };
      const theirs = { ...world.env, ...world.original };
      const lives = await interleaved<'original' | 'ours', Life>(runs, {
        original: () => life(() => startContainer({ folder, env: theirs, command: [binary] })),
        ours: () => life(() => startContainer({ folder, env: world.env })),
      });
      const row = (name: string, of: (one: Life) => number) =>
        rows.push([name, median(lives.original.map(of)), median(lives.ours.map(of))]);
      row(`cold, ${what}: ms`, ({ cold }) => cold.ms);
      row(`cold, ${what}: processor time, ms`, ({ cold }) => cold.cpuMs);
      row(`cold, ${what}: peak MB`, ({ cold }) => cold.peakMB);
      row(`warm, ${what}: ms`, ({ warm }) => warm.ms);
      row(`warm, ${what}: peak MB`, ({ warm }) => warm.peakMB);
    } finally {
      await world.close();
    }
  }
  const notes = [`Medians of ${runs} runs, in turn.`];
  return { table: { title: TITLE, columns: ['', 'original', 'ours'], rows, notes }, figures: [] };
}
