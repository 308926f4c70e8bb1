import type { Process, Starter } from './process.ts';

/** How often each fault met each await, and how often each kind of run acted while another was under way. */
export class Coverage {
  readonly faults = new Map<string, number>();
  readonly pairs = new Map<string, number>();
  /** Whatever else is worth knowing: statuses, codes, actions. */
  readonly seen = new Map<string, number>();

  count(fault: string, where: string): void {
    add(this.faults, `${fault} | ${where}`, 1);
  }

  see(what: string): void {
    add(this.seen, what, 1);
  }

  meet(starter: Starter, running: ReadonlySet<Process>): void {
    if (running.size < 2) return;
    for (const other of running) add(this.pairs, `${starter} | ${other.starter}`, 1);
  }

  /** Adds what another process counted. */
  merge(other: Readonly<Record<'faults' | 'pairs' | 'seen', [string, number][]>>): void {
    for (const kind of ['faults', 'pairs', 'seen'] as const) {
      for (const [key, n] of other[kind]) add(this[kind], key, n);
    }
  }

  toJSON() {
    return { faults: [...this.faults], pairs: [...this.pairs], seen: [...this.seen] };
  }
}

function add(counts: Map<string, number>, key: string, n: number): void {
  counts.set(key, (counts.get(key) ?? 0) + n);
}
