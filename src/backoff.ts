import { type Run, systemClock } from './run.ts';

/** In milliseconds. */
export interface Backoff {
  /** The shortest pause, the one after the first attempt. */
  readonly first: number;
  readonly longest: number;
}

/**
 * Pauses after attempt number `attempt`: twice as long each time, up to `longest`, and with jitter, so that two
 * runs which met once do not meet again.
 *
 * @param atLeast what the server asked us to wait, in milliseconds; the pause is added to it
 * @returns false if the run ended before the pause did
 */
export async function backOff(
  attempt: number,
  { first, longest }: Backoff,
  { signal, clock = systemClock }: Run,
  atLeast = 0,
): Promise<boolean> {
  const most = Math.min(first * 2 ** attempt, longest);
  return clock.sleep(atLeast + (most * (1 + clock.random())) / 2, signal);
}
