/**
 * `npm run pictures [-- --record]`: the pictures in infra/pictures, from a run of the demo and from the samples next to
 * them. With --record, first takes new samples of the metrics from a history on real parts (7 minutes); those of the
 * delay come from `npm run bench -- --node --samples infra/pictures/delay.json`.
 */
import { writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { reasonToSkip } from '../support/parts/part-names.ts';
import { demoOutput, demoPictures, drawn, folder } from './files.ts';

const { values: options } = parseArgs({
  options: { record: { type: 'boolean', default: false } },
});
const date = new Date().toISOString().slice(0, 10);

if (options.record) {
  const { stageParts } = await import('./record/stage.ts');
  const { record } = await import('./record/run.ts');
  const reason = reasonToSkip(stageParts);
  if (reason) throw new Error(reason);
  const [cpu] = cpus();
  const machine = `${cpus().length} x ${cpu?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GB, ${process.platform}, Node ${process.version}`;
  const recorded = await record((text) => console.log(text));
  const command = 'npm run pictures -- --record';
  writeFileSync(
    join(folder, 'metrics.json'),
    `${JSON.stringify({ date, command, machine, ...recorded })}\n`,
  );
}

for (const [name, svg] of Object.entries({
  ...drawn(),
  ...demoPictures(demoOutput(), date),
})) {
  writeFileSync(join(folder, name), svg);
  console.log(`${name}  ${Math.ceil(svg.length / 1000)} kB`);
}
