import { deployed } from './bundles.ts';
import { type Container, startContainer } from './container.ts';
import { interleaved, median, type Section } from './figures.ts';
import { startWorld } from './world.ts';

const TITLE = 'Next to the original, which is written in Go';

/**
 * Measured on 2026-11-26 on the same emulated servers, interleaved, medians; ours before a packaged function started
 * with its settings as data. The original's modules cannot be had from every module proxy.
 */
const RECORDED = [
  ['cold, 100 targets, no latency: ms', 54, 252],
  ['the same: processor time, ms', 48, 253],
  ['the same: peak MB', 24, 83],
  ['cold, 100 targets, 40 ms a call: ms', 305, 448],
  ['warm, 10 to 100 targets, 40 ms a call: ratio', 1, 0.57],
  ['warm, 300 targets, 40 ms a call: ratio', 1, 0.64],
  ['warm, 1,000 targets, 40 ms a call: ratio', 1, 0.76],
  ['cold, 10,000 records of which 100 match, 40 ms a call: ratio', 1, 0.23],
  ['warm, 10,000 records of which 100 match, 40 ms a call: ratio', 1, 0.09],
  ['cold, 10,000 records that all match, 40 ms a call: ratio', 1, 1.24],
  ['warm, 10,000 records that all match, 40 ms a call: ratio', 1, 0.9],
  ['the same: peak MB', 101, 176],
] as const;

/**
 * The recorded figures; or, with a binary of the original (`go build` in its source), measured now. It is started as Lambda
 * starts it, with the variables of the original and the SDK's AWS_ENDPOINT_URL_*: built with version 1 of the SDK, which
 * ignores those, it would call AWS.
 */
export async function original(binary: string | undefined, runs: number): Promise<Section> {
  if (binary === undefined) {
    const columns = ['', 'original', 'ours'];
    const notes = ['Recorded on 2026-11-26. `--original BINARY` measures a build of it now.'];
    return { table: { title: TITLE, columns, rows: RECORDED, notes }, figures: [] };
  }
  const rows: (readonly [string, number, number])[] = [];
  for (const delayMs of [undefined, 40]) {
    const world = await startWorld({ clusters: 100, records: 102, ...(delayMs && { delayMs }) });
    try {
      const folder = deployed(undefined, world.settings);
      const cold = async (start: () => Promise<Container>) => {
        world.resetDocument();
        const container = await start();
        try {
          return await container.invoke({});
        } finally {
          container.stop();
        }
      };
      const theirs = { ...world.env, ...world.original };
      const answers = await interleaved(runs, {
        original: () => cold(() => startContainer({ folder, env: theirs, command: [binary] })),
        ours: () => cold(() => startContainer({ folder, env: world.env })),
      });
      const latency = delayMs === undefined ? 'no latency' : `${delayMs} ms a call`;
      const row = (what: string, of: 'ms' | 'cpuMs' | 'peakMB') =>
        rows.push([
          `cold, 100 targets, ${latency}: ${what}`,
          median(answers.original.map((answer) => answer[of])),
          median(answers.ours.map((answer) => answer[of])),
        ]);
      row('ms', 'ms');
      row('processor time, ms', 'cpuMs');
      row('peak MB', 'peakMB');
    } finally {
      await world.close();
    }
  }
  const notes = [`Medians of ${runs} runs, in turn.`];
  return { table: { title: TITLE, columns: ['', 'original', 'ours'], rows, notes }, figures: [] };
}
