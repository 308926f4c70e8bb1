import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { clusters } from '../../infra/dashboards/clusters.ts';
import { federationSync } from '../../infra/dashboards/federation-sync.ts';
import { clustersPicture, federationSyncPicture } from './draw/dashboards.ts';
import { delayPicture } from './draw/delay.ts';
import { type Layout, svgOf } from './draw/picture.ts';
import { terminalPicture } from './draw/terminal.ts';
import type { Delay, Metrics } from './samples.ts';

/** Where the pictures and their samples are. */
export const folder = join(import.meta.dirname, '../../infra/pictures');

const read = (name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8'));

/** Where a page has a picture, a phone gets the second. */
export const LAYOUTS: Readonly<Record<Layout, string>> = { wide: '', narrow: '-narrow' };

const layouts = Object.entries(LAYOUTS) as [Layout, string][];

/** The pictures that are drawn from samples, by file name. */
export function drawn(): Record<string, string> {
  const metrics: Metrics = read('metrics.json');
  const delay: Delay = read('delay.json');
  return Object.fromEntries(
    layouts.flatMap(([layout, suffix]) => [
      [`clusters${suffix}.svg`, svgOf(clustersPicture(clusters(), metrics, layout))],
      [
        `federation-sync${suffix}.svg`,
        svgOf(federationSyncPicture(federationSync(), metrics, layout)),
      ],
      [`delay${suffix}.svg`, svgOf(delayPicture(delay, layout))],
    ]),
  );
}

/** What `npm run demo` prints, with colours. Needs a build. @throws Error where the demo fails */
export function demoOutput(): string {
  const demo = join(import.meta.dirname, '../demo/demo.ts');
  const env = { ...process.env, FORCE_COLOR: '1', NO_COLOR: undefined };
  const { status, stdout, stderr } = spawnSync(process.execPath, [demo], { encoding: 'utf8', env });
  if (status !== 0) throw new Error(`the demo failed:\n${stdout}\n${stderr}`);
  return stdout;
}

/** The pictures of what the demo printed, by file name. */
export function demoPictures(output: string, date: string): Record<string, string> {
  const about = { title: `npm run demo  (${date})`, still: 1 };
  return Object.fromEntries(
    layouts.map(([layout, suffix]) => [
      `demo${suffix}.svg`,
      svgOf(terminalPicture(output, about, layout)),
    ]),
  );
}
