import type { Blocked } from '../../live-lists.ts';
import { locationText } from '../../location.ts';
import { labelsText } from '../../target.ts';
import type { State } from '../../verify/agreement.ts';
import type { Resolution } from '../../verify/resolver.ts';
import type { AskedServer, Verdict } from '../../verify/verdict.ts';
import { firstOf } from '../../wording.ts';
import type { Paint } from '../print.ts';
import { visible } from '../print.ts';

const STATES: Record<State, { readonly text: string; readonly colour: Parameters<Paint>[0] }> = {
  scraped: { text: 'scraped', colour: 'green' },
  listed: { text: 'listed', colour: 'green' },
  down: { text: 'down', colour: 'red' },
  waiting: { text: 'waiting', colour: 'yellow' },
  dropped: { text: 'dropped', colour: 'red' },
  'not-loaded': { text: 'not loaded', colour: 'yellow' },
  'not-synced': { text: 'not synced', colour: 'yellow' },
  unwanted: { text: 'unwanted', colour: 'yellow' },
};

/** What a state means where the server has no detail. */
const MEANING: Partial<Record<State, string>> = {
  waiting: 'not scraped yet',
  dropped: 'by relabelling',
  'not-loaded': 'in the list, but not loaded yet',
  'not-synced': 'not in the list',
};

/** What the next sync does about it. */
function nextText(
  state: State,
  detail: string | undefined,
  blocked: Blocked | undefined,
): string | undefined {
  // Of what only the server has, the list is rid already.
  const inList = state === 'unwanted' && detail?.startsWith('in the list');
  if (state !== 'not-synced' && !inList) return undefined;
  if (blocked) return `no sync changes that: ${blocked}`;
  return state === 'not-synced' ? 'the next sync adds it' : 'the next sync removes it';
}

/** One list as a table: state, address, labels, resolution, detail. */
export function verdictLines(verdict: Verdict, paint: Paint): string[] {
  const { job, place, targets, fault, paused, refused } = verdict;
  const lines = [`${paint('bold', visible(job.name))}  ${visible(locationText(place.location))}`];
  if (fault) return [...lines, `  unknown: ${fault.code}`];
  lines.push(...serverTexts(verdict).map((text) => `  ${visible(text)}`));
  if (paused) lines.push(paint('yellow', '  paused: no sync changes this list'));
  if (refused) lines.push(paint('yellow', visible(`  ${refused.code}: ${refused.message}`)));
  const rows = targets.map(({ address, labels, state, detail, resolution, blocked }) => ({
    state,
    cells: [
      STATES[state].text,
      address,
      labelsText(labels),
      resolution ? resolutionText(resolution) : '',
      [detail ?? MEANING[state], nextText(state, detail, blocked)].filter(Boolean).join('; '),
    ].map(visible),
  }));
  const widths = [0, 1, 2, 3].map((i) =>
    Math.max(0, ...rows.map(({ cells }) => cells[i]?.length ?? 0)),
  );
  for (const { state, cells } of rows) {
    const text = cells.flatMap((cell, i) => (widths[i] === 0 ? [] : [cell.padEnd(widths[i] ?? 0)]));
    lines.push(`  ${paint(STATES[state].colour, text.join('  ').trimEnd())}`);
  }
  for (const text of causeTexts(verdict)) lines.push(`  ${paint('dim', visible(text))}`);
  return [...lines, `  ${summary(verdict)}`];
}

/** Each likely cause once: `-> a:9090, b:9090 and 10 more: nothing listens on that port …` */
function causeTexts({ targets }: Verdict): string[] {
  const down = targets.filter(({ cause }) => cause !== undefined);
  return [...Map.groupBy(down, ({ cause }) => cause)].map(([cause, all]) => {
    const names = all.map(({ address }) => address);
    return `-> ${firstOf(names, 3)}: ${cause}`;
  });
}

function serverTexts({ servers, place }: Verdict): string[] {
  const product = place.format === 'thanos_endpoints' ? 'Thanos Query' : 'Prometheus server';
  if (servers.length === 0) {
    return [`no ${product} in the settings (prometheus:): only the list is compared`];
  }
  return servers.map((server) => serverText(server, product.replace(' server', '')));
}

function serverText({ url, version, loadedAt, reloaded }: AskedServer, name: string): string {
  const product = version === undefined ? '' : `, ${name} ${version}`;
  const loaded = loadedAt === undefined ? '' : `, configuration of ${loadedAt}`;
  const failed =
    reloaded === false ? '; its last reload FAILED, and it still uses the old one' : '';
  return `${url}${product}${loaded}${failed}`;
}

function resolutionText({ addresses, cname, problem, searched }: Resolution): string {
  const alias = cname === undefined ? '' : `${cname} `;
  const search = searched ? ' (a search list may resolve it)' : '';
  return problem ? `${alias}${problem}${search}` : `${alias}${addresses.join(', ')}`;
}

function summary({ targets, agrees }: Verdict): string {
  const counts = Map.groupBy(targets, ({ state }) => state);
  const order = Object.keys(STATES) as State[];
  const texts = order.flatMap((state) => {
    const count = counts.get(state)?.length;
    return count ? [`${count} ${STATES[state].text}`] : [];
  });
  const unresolved = targets.filter(({ resolution: it }) => it?.problem && !it.searched).length;
  if (unresolved > 0) texts.push(`${unresolved} without an address`);
  return `${agrees ? 'agrees' : 'differs'}: ${texts.join(', ') || 'no targets'}`;
}
