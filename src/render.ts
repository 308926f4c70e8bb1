import { openList, ownerOf } from './document/document.ts';
import { asFault, Fault } from './fault.ts';
import type { Job } from './job.ts';
import { keyOf } from './location.ts';
import { isAdopted, type Snapshot, sizeFault, textAt } from './objects/objects.ts';
import { emptyOutcome, type List, type Outcome } from './report.ts';
import { differenceOf } from './targets/difference.ts';
import { refusal } from './targets/guard.ts';
import type { Wanted } from './targets/targets.ts';
import { usableIn } from './targets/usable.ts';

/** The new contents of an object. */
export interface Rendered {
  /** The texts to write, by key; empty where nothing changed. */
  readonly texts: ReadonlyMap<string, string>;
  /** The jobs to name in the annotation. */
  readonly managed: readonly string[];
  /** One per list; `planned` is a list whose new text is in `texts`. */
  readonly outcomes: readonly Outcome[];
}

/**
 * Folds all lists of an object into its texts. A list that fails or is refused does not change its text, and
 * does not keep the others from being written; an object that would be too large fails all changed lists.
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
      if (text !== undefined) texts.set(key, text);
      return outcome;
    } catch (error) {
      return emptyOutcome(list, 'failed', asFault(error));
    }
  });
  const managed = managedBy(snapshot, outcomes);
  const fault = sizeFault(snapshot, texts);
  if (!fault) return { texts, managed, outcomes };
  return { texts: new Map(), managed, outcomes: withWriteResult(outcomes, 'failed', fault) };
}

/** One list: usable targets, difference, guard, new text. `text` is undefined if it does not change. */
function renderList(
  list: List,
  before: string | undefined,
  all: Wanted,
  snapshot: Snapshot,
  forced: ReadonlySet<string>,
): { text: string | undefined; outcome: Outcome } {
  const { job, place } = list;
  const opened = openList(before, ownerOf(job, place));
  const kind = { format: place.format, relabelled: opened.relabelled };
  const { records, targets, skipped, warnings } = usableIn(kind, all);
  const outcome: Outcome = {
    ...emptyOutcome(list, 'unchanged'),
    forced: forced.has(job.name),
    records,
    targets,
    difference: differenceOf(opened.targets, targets),
    skipped,
    warnings,
  };
  const text = opened.write(targets);
  if (text === before) return { text: undefined, outcome };
  const adopted = isAdopted(snapshot, job.name);
  const fault = refusal({ job, before: opened.targets, after: targets, adopted });
  return fault && !outcome.forced
    ? { text: undefined, outcome: { ...outcome, status: 'refused', fault } }
    : { text, outcome: { ...outcome, status: 'planned' } };
}

/** The result of a write, for the lists that were part of it. */
export function withWriteResult(
  outcomes: readonly Outcome[],
  status: Outcome['status'],
  fault?: Fault,
): Outcome[] {
  return outcomes.map((outcome) =>
    outcome.status === 'planned' ? { ...outcome, status, fault } : outcome,
  );
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
