import { backOff } from './backoff.ts';
import { asFault, Fault, withMore } from './fault.ts';
import { listText } from './formats.ts';
import { keyOf, type ObjectRef, objectText } from './location.ts';
import { type Change, isAdopted, type Snapshot } from './objects/objects.ts';
import type { Ports, SyncOptions } from './ports.ts';
import type { Listings } from './records/listings.ts';
import type { Rendered } from './render.ts';
import {
  emptyOutcome,
  type List,
  notAnnotated,
  type Outcome,
  withFault,
  withWritten,
} from './report.ts';
import { deadlineFault } from './run.ts';

/** An object, and the lists that are in it. */
export interface ObjectLists {
  readonly object: ObjectRef;
  /** One of the lists may create it. */
  readonly create: boolean;
  readonly lists: readonly List[];
}

/** The input of an attempt: an object as read, and listings that started no earlier. */
export interface Read<S = Snapshot> {
  readonly snapshot: S;
  readonly listings: Listings;
}

/** The result of an attempt: an outcome per list, or why it must start over. */
export type Attempt =
  | { readonly outcomes: readonly Outcome[]; readonly wrote: boolean }
  | { readonly again: Fault; readonly unanswered?: Unanswered };

/** A write without a response, which may have been applied, or may still be. */
interface Unanswered {
  readonly fault: Fault;
  /** The version that it replaces: it cannot be applied to another. */
  readonly version: string | undefined;
  /** The texts of the lists, by key, if it was applied: also of those that it left as they were. */
  readonly texts: ReadonlyMap<string, string | Fault>;
  readonly change: Pick<Change, 'managed' | 'memory'>;
  /** What it did to the lists, if it was applied. */
  readonly outcomes: readonly Outcome[];
  /** A later attempt found nothing to write, so its texts are not what is wanted any more. */
  readonly overtaken?: boolean;
}

/**
 * Attempts an object until it is settled; every attempt reads it again, and lists the records again.
 *
 * Whether an unanswered write was applied is read from the object, never assumed:
 *
 *     PATCH without a response      -> unanswered
 *     another version, its texts    -> written
 *     another version, other texts  -> another attempt, as after a conflict: it cannot be applied any more
 *     the same version              -> another attempt, whose write would replace that version; if it has
 *                                      nothing to write, the unanswered one is overtaken, and may still be applied
 *     it cannot be read             -> read again; after the last attempt: write-unknown
 */
export async function untilSettled(
  object: ObjectLists,
  first: Read<Snapshot | Fault>,
  ports: Ports,
  options: SyncOptions,
  attempt: (read: Read) => Promise<Attempt>,
): Promise<Outcome[]> {
  const { attempts = 5, pauseMs = 100 } = options;
  const backoff = { first: pauseMs, longest: 20 * pauseMs };
  let { snapshot, listings } = first;
  let unanswered: Unanswered | undefined;
  let { create } = object;
  const read = (create: boolean) => readObject({ ...object, create }, ports, options);
  for (let conflicts = 0; ; conflicts++) {
    const settled = (outcomes: readonly Outcome[]) => outcomes.map((it) => ({ ...it, conflicts }));
    const failed = (fault: Fault) => settled(allOf(object, 'failed', unanswered?.fault ?? fault));
    // After the last attempt, an unanswered write is checked once more.
    const isOver = conflicts === attempts;
    if (snapshot instanceof Fault) {
      if (!unanswered || isOver) return failed(snapshot);
    } else {
      // If it is deleted after it was read, that was on purpose.
      if (snapshot.version !== undefined) create = false;
      if (unanswered && snapshot.version !== unanswered.version) {
        if (!unanswered.overtaken && holds(snapshot, unanswered))
          return settled(unanswered.outcomes);
        unanswered = undefined;
      }
      if (isOver && unanswered) return failed(unanswered.fault);
      let result = await attempt({ snapshot, listings });
      if ('outcomes' in result && !result.wrote) {
        result = unanswered
          ? { again: unanswered.fault, unanswered: { ...unanswered, overtaken: true } }
          : await confirmed(result.outcomes, snapshot, () => read(create));
      }
      if ('outcomes' in result) return settled(result.outcomes);
      unanswered = result.unanswered ?? unanswered;
      if (!unanswered && conflicts + 1 >= attempts) {
        return failed(withMore(result.again, ` (${attempts} attempts)`));
      }
    }
    if (!(await backOff(conflicts + 1, backoff, options))) {
      return failed(deadlineFault(options, 'before the object was read again'));
    }
    snapshot = await read(create);
    listings = listings.again();
  }
}

