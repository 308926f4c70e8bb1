import { readFileSync } from 'node:fs';
import { type Delay, summaryOf } from '../../test/pictures/samples.ts';
import { table } from './sections.ts';

/*
 * What infra/pictures/delay.json says, in words: the samples that delay.svg is drawn from, so that pages and picture agree.
 */

const read = (): Delay =>
  JSON.parse(readFileSync(new URL('../pictures/delay.json', import.meta.url), 'utf8'));

/** @throws Error if the samples lack the variant */
function of({ seconds }: Delay, variant: string): { median: string; slowest: string } {
  const all = seconds[variant];
  if (all === undefined) throw new Error(`infra/pictures/delay.json has no ${variant}`);
  return summaryOf(all);
}

/** How many rounds each variant has: `20`, or `10 to 20`. */
function roundsOf({ seconds }: Delay): string {
  const counts = Object.values(seconds).map(({ length }) => length);
  return [...new Set([Math.min(...counts), Math.max(...counts)])].join(' to ');
}

/** The table of infra/guides/reaching-pods.md. */
export function delayTable(): string {
  const delay = read();
  const rows = [
    ['`file_sd`', 'file_sd'],
    ['`static_configs`, `reload: true`', 'static_configs'],
  ].map(([name = '', format]) => [
    name,
    ...['without nudge', 'with nudge'].map((how) => {
      const { median, slowest } = of(delay, `${format}, ${how}`);
      return `${median}, ${slowest}`.replaceAll(' s', '&nbsp;s');
    }),
  ]);
  return [
    table(['median, slowest', 'without `nudge`', 'with `nudge`'], rows),
    `${delay.date}, \`${delay.command}\`, ${roundsOf(delay)} rounds each: ${delay.machine}.`,
  ].join('\n\n');
}

/** The diagram of README.md, with the medians. */
export function overview(): string {
  const delay = read();
  const [alone, nudged] = ['without', 'with'].map(
    (how) => of(delay, `file_sd, ${how} nudge`).median,
  );
  return `\`\`\`mermaid
%%{init: {"flowchart": {"nodeSpacing": 24, "rankSpacing": 22, "padding": 8}}}%%
flowchart TB
  cluster[new cluster] -- registers a record --> zone[(private zone)]
  zone -- "event, batched for 60 s" --> function
  schedule[every 5 minutes] -- repairs drift --> function
  function -- writes the list --> object[ConfigMap]
  object -- "${alone}, with nudge ${nudged}" --> server[Prometheus]
  server -- scrapes --> cluster
\`\`\`

From the record to Prometheus, without the batching: medians of ${roundsOf(delay)} rounds with \`file_sd\` on a real kubelet, ${delay.date},
\`npm run bench -- --node\` ([all of them](infra/guides/reaching-pods.md#how-long-it-takes)).`;
}
