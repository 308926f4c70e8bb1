import { Fault } from './fault.ts';

/** What every call that leaves the process gets: `signal` aborts when the run's time is over. */
export interface Run {
  readonly signal: AbortSignal;
}

/** What a run that was aborted ends with: the reason given to its signal if that is a Fault, else `deadline`. */
export function deadlineFault({ signal }: Run, doing: string): Fault {
  if (signal.reason instanceof Fault) return signal.reason;
  return new Fault('deadline', `the run's time was over ${doing}`, { cause: signal.reason });
}

export function throwIfOver(run: Run, doing: string): void {
  if (run.signal.aborted) throw deadlineFault(run, doing);
}

/** `work`, or the run's end if that comes first: for work that takes no signal and may never end. */
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
