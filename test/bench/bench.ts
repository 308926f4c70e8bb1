/**
 * `npm run bench [-- OPTIONS]`: cold start, calls, memory and size of the deployable bundle, from an empty folder and
 * against servers on loopback, next to what it is compared with.
 *
 *     --json       the figures and tables for programs
 *     --check      only what is the same on every machine; fails where limits.json is exceeded (CI)
 *     --page       writes infra/reference/performance.md
 *     --runs N     of each variant, 15 by default
 *     --phases     only: processor and wall time by phase, cold and warm
 *     --against F  with --phases: another bundle, in the same rounds
 *     --original B a binary of the original, for its row (else what was recorded)
 *     --node       only: from a record to a pod's Prometheus on a real kubelet, with a nudge and without (8 minutes)
 *     --samples F  with --node: also writes every round's seconds to this file, for `npm run pictures` and `npm run docs`
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { calls } from './calls.ts';
import { chain } from './chain.ts';
import { coldStart } from './cold-start.ts';
import { costs } from './costs.ts';
import { coverage } from './coverage.ts';
import { asMarkdown, asText, type Figure, type Section, shown, type Table } from './figures.ts';
import { firstAnswer } from './first-answer.ts';
import { kubelet } from './kubelet.ts';
import { memory } from './memory.ts';
import { original } from './original.ts';
import { writeSection } from './page.ts';
import { phases } from './phases.ts';
import { reaction } from './reaction.ts';
import { size } from './size.ts';
import { work } from './work.ts';

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
    page: { type: 'boolean', default: false },
    runs: { type: 'string', default: '15' },
    node: { type: 'boolean', default: false },
    phases: { type: 'boolean', default: false },
    against: { type: 'string' },
    original: { type: 'string' },
    samples: { type: 'string' },
  },
});
const runs = Number(options.runs);

const [cpu] = cpus();
const machine = `${cpus().length} x ${cpu?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GB, ${process.platform}, Node ${process.version}`;
const date = new Date().toISOString().slice(0, 10);

const sections: Section[] = [];
const notes: string[] = [];
const say = (text: string) => void (options.json || console.log(`${text}\n`));
const add = (section: Section) => {
  sections.push(section);
  say(asText(section.table));
};

say(`${date}, ${machine}`);
if (options.node) {
  const reached = await kubelet();
  if (typeof reached === 'string') notes.push(reached);
  else add(reached);
} else if (options.phases) {
  add(await phases(runs, options.against));
} else {
  add(size());
  add(await calls());
  add(await chain());
}
if (!options.check && !options.node && !options.phases) {
  add(await phases(runs));
  add(await original(options.original, runs));
  add(await coldStart(runs));
  add(await firstAnswer(runs));
  add(await work(4 * runs));
  add(await coverage(2 * runs));
  const { byClusters, ...section } = await memory(Math.ceil(runs / 3));
  add(section);
  add(costs(byClusters));
  const reacted = await reaction(Math.ceil(runs / 3));
  if (typeof reacted === 'string') notes.push(reacted);
  else add(reacted);
}

const figures = sections.flatMap((section) => section.figures);
const summary: Table = {
  title: 'Goals',
  columns: ['', 'measured', 'goal: at most'],
  rows: figures.map(({ what, value, unit, goal }) => [
    what,
    `${shown(value)} ${unit}`.trim(),
    goal === undefined ? '' : shown(goal),
  ]),
  notes,
};
say(asText(summary));
if (options.json) {
  const tables = sections.map(({ table }) => table);
  console.log(JSON.stringify({ date, machine, runs, figures, tables, notes }, undefined, 2));
}
if (options.check) check(figures);
if (options.samples) {
  const command = `npm run bench -- --node --samples ${options.samples}`;
  const seconds = Object.fromEntries(
    sections.flatMap(({ samples = {} }) =>
      Object.entries(samples).map(([name, all]) => [name, all.map((one) => +one.toFixed(3))]),
    ),
  );
  writeFileSync(
    options.samples,
    `${JSON.stringify({ date, command, machine, seconds }, undefined, 1)}\n`,
  );
}
if (options.page) {
  await writeSection('bench', forPage());
  const { table } = await original(options.original, runs);
  await writeSection('original', asMarkdown(table));
}

/** Exits with 1 where an exact figure is above its limit, or has none. */
function check(measured: readonly Figure[]): void {
  const limits: Record<string, number> = JSON.parse(
    readFileSync(join(import.meta.dirname, 'limits.json'), 'utf8'),
  );
  const exact = measured.filter((figure) => figure.exact);
  const faults = exact
    .filter(({ id, value }) => !(value <= (limits[id] ?? Number.NaN)))
    .map(
      ({ id, what, value }) => `${id}: ${shown(value)}, limit ${limits[id] ?? 'missing'} (${what})`,
    );
  const gone = Object.keys(limits).filter((id) => !exact.some((figure) => figure.id === id));
  faults.push(...gone.map((id) => `${id}: in limits.json, but nobody measures it`));
  for (const fault of faults) console.error(fault);
  if (faults.length > 0) process.exit(1);
  say(`All ${exact.length} exact figures are within limits.json.`);
}

function forPage(): string {
  return [
    `Measured on ${date} by \`npm run bench\`: ${machine}. Medians of ${runs} runs, variants in turn, the deployable bundle in an empty folder, servers on loopback. It is compared with [the same job](../../test/bench/plain.ts) written as the packages' own documentation shows and bundled by esbuild's defaults.`,
    asMarkdown(summary),
    ...sections
      .filter(({ table }) => /^(Memory|What a month)/.test(table.title))
      .map(({ table }) => `**${table.title}**\n\n${asMarkdown(table)}`),
  ].join('\n\n');
}
