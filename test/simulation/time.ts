import type { Clock } from '../../src/run.ts';

interface Due {
  readonly at: number;
  readonly order: number;
  readonly act: () => void;
}

/** Simulated time: whatever is due happens one after the other, and nothing takes any real time. */
export class Time {
  /** Milliseconds since 1970. */
  now: number;
  readonly #due: Due[] = [];
  #order = 0;

  constructor(start: number) {
    this.now = start;
  }

  /** Acts after so many milliseconds; what is due at one moment is done in the order in which it was planned. */
  after(milliseconds: number, act: () => void): void {
    const due = { at: this.now + Math.max(0, milliseconds), order: this.#order++, act };
    let i = this.#due.push(due) - 1;
    // A binary heap.
    while (i > 0) {
      const above = (i - 1) >> 1;
      if (!isBefore(due, this.#due[above] as Due)) break;
      this.#due[i] = this.#due[above] as Due;
      i = above;
    }
    this.#due[i] = due;
  }

  sleep(milliseconds: number): Promise<void> {
    return new Promise((resolve) => this.after(milliseconds, resolve));
  }

  /** Until nothing is due before that time any more. */
  async run(until = Number.POSITIVE_INFINITY): Promise<void> {
    await settle();
    for (let next = this.#due[0]; next && next.at <= until; next = this.#due[0]) {
      this.#removeFirst();
      this.now = next.at;
      next.act();
      await settle();
    }
  }

  #removeFirst(): void {
    const last = this.#due.pop() as Due;
    const size = this.#due.length;
    if (size === 0) return;
    let i = 0;
    for (let child = 1; child < size; child = 2 * i + 1) {
      if (child + 1 < size && isBefore(this.#due[child + 1] as Due, this.#due[child] as Due)) {
        child += 1;
      }
      if (isBefore(last, this.#due[child] as Due)) break;
      this.#due[i] = this.#due[child] as Due;
      i = child;
    }
    this.#due[i] = last;
  }
}

const isBefore = (a: Due, b: Due) => a.at < b.at || (a.at === b.at && a.order < b.order);

/** All promises that can be settled are settled: Node.js empties their queue before the next tick. */
const settle = () => new Promise<void>((resolve) => process.nextTick(resolve));

/** The clock of a run: skewed against the true time, and with chances of its own. */
export function clockOf(time: Time, skew: () => number, random: () => number, at: At): Clock {
  return {
    now: () => time.now + skew(),
    async sleep(milliseconds, signal) {
      await at('sleep');
      if (signal.aborted) return false;
      return new Promise((resolve) => {
        time.after(milliseconds, () => resolve(!signal.aborted));
        signal.addEventListener('abort', () => resolve(false), { once: true });
      });
    },
    turn: () => at('turn'),
    random,
  };
}

/** Every await of a run passes here; it may never return, because the run was killed. */
export type At = (where: string) => Promise<void>;
