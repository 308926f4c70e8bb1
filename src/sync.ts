import { asFault, Fault } from './fault.ts';
import type { Job } from './job.ts';
import { objectKey, objectOf } from './location.ts';
import type { Snapshot } from './objects/objects.ts';
import type { Ports, SyncOptions } from './ports.ts';
import { awaited, nudged } from './reach.ts';
import { Listings } from './records/listings.ts';
import { type Rendered, render } from './render.ts';
import { asPaused, type List, type Outcome } from './report.ts';
import { deadlineFault, systemClock, throwIfOver } from './run.ts';
import {
  allOf,
  type ObjectLists,
  type Read,
  readObject,
  untilSettled,
  writeRendered,
} from './sync-object.ts';
import { eitherOf, targetsOf, type Wanted } from './targets/targets.ts';

/**
 * Brings every list of these jobs in sync with its zones: reads the objects, lists the records, then per object
 * selects the targets, renders the lists and writes what changed, if the guard allows it; then nudges the pods that
 * mount what was written, and waits for its servers.
 *
 * Objects are read before records, so that a run with old records also has an old version, and its write is
 * refused. A list that fails does not keep the others from being written.
 *
 * @returns one outcome per job and place, in the order of the settings
 */
export async function sync(
  jobs: readonly Job[],
  ports: Ports,
  options: SyncOptions,
): Promise<Outcome[]> {
  const objects = objectsOf(jobs);
  const listings = new Listings(ports.records, jobs, options);
  const reading = objects.map((object) => readObject(object, ports, options));
  const [snapshots] = await Promise.all([Promise.all(reading), listings.prepare()]);

  const outcomes: Outcome[] = [];
  for (const [i, object] of objects.entries()) {
    const first = { snapshot: snapshots[i] as Snapshot | Fault, listings };
    const settled = await untilSettled(object, first, ports, options, async (read) => {
      const { paused } = read.snapshot;
      if (paused && !options.showPaused) return { outcomes: allOf(object, 'paused'), wrote: false };
      const rendered = await renderTwice(object.lists, read, options);
      if (paused) return { outcomes: asPaused(rendered.outcomes), wrote: false };
      return writeRendered(rendered, read.snapshot, ports, options);
    });
    // At once, so that no list waits for the objects after it.
    outcomes.push(...(await nudged(object.object, settled, ports, options)));
  }
  const order = jobs.flatMap(({ to }) => to);
  const loaded = await awaited(outcomes, ports, options);
  return loaded.sort((a, b) => order.indexOf(a.place) - order.indexOf(b.place));
}

/**
 * Renders the lists of an object. A listing of several pages is not a snapshot, and can lack a name that was
 * never removed: before anything is removed, records are listed once more, and only what both lack is removed.
 */
async function renderTwice(
  lists: readonly List[],
  { snapshot, listings }: Read,
  options: SyncOptions,
): Promise<Rendered> {
  const wanted = await select(lists, listings, options);
  // A removal counts from here, as close to its write as can be.
  const now = () => (options.clock ?? systemClock).now();
  const rendered = render(lists, snapshot, wanted, { ...options, now: now() });
  const removing = rendered.outcomes.filter(({ difference }) => difference.removed.length > 0);
  const doubtful: List[] = [];
  for (const list of removing) if (await listings.arePaged(list.job)) doubtful.push(list);
  if (doubtful.length === 0) return rendered;
  for (const [job, second] of await select(doubtful, listings.again(), options)) {
    const first = wanted.get(job) as Wanted;
    wanted.set(job, second instanceof Fault ? second : eitherOf(first, second));
  }
  return render(lists, snapshot, wanted, { ...options, now: now() });
}

/** What each job wants in its lists, or why that is unknown. */
async function select(
  lists: readonly List[],
  listings: Listings,
  options: SyncOptions,
): Promise<Map<Job, Wanted | Fault>> {
  const wanted = new Map<Job, Wanted | Fault>();
  for (const job of new Set(lists.map((list) => list.job))) {
    try {
      const listed = await listings.of(job);
      // Patterns may have kept the process busy: without this, the end of the run would go unnoticed.
      await (options.clock ?? systemClock).turn();
      throwIfOver(options, `before the targets of ${job.name} were selected`);
      wanted.set(job, targetsOf(job, listed, options.patternMs));
    } catch (error) {
      const timedOut = options.signal.aborted && !(error instanceof Fault);
      wanted.set(job, timedOut ? deadlineFault(options, 'in the listing') : asFault(error));
    }
  }
  return wanted;
}

/** The objects that these jobs' lists are in. */
function objectsOf(jobs: readonly Job[]): ObjectLists[] {
  const lists = jobs.flatMap((job) => job.to.map((place) => ({ job, place })));
  const byObject = Map.groupBy(lists, ({ place }) => objectKey(objectOf(place.location)));
  return [...byObject.values()].map((lists) => ({
    object: objectOf((lists[0] as List).place.location),
    create: lists.some(({ place }) => place.create),
    lists,
  }));
}