/**
 * The outcomes of an attempt that wrote nothing, unless the object has changed since it was read: an older run may
 * have written an older list. A write that is applied after this second read cannot be noticed: README, Promises,
 * says how late that can be, and what repairs it.
 */
async function confirmed(
  outcomes: readonly Outcome[],
  before: Snapshot,
  readAgain: () => Promise<Snapshot | Fault>,
): Promise<Attempt> {
  // A refused list has all that was to be added.
  const isClaimed = ({ status }: Outcome) => status === 'unchanged' || status === 'refused';
  if (!outcomes.some(isClaimed)) return { outcomes, wrote: false };
  const now = await readAgain();
  if (now instanceof Fault) {
    const failed = outcomes.map((it) =>
      isClaimed(it) ? ({ ...it, status: 'failed', fault: now } as const) : it,
    );
    return { outcomes: failed, wrote: false };
  }
  const isSame = outcomes.filter(isClaimed).every(({ place }) => {
    const key = keyOf(place.location);
    return now.texts.get(key) === before.texts.get(key);
  });
  if (isSame && now.paused === before.paused) return { outcomes, wrote: false };
  const message = `${objectText(before.object)} changed while its records were listed`;
  return { again: new Fault('conflict', message) };
}

/** The object, or why it cannot be read. */
export async function readObject(
  { object, create }: ObjectLists,
  { objects }: Ports,
  options: SyncOptions,
): Promise<Snapshot | Fault> {
  try {
    return await objects.read(object, { create }, options);
  } catch (error) {
    return asFault(error);
  }
}

/** Writes the rendered texts, if anything changed; an object whose lists are as wanted is only adopted, once. */
export async function writeRendered(
  rendered: Rendered,
  snapshot: Snapshot,
  { objects }: Ports,
  options: SyncOptions,
): Promise<Attempt> {
  const { texts, annotates, outcomes } = rendered;
  if (texts.size === 0 && !annotates) return { outcomes, wrote: false };
  try {
    const written = await objects.write(snapshot, rendered, options);
    return { outcomes: withWritten(outcomes, written, snapshot.version), wrote: true };
  } catch (error) {
    const fault = asFault(error);
    // The other writer may have been our own unanswered write, which was applied late.
    if (fault.code === 'conflict') {
      const { lastWriter } = snapshot;
      const more = lastWriter && `; before that, ${lastWriter} was its last writer`;
      return { again: more ? withMore(fault, more) : fault };
    }
    if (fault.code === 'write-unknown') {
      const applied = { status: 'written', version: undefined, warnings: [] } as const;
      const written = withWritten(outcomes, applied, snapshot.version);
      const { version } = snapshot;
      const keys = new Set(outcomes.map(({ place }) => keyOf(place.location)));
      const all = [...snapshot.texts, ...texts].filter(([key]) => keys.has(key));
      const unanswered = {
        fault,
        version,
        texts: new Map(all),
        change: rendered,
        outcomes: written,
      };
      return { again: fault, unanswered };
    }
    const failed = texts.size === 0 ? notAnnotated : withFault;
    return { outcomes: failed(outcomes, fault), wrote: texts.size > 0 };
  }
}

/** The same outcome for every list of an object. */
export function allOf({ lists }: ObjectLists, status: Outcome['status'], fault?: Fault) {
  return lists.map((list) => emptyOutcome(list, status, fault));
}

/** Not only the written ones: another run may have written the same, and a third writer the others. */
function holds(snapshot: Snapshot, { texts, change }: Unanswered): boolean {
  return (
    [...texts].every(([key, text]) => isSameList(snapshot, snapshot.texts.get(key), text)) &&
    change.managed.every((job) => isAdopted(snapshot, job)) &&
    (change.memory === undefined || change.memory === (snapshot.memory ?? null))
  );
}

/** Of a ScrapeConfig, only the list is written: what was created from a template has more than the template. */
function isSameList({ object }: Snapshot, now: string | Fault | undefined, text: string | Fault) {
  if (object.kind !== 'scrapeConfig' || typeof now !== 'string' || typeof text !== 'string') {
    return now === text;
  }
  return listText(now) === listText(text);
}
