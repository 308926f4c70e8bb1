import { asFault } from '../fault.ts';
import type { Server } from '../job.ts';
import { type Clock, type Run, systemClock } from '../run.ts';
import { sameLabels, type Target } from '../target.ts';
import { count, durationText } from '../wording.ts';
import type { ListIdentity, ListServer, LoadedList } from './server.ts';
import type { Servers } from './servers.ts';

/** A list as it was written. */
export interface WrittenList {
  readonly asked: ListIdentity;
  readonly targets: readonly Target[];
  /** What the write removed. */
  readonly removed: readonly Target[];
}

export interface WaitOptions extends Run {
  /** When the list was written, in milliseconds since 1970. */
  readonly since: number;
  readonly waitMs: number;
  /** Shown while it waits; undefined: the wait is over. */
  readonly waiting?: (text: string | undefined) => void;
}

/** Between two questions, in milliseconds: the first answer often comes within half a second. */
const PAUSES = [100, 150, 250, 400, 600, 1_000];
/**
 * From the write to the first reload, in milliseconds: a nudged kubelet has refreshed the file by then (0.15 s in the
 * median, 0.8 s at most). After a reload that comes too early, Prometheus takes seconds to show the targets of the next.
 */
const FIRST_RELOAD = 600;

/**
 * Asks all of these servers until each has loaded exactly this list, for at most `waitMs`, and never longer than the
 * run. It never throws: the list is written. A server that `reload` is set for is made to reload before each question:
 * the kubelet may have refreshed the file in between.
 */
export async function waitUntilLoaded(
  list: WrittenList,
  named: readonly Server[],
  servers: Servers,
  options: WaitOptions,
): Promise<{ readonly loadedAfterMs: number } | { readonly why: string }> {
  const { clock = systemClock, since, waitMs, waiting } = options;
  const left = since + waitMs - clock.now();
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(Math.max(1, left))]);
  const times = { clock, signal, since, end: since + waitMs };
  let open: ListServer[];
  try {
    open = await Promise.all(named.map((server) => servers.open(server, list.asked.format)));
  } catch (error) {
    return { why: `not loaded: ${asFault(error).message}` };
  }
  waiting?.(`waiting for ${open.map(({ url }) => url).join(', ')} to load the list`);
  try {
    const results = await Promise.all(
      open.map((server, i) => until(server, named[i]?.reload === true, list, times)),
    );
    const whys = results.filter((why) => why !== undefined);
    if (whys.length === 0) return { loadedAfterMs: clock.now() - since };
    const limit = options.signal.aborted
      ? 'before the run timed out'
      : `within ${durationText(waitMs)}`;
    return { why: `not loaded ${limit}: ${whys.join('; ')}` };
  } finally {
    waiting?.(undefined);
  }
}

/** Undefined once the server has the list; else what it lacked at the end of the wait. */
async function until(
  server: ListServer,
  reloads: boolean,
  list: WrittenList,
  run: Run & { readonly clock: Clock; readonly since: number; readonly end: number },
): Promise<string | undefined> {
  let why = 'it was not asked';
  const early = reloads ? run.since + FIRST_RELOAD - run.clock.now() : 0;
  if (early > 0) await run.clock.sleep(early, run.signal);
  for (let i = 0; ; i++) {
    try {
      // A reload that fails is the reason why the list is not loaded, whatever the server has.
      if (reloads) await server.reload(run);
      const lacking = whatLacks(await server.loaded(list.asked, run), list);
      if (lacking === undefined) return undefined;
      why = lacking;
    } catch (error) {
      const fault = asFault(error);
      // Cut off by the end of the wait: what was found before says more.
      if (!run.signal.aborted || i === 0) why = fault.message.replace(`${server.url}: `, '');
    }
    const pause = reloads ? 1_000 : (PAUSES[Math.min(i, PAUSES.length - 1)] as number);
    const goesOn = await run.clock.sleep(pause, run.signal);
    if (!goesOn || run.clock.now() >= run.end) return `${server.url}: ${why}`;
  }
}

/** How the loaded list differs from the written one; undefined: it does not. */
function whatLacks(
  { targets, forgotten, mixed }: LoadedList,
  list: WrittenList,
): string | undefined {
  const has = lookup(targets);
  const missing = list.targets.filter((target) => !has(target));
  if (missing.length > forgotten) return `it lacks ${names(missing)}`;
  const wants = lookup(list.targets);
  // Where other targets are among them, only what this write removed must be gone.
  const extra = mixed ? list.removed.filter(has) : targets.filter((target) => !wants(target));
  return extra.length > 0 ? `it still has ${names(extra)}` : undefined;
}

function lookup(targets: readonly Target[]): (target: Target) => boolean {
  const byAddress = Map.groupBy(targets, ({ address }) => address);
  return (target) =>
    byAddress.get(target.address)?.some((other) => sameLabels(target, other)) ?? false;
}

function names(targets: readonly Target[]): string {
  const first = targets.slice(0, 3).map(({ address }) => address);
  const more = targets.length - first.length;
  return first.join(', ') + (more > 0 ? ` and ${count(more, 'more target')}` : '');
}
