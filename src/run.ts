import { setImmediate, setTimeout } from 'node:timers/promises';
import { Fault } from './fault.ts';

/** What every call that leaves the process is given: `signal` aborts when the run times out. */
export interface Run {
  readonly signal: AbortSignal;
  /** The system's, except in a simulation. */
  readonly clock?: Clock;
}

/** Time and chance, as a run sees them. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** False if the signal ended the pause. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<boolean>;
  /** Lets timers and answers that are due come first. */
  turn(): Promise<void>;
  /** From 0 to below 1. */
  random(): number;
}

export const systemClock: Clock = {
  now: Date.now,
  sleep: (milliseconds, signal) => setTimeout(milliseconds, true, { signal }).catch(() => false),
  turn: () => setImmediate(),
  random: Math.random,
};

/** For durations. The global `performance` takes a millisecond to load. */
export const monotonicMs = (): number => Number(process.hrtime.bigint()) / 1e6;

/** The fault of a run that was aborted: its signal's reason if that is a Fault, else `deadline`. */
export function deadlineFault({ signal }: Run, doing: string): Fault {
  if (signal.reason instanceof Fault) return signal.reason;
  return new Fault('deadline', `the run timed out ${doing}`, { cause: signal.reason });
}

export function throwIfOver(run: Run, doing: string): void {
  if (run.signal.aborted) throw deadlineFault(run, doing);
}

/** `work`, unless the run ends first: for work that accepts no signal and may never end. */
export async function withinRun<T>(work: Promise<T>, run: Run, doing: string): Promise<T> {
  const { promise: over, reject } = Promise.withResolvers<never>();
  const end = () => reject(deadlineFault(run, doing));
  if (run.signal.aborted) end();
  run.signal.addEventListener('abort', end, { once: true });
  try {
    return await Promise.race([work, over]);
  } finally {
    run.signal.removeEventListener('abort', end);
  }
}

/** One attempt of a call that leaves the process. */
export interface Attempted {
  /** As `list zone Z1` or `Route53 ListResourceRecordSets`. */
  readonly what: string;
  readonly attempt: number;
  readonly attempts: number;
  /** The time until its answer. */
  readonly ms: number;
  /** Why it failed; undefined: it did not. */
  readonly why?: string;
  /** How long the next attempt waits, where that is known. */
  readonly waitMs?: number;
}

/** Told about every attempt; for terminals and logs, never for decisions. */
export type Trace = (attempted: Attempted) => void;
