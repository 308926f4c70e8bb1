import type { Cluster } from './objects/cluster/cluster.ts';
import type { Format, Location } from './objects/documents.ts';
import type { Source } from './records/records.ts';
import type { Target } from './target.ts';

/** Validated settings, all defaults filled in, all paths absolute. */
export interface Settings {
  readonly cluster: Cluster | undefined;
  readonly jobs: readonly Job[];
}

export interface Job {
  /** For --job, logs and metrics. */
  readonly name: string;
  /** The job_name in the document, where the format has one. */
  readonly job: string;
  readonly from: readonly From[];
  /** Targets that no record announces. */
  readonly also: readonly Target[];
  readonly guard: Guard;
  readonly to: readonly Place[];
}

/** One source of record sets, and what becomes of them. */
export interface From {
  readonly source: Source;
  readonly select: Select;
  /** Template of the target's address. */
  readonly target: string;
  /** Templates by label name. */
  readonly labels: Readonly<Record<string, string>>;
}

/** Which record sets are meant; patterns are sources of JavaScript regular expressions. */
export interface Select {
  readonly types: readonly string[];
  readonly name: string;
  readonly exclude: readonly string[];
  readonly setIdentifier: string | undefined;
}

export interface Guard {
  /** The most hosts that one run may remove. */
  readonly maxRemoved: { readonly percent: number } | { readonly count: number };
  /** The fewest hosts that must be left. */
  readonly minTargets: number;
  readonly adopt: 'refuse' | 'replace';
}

/** A place that holds the list. */
export interface Place {
  readonly location: Location;
  readonly format: Format;
  /** Create the object if it is missing; only where the whole document is ours. */
  readonly create: boolean;
  /** URL of the Prometheus server that reads it, for `verify`. */
  readonly prometheus: string | undefined;
}
