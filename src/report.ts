import type { Fault, FaultCode } from './fault.ts';
import type { Job, Place } from './job.ts';
import { locationText } from './location.ts';
import type { Written } from './objects/objects.ts';
import type { Target, Warning } from './target.ts';
import type { Difference } from './targets/difference.ts';
import type { Kept } from './targets/guard.ts';
import type { Skipped, WantedTarget } from './targets/targets.ts';

export type Status = 'written' | 'unchanged' | 'planned' | 'paused' | 'refused' | 'failed';

/** One list: a job's targets in one place. */
export interface List {
  readonly job: Job;
  readonly place: Place;
}

/** The result for a list. */
export interface Outcome extends List {
  readonly status: Status;
  readonly forced: boolean;
  /** Record sets that were selected. */
  readonly records: number;
  readonly targets: readonly WantedTarget[];
  /** What a write changes in the list. */
  readonly difference: Difference<WantedTarget>;
  /** What the guard keeps in the list although nothing wants it any more. */
  readonly withheld: readonly Target[];
  /** What `keep` holds in the list for a while. */
  readonly kept: readonly Kept[];
  /** The list's text changed, so a write is for it. */
  readonly pending: boolean;
  /** It was written; a refused list too, except for its removals. */
  readonly written: boolean;
  /** When, in milliseconds since 1970. */
  readonly writtenAt?: number;
  /** How many pods were made to refresh their volumes. */
  readonly nudged?: number;
  /** The time from the write until all servers had loaded the list. */
  readonly loadedAfterMs?: number;
  readonly skipped: readonly Skipped[];
  readonly warnings: readonly Warning[];
  /** Why it was refused or failed. */
  readonly fault: Fault | undefined;
  /** The object's version that a write replaced, and the one that it left. */
  readonly version: { readonly before?: string | undefined; readonly after?: string | undefined };
  /** How often an attempt had to start over, mostly because another writer was faster. */
  readonly conflicts: number;
}

/** An outcome of which nothing else is known. */
export function emptyOutcome({ job, place }: List, status: Status, fault?: Fault): Outcome {
  return {
    job,
    place,
    status,
    forced: false,
    records: 0,
    targets: [],
    difference: { added: [], removed: [], changed: [] },
    withheld: [],
    kept: [],
    pending: false,
    written: false,
    version: {},
    skipped: [],
    warnings: [],
    fault,
    conflicts: 0,
  };
}

/** What is in the list after a run that did not fail: what is wanted, and what stays although nothing wants it. */
export function inList({ targets, kept, withheld }: Outcome): readonly Target[] {
  return [...targets, ...kept.map(({ target }) => target), ...withheld];
}

/** What the list holds is known: a run that failed, or that is paused, may not have read it. */
export function isKnown({ status }: Outcome): boolean {
  return status === 'written' || status === 'unchanged' || status === 'refused';
}

/** The result of a write, for the lists that were part of it. A refused list was written except for its removals. */
export function withWritten(
  outcomes: readonly Outcome[],
  { status: written, version: after, warnings: tried }: Written,
  before: string | undefined,
): Outcome[] {
  return outcomes.map((outcome) => {
    if (!outcome.pending) return outcome;
    const status = outcome.status === 'refused' ? 'refused' : written;
    const warnings = [...outcome.warnings, ...tried];
    return {
      ...outcome,
      status,
      warnings,
      written: written === 'written',
      version: { before, after },
    };
  });
}

/** A fault of the object, for the lists that were to be written. */
export function withFault(outcomes: readonly Outcome[], fault: Fault): Outcome[] {
  return outcomes.map((outcome) =>
    outcome.pending ? { ...outcome, status: 'failed', fault } : outcome,
  );
}

/** The lists are as wanted; only an annotation could not be written. */
export function notAnnotated(outcomes: readonly Outcome[], { code, message }: Fault): Outcome[] {
  const warning: Warning = { code: 'not-annotated', message: `${code}: ${message}` };
  return outcomes.map((it) => (it.fault ? it : { ...it, warnings: [...it.warnings, warning] }));
}

/** What would become of the lists if their object were not paused. */
export function asPaused(outcomes: readonly Outcome[]): Outcome[] {
  return outcomes.map((outcome) => ({ ...outcome, status: 'paused' }));
}

/** One entry of the report, as the Lambda returns it and --json prints it. */
export interface JobReport {
  readonly name: string;
  readonly to: string;
  readonly status: Status;
  readonly forced: boolean;
  readonly records: number;
  readonly targets: number;
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly {
    readonly target: string;
    readonly from: Labels;
    readonly to: Labels;
  }[];
  /** What the guard kept in the list. */
  readonly withheld: readonly string[];
  /** What stays although its name is gone, and until when (ISO 8601). */
  readonly kept: readonly { readonly target: string; readonly until: string }[];
  readonly skipped: readonly Skipped[];
  readonly warnings: readonly Warning[];
  /** How many pods were nudged, and how long after the write all servers had loaded the list; only where the settings say so. */
  readonly nudged?: number;
  readonly loadedAfterMs?: number;
  /** How often an attempt had to start over; missing if never. */
  readonly conflicts?: number;
  readonly error?: {
    readonly code: FaultCode;
    readonly message: string;
    readonly remedy: string;
    readonly retryable: boolean;
    /** For `guard-adopt`: the targets that would go, as settings that keep them. */
    readonly details?: readonly string[];
  };
}

/** Labels; with `__address__` among them where it is the address that changed. */
type Labels = Readonly<Record<string, string>>;

export interface Report {
  readonly jobs: readonly JobReport[];
  readonly ignored?: string;
}

export function toReport(outcomes: readonly Outcome[]): Report {
  return { jobs: outcomes.map(toJobReport) };
}

export function toJobReport(outcome: Outcome): JobReport {
  const { difference, fault } = outcome;
  return {
    name: outcome.job.name,
    to: locationText(outcome.place.location),
    status: outcome.status,
    forced: outcome.forced,
    records: outcome.records,
    targets: outcome.targets.length,
    added: difference.added.map(({ address }) => address),
    removed: difference.removed.map(({ address }) => address),
    changed: difference.changed.map(({ before, after }) => {
      const moved = before.address !== after.address;
      const labels = (target: Target) =>
        moved ? { __address__: target.address, ...target.labels } : target.labels;
      return { target: after.address, from: labels(before), to: labels(after) };
    }),
    withheld: outcome.withheld.map(({ address }) => address),
    kept: outcome.kept.map(({ target, until }) => ({
      target: target.address,
      until: timeText(until),
    })),
    skipped: outcome.skipped,
    warnings: outcome.warnings,
    ...(outcome.nudged !== undefined && { nudged: outcome.nudged }),
    ...(outcome.loadedAfterMs !== undefined && { loadedAfterMs: outcome.loadedAfterMs }),
    ...(outcome.conflicts > 0 && { conflicts: outcome.conflicts }),
    ...(fault && { error: errorOf(fault) }),
  };
}

/** `2026-11-26T14:03:01Z` */
export function timeText(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d+Z$/, 'Z');
}

export function errorOf(fault: Fault): NonNullable<JobReport['error']> {
  const { code, message, remedy, retryable, details } = fault;
  return { code, message, remedy, retryable, ...(details.length > 0 && { details }) };
}
