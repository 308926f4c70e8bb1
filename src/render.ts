import { openList, ownerOf } from './document/document.ts';
import { asFault, Fault } from './fault.ts';
import type { Job } from './job.ts';
import { keyOf } from './location.ts';
import { isAdopted, type Snapshot, sizeFault, textAt } from './objects/objects.ts';
import { emptyOutcome, type List, type Outcome, withFault } from './report.ts';
import { differenceOf } from './targets/difference.ts';
import { refusal, withWithheld } from './targets/guard.ts';
import type { Wanted } from './targets/targets.ts';
import { usableIn } from './targets/usable.ts';

/** The new contents of an object. */
export interface Rendered {
  /** The texts to write, by key; empty where none changed. */
  readonly texts: ReadonlyMap<string, string>;
  /** The jobs to name in the annotation. */
  readonly managed: readonly string[];
  /** The annotation would name a job that it does not name yet. */
  readonly adopts: boolean;
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
  forced: ReadonlySet<string> = new Set(),
): Rendered {
  const texts = new Map<string, string>();
  const outcomes = lists.map((list): Outcome => {
    const wants = wanted.get(list.job) as Wanted | Fault;
    if (wants instanceof Fault) return emptyOutcome(list, 'failed', wants);
    const key = keyOf(list.place.location);
    try {
      const before = texts.get(key) ?? textAt(snapshot, list.place);
      const { text, outcome } = renderList(list, before, wants, snapshot, forced);
      if (outcome.pending) texts.set(key, text);
      return outcome;
    } catch (error) {
      return emptyOutcome(list, 'failed', asFault(error));
    }
  });
  const managed = managedBy(snapshot, outcomes);
  const adopts = managed.some((name) => !isAdopted(snapshot, name));
  const fault = sizeFault(snapshot, texts);
  if (!fault) return { texts, managed, adopts, outcomes };
  return { texts: new Map(), managed, adopts: false, outcomes: withFault(outcomes, fault) };
}

/** One list: usable targets, guard, difference, new text. What the guard withholds stays in the list. */
function renderList(
  list: List,
  before: string | undefined,
  all: Wanted,
  snapshot: Snapshot,
  forced: ReadonlySet<string>,
): { text: string; outcome: Outcome } {
  const { job, place } = list;
  const opened = openList(before, ownerOf(job, place));
  const kind = { format: place.format, relabelled: opened.relabelled };
  const { records, targets, skipped, warnings } = usableIn(kind, all);
  const isForced = forced.has(job.name);
  const adopted = isAdopted(snapshot, job.name);
  const refused = refusal({ job, before: opened.targets, after: targets, adopted, near: all.near });
  const { fault, withheld } = (!isForced && refused) || { fault: undefined, withheld: [] };
  const written = withWithheld(targets, withheld);
  const text = opened.write(written);
  const outcome: Outcome = {
    ...emptyOutcome(list, fault ? 'refused' : 'unchanged', fault),
    pending: text !== before,
    forced: isForced,
    records,
    targets,
    difference: differenceOf(opened.targets, written),
    withheld,
    skipped,
    warnings,
  };
  return { text, outcome };
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
