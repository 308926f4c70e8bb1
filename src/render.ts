import { type ListOwner, openList } from './document/document.ts';
import { asFault, Fault } from './fault.ts';
import type { Job, Place } from './job.ts';
import type { Location, Snapshot } from './objects/documents.ts';
import type { Outcome, Status } from './report.ts';
import { differenceOf } from './targets/difference.ts';
import { refusal } from './targets/guard.ts';
import type { Wanted } from './targets/targets.ts';
import { usableIn } from './targets/usable.ts';

/** One list: a job's targets in one place. */
export interface List {
  readonly job: Job;
  readonly place: Place;
}

/** All lists that stand in one document: one text, one write. */
export interface DocumentLists {
  readonly location: Location;
  readonly create: boolean;
  readonly lists: readonly List[];
}

/** Folds all lists into the document's text; a list that fails or is refused leaves the text to the others. */
export function fold(
  lists: readonly List[],
  snapshot: Snapshot,
  wanted: ReadonlyMap<Job, Wanted | Fault>,
  forced: ReadonlySet<string>,
): { text: string | undefined; outcomes: Outcome[] } {
  let { text } = snapshot;
  const outcomes = lists.map((list): Outcome => {
    const wants = wanted.get(list.job) as Wanted | Fault;
    if (wants instanceof Fault) return without(list, 'failed', wants);
    try {
      const edited = edit(list, text, wants, snapshot, forced.has(list.job.name));
      text = edited.text;
      return edited.outcome;
    } catch (error) {
      return without(list, 'failed', asFault(error));
    }
  });
  return { text, outcomes };
}

/** One list in the document's text: usable targets, difference, guard, new text. */
function edit(
  list: List,
  text: string | undefined,
  all: Wanted,
  snapshot: Snapshot,
  forced: boolean,
): { text: string | undefined; outcome: Outcome } {
  const { job, place } = list;
  const opened = openList(text, ownerOf(list));
  const wanted = usableIn({ format: place.format, relabelled: opened.relabelled }, all);
  const outcome: Outcome = {
    job,
    place,
    status: 'unchanged',
    forced,
    records: wanted.records,
    targets: wanted.targets,
    difference: differenceOf(opened.targets, wanted.targets),
    skipped: wanted.skipped,
    warnings: wanted.warnings,
    fault: undefined,
    conflicts: 0,
  };
  const after = opened.write(wanted.targets);
  if (after === text) return { text, outcome };
  const fault = refusal({
    before: opened.targets,
    after: wanted.targets,
    also: job.also,
    guard: job.guard,
    adopted: isAdopted(snapshot.adopted, job),
    job: job.name,
  });
  if (fault && !forced) return { text, outcome: { ...outcome, status: 'refused', fault } };
  return { text: after, outcome: { ...outcome, status: 'planned' } };
}

/** `planned` is what stands in the new text; it becomes what the write says of it. */
export function settled(outcome: Outcome, end: { status: Status; fault?: Fault }): Outcome {
  return outcome.status === 'planned' ? { ...outcome, ...end } : outcome;
}

export function isAdopted(adopted: Snapshot['adopted'], job: Job): boolean {
  return adopted === 'always' || (adopted?.includes(job.name) ?? false);
}

/** The jobs that the annotation names: those it named, and those whose lists now stand as we want them, but for some. */
export function managedBy(
  snapshot: Snapshot,
  outcomes: readonly Outcome[],
  except: ReadonlySet<string>,
): string[] {
  const before = Array.isArray(snapshot.adopted) ? (snapshot.adopted as readonly string[]) : [];
  const now = outcomes.filter(({ fault }) => fault === undefined).map(({ job }) => job.name);
  return [...new Set([...before, ...now.filter((name) => !except.has(name))])].sort();
}

/**
 * A snapshot of an object's other document, after one was written: nobody else wrote between the version that
 * both were read at and the one that the write left. A snapshot of another version stays as it is.
 */
export function besides(
  other: Snapshot,
  written: {
    readonly snapshot: Snapshot;
    readonly text: string;
    readonly managed: readonly string[];
    readonly version: string | undefined;
  },
): Snapshot {
  const { snapshot, text, managed, version } = written;
  if (other.version !== snapshot.version) return other;
  const grown = Buffer.byteLength(text) - Buffer.byteLength(snapshot.text ?? '');
  const otherBytes = other.otherBytes + grown;
  return { ...other, version: version ?? other.version, adopted: managed, otherBytes };
}

export function without(list: List, status: Status, fault: Fault | undefined): Outcome {
  return {
    ...list,
    status,
    forced: false,
    records: 0,
    targets: [],
    difference: { added: [], removed: [], changed: [] },
    skipped: [],
    warnings: [],
    fault,
    conflicts: 0,
  };
}

export function ownerOf({ job, place }: List): ListOwner {
  const { format, location } = place;
  const name = location.kind === 'file' ? location.path : location.key;
  return { format, job: job.job, json: name.endsWith('.json') };
}
