import { median } from '../bench/figures.ts';

/** A metric over time. */
export interface Series {
  /** As the panel's legend names it. */
  readonly name: string;
  /** Seconds since the run began, and the value. */
  readonly points: readonly (readonly [seconds: number, value: number])[];
}

/** What the function counted in one run (a line in embedded metric format). */
export interface Counted {
  readonly at: number;
  readonly values: Readonly<Record<string, number>>;
}

/** infra/pictures/metrics.json: what a real run produced. */
export interface Metrics {
  readonly date: string;
  readonly command: string;
  readonly machine: string;
  /** How long the run took, in seconds. */
  readonly seconds: number;
  /** What happened when. */
  readonly events: readonly (readonly [seconds: number, text: string])[];
  /** The answers of the federation server to the queries of "Clusters", by the panel's title. */
  readonly clusters: Readonly<Record<string, readonly Series[]>>;
  /** From the function's log. */
  readonly function: readonly Counted[];
}

/** infra/pictures/delay.json: seconds of each round, by variant; see test/bench/bench.ts. */
export interface Delay {
  readonly date: string;
  readonly command: string;
  readonly machine: string;
  readonly seconds: Readonly<Record<string, readonly number[]>>;
}

/** What is written of a variant, the same in the picture and on the pages: `37 s`, `0.29 s`. */
export function summaryOf(seconds: readonly number[]): { median: string; slowest: string } {
  const shown = (value: number) => `${+value.toPrecision(2)} s`;
  return { median: shown(median(seconds)), slowest: shown(Math.max(...seconds)) };
}
