import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bare, buildPlain, deployed, root } from './bundles.ts';
import { timeToLoad } from './container.ts';
import { interleaved, median, type Section } from './figures.ts';

/** Spawn to handler imported. */
export async function coldStart(runs: number): Promise<Section> {
  const settings = readFileSync(join(root, 'infra/federation-sync.example.yml'), 'utf8');
  const folders = {
    bare: bare(),
    ours: deployed(undefined, settings),
    plain: deployed(await buildPlain(), settings),
  };
  const times = await interleaved(runs, {
    bare: () => timeToLoad(folders.bare),
    ours: () => timeToLoad(folders.ours),
    plain: () => timeToLoad(folders.plain),
  });
  const base = median(times.bare);
  const row = (name: string, values: readonly number[]) =>
    [name, median(values), Math.min(...values), median(values) / base] as const;
  return {
    table: {
      title: `Cold start: spawn to handler imported, medians of ${runs} runs`,
      columns: ['', 'ms', 'fastest', 'x bare node'],
      rows: [
        row('bare node', times.bare),
        row('the deployed bundle', times.ours),
        row('the same job, packages by their index', times.plain),
      ],
    },
    figures: [
      {
        id: 'coldStart',
        what: 'Cold start: spawn to handler imported',
        value: median(times.ours) / base,
        unit: 'x bare node',
        goal: 3.4,
      },
      {
        id: 'coldStart.plain',
        what: 'the same for packages imported by their index',
        value: median(times.plain) / base,
        unit: 'x bare node',
      },
    ],
  };
}
