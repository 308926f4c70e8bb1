import { type ManagedList, openList, ownerOf } from './document/document.ts';
import { asFault, Fault } from './fault.ts';
import type { Job, Place } from './job.ts';
import { keyOf, type ObjectRef } from './location.ts';
import {
  type Change,
  isAdopted,
  resetCommand,
  type Snapshot,
  sizeFault,
  textAt,
} from './objects/objects.ts';
import { emptyOutcome, type List, type Outcome, withFault } from './report.ts';
import type { Warning } from './target.ts';
import { hostOfAddress } from './targets/address.ts';
import { differenceOf } from './targets/difference.ts';
import { judge, withStaying } from './targets/guard.ts';
import {
  type Gone,
  listId,
  type Memory,
  memoryText,
  NOTHING_GONE,
  readMemory,
} from './targets/memory.ts';
import type { Wanted } from './targets/targets.ts';
import { usableIn } from './targets/usable.ts';

/** The new contents of an object; its `texts` are empty where none changed. */
export interface Rendered extends Change {
  /** An annotation has to be written even if no text changed. */
  readonly annotates: boolean;
  /** One per list; `pending` is a list whose new text is in `texts`. */
  readonly outcomes: readonly Outcome[];
}

/**
 * Folds all lists of an object into its texts. A list that fails does not change its text, and does not keep
 * the others from being written; an object that would be too large fails all changed lists.
 */
export function render(
  lists: readonly List[],
  snapshot: Snapshot,
  wanted: ReadonlyMap<Job, Wanted | Fault>,
  { forced = new Set(), now }: { readonly forced?: ReadonlySet<string> | undefined; now: number },
): Rendered {
  const texts = new Map<string, string>();
  const memory = readMemory(snapshot.memory);
  const judged = new Map<string, RenderedList>();
  const outcomes = lists.map((list): Outcome => {
    const wants = wanted.get(list.job) as Wanted | Fault;
    if (wants instanceof Fault) return emptyOutcome(list, 'failed', wants);
    const key = keyOf(list.place.location);
    try {
      const before = texts.get(key) ?? textAt(snapshot, list.place);
      const rendered = renderList(list, before, wants, snapshot, {
        forced: forced.has(list.job.name),
        gone:
          memory === 'garbled' ? memory : (memory.get(listId(list.job.name, key)) ?? NOTHING_GONE),
        now,
      });
      if (rendered.outcome.pending) texts.set(key, rendered.text);
      judged.set(listId(list.job.name, key), rendered);
      return rendered.outcome;
    } catch (error) {
      return emptyOutcome(list, 'failed', asFault(error));
    }
  });
  const managed = managedBy(snapshot, outcomes);
  const adopts = managed.some((name) => !isAdopted(snapshot, name));
  const fault = sizeFault(snapshot, texts);
  if (fault) {
    return { texts: new Map(), managed, annotates: false, outcomes: withFault(outcomes, fault) };
  }
  const text = memory === 'garbled' ? snapshot.memory : remembered(memory, judged);
  const isNew = text !== snapshot.memory;
  const remembers = isNew && [...judged.values()].some((list) => list.remembers);
  return {
    texts,
    managed,
    ...(isNew && { memory: text ?? null }),
    annotates: adopts || remembers,
    outcomes,
  };
}

/** The memory of all lists of an object; of those that are not in this run, it stays as it is. */
function remembered(memory: Memory, judged: ReadonlyMap<string, RenderedList>): string | undefined {
  const lists = new Map(memory);
  for (const [id, { gone }] of judged) if (gone) lists.set(id, gone);
  return memoryText(lists, (id, host) => judged.get(id)?.staying.has(host) ?? false);
}

interface RenderedList {
  readonly text: string;
  readonly outcome: Outcome;
  /** What to remember of it; undefined for a file. */
  readonly gone: Gone | undefined;
  readonly remembers: boolean;
  /** Hosts that are in the list although nothing wants them. */
  readonly staying: ReadonlySet<string>;
}

/** One list: usable targets, guard, difference, new text. What is kept or withheld stays in the list. */
function renderList(
  list: List,
  before: string | undefined,
  all: Wanted,
  snapshot: Snapshot,
  run: { readonly forced: boolean; readonly gone: Gone | 'garbled'; readonly now: number },
): RenderedList {
  const { job, place } = list;
  // Nobody reads a template's targets yet: nothing is removed from them.
  const opened = openOnce(list, before ?? place.template?.text);
  const current = before === undefined ? [] : opened.targets;
  const kind = { format: place.format, relabelled: opened.relabelled };
  const { records, targets, skipped, warnings } = usableIn(kind, all);
  const isFile = snapshot.object.kind === 'file';
  const { fault, withheld, kept, gone, remembers } = judge({
    ...run,
    // A file has no memory.
    job: isFile ? { ...job, guard: { ...job.guard, perMs: 0 }, keepMs: 0 } : job,
    before: current,
    after: targets,
    adopted: isAdopted(snapshot, job.name),
    near: all.near,
    skipped,
  });
  const staying = [...kept.map(({ target }) => target), ...withheld];
  const written = withStaying(targets, staying);
  const text = opened.write(written);
  const outcome: Outcome = {
    ...emptyOutcome(list, fault ? 'refused' : 'unchanged', fault),
    pending: text !== before,
    forced: run.forced,
    records,
    targets,
    difference: differenceOf(current, written),
    withheld,
    kept,
    skipped,
    warnings:
      run.gone === 'garbled' && (job.guard.perMs > 0 || job.keepMs > 0)
        ? [...warnings, garbled(snapshot.object)]
        : warnings,
  };
  const hosts = new Set(staying.map(({ address }) => hostOfAddress(address)));
  return { text, outcome, gone: isFile ? undefined : gone, remembers, staying: hosts };
}

/** The list of a text; of the same text as in the run before, as most are, the list of then. */
function openOnce({ job, place }: List, text: string | undefined): ManagedList {
  const last = LAST.get(place);
  if (last && last.text === text && last.job === job.job) return last.list;
  const list = openList(text, ownerOf(job, place));
  if ((text?.length ?? 0) <= MOST_KEPT) LAST.set(place, { text, job: job.job, list });
  else LAST.delete(place);
  return list;
}

interface Opened {
  readonly text: string | undefined;
  readonly job: string;
  readonly list: ManagedList;
}

/** By the place of settings that stay the same in a process. */
const LAST = new WeakMap<Place, Opened>();
/** Characters. Beyond, memory matters more than the milliseconds. */
const MOST_KEPT = 256 * 1024;

function garbled(object: ObjectRef): Warning {
  const reset = resetCommand(object);
  return {
    code: 'memory-garbled',
    message: `the annotation with past removals cannot be read, so nothing is removed; to begin a new one: ${reset}`,
  };
}

/**
 * The jobs already named, and those whose list here is as they want it. A job with a list that was refused
 * adoption is not named: its next run would remove targets there that nobody has reviewed.
 */
function managedBy({ adopted }: Snapshot, outcomes: readonly Outcome[]): string[] {
  const names = new Set(adopted === 'always' ? [] : adopted);
  for (const [job, lists] of Map.groupBy(outcomes, (outcome) => outcome.job)) {
    const refused = lists.some(({ fault }) => fault?.code === 'guard-adopt');
    if (!refused && lists.some(({ fault }) => fault === undefined)) names.add(job.name);
  }
  return [...names].sort();
}
