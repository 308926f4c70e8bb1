import type { WireRequest, WireResponse } from './wire/server.ts';

/** One request as the emulators saw it; `status` and `fault` are filled in when it ends. */
export interface Call {
  /** Counts from 1 over everything that shares this fault layer. */
  readonly n: number;
  /** `route53`, `sts`, `eks` or `kubernetes`. */
  readonly service: string;
  /** `ListResourceRecordSets`, `DescribeCluster`, `patch configmaps` … */
  readonly operation: string;
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
  /** Of the SigV4 signature, or of the one inside an EKS token. */
  readonly accessKeyId?: string;
  readonly at: Date;
  status?: number;
  fault?: Fault;
}

/**
 * What goes wrong with one request.
 * - `refuse`: the service itself answers so, in its own error shape; nothing is done.
 * - a WireResponse: exactly that; nothing is done.
 * - reset-before: the connection ends before anything is done. reset-after: done, but the response is lost.
 * - truncate: done; the answer ends in the middle. delayMs: done, but late. hang: neither done nor answered.
 * - html, garbage: a 200 from something else in the way; nothing is done.
 * - stale: what the same URL answered the last time, if it was ever asked.
 * - change: done; the function changes the response.
 */
export type Fault =
  | 'reset-before'
  | 'reset-after'
  | 'truncate'
  | 'hang'
  | 'html'
  | 'garbage'
  | 'stale'
  | { readonly delayMs: number }
  | { readonly refuse: Refusal }
  | { readonly change: (response: WireResponse, request: WireRequest) => WireResponse }
  | WireResponse;

/** Without `code` and `message`, the ones the service uses with that status. */
export interface Refusal {
  readonly status: number;
  readonly code?: string;
  readonly message?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface CallMatch {
  readonly service?: string;
  readonly operation?: string | RegExp;
  readonly path?: RegExp;
  /** The nth call that matches the rest, from now on; default: the next one. */
  readonly nth?: number;
  /** How many calls from then on; default 1. */
  readonly times?: number;
}

interface Rule {
  readonly match: CallMatch;
  readonly act: { readonly fault: Fault } | { readonly hook: (call: Call) => void | Promise<void> };
  seen: number;
}

/** Decides what goes wrong, and remembers every call. One may serve several servers. */
export class Faults {
  readonly calls: Call[] = [];
  /** Called for each call without a matching rule. */
  decide: ((call: Call) => Fault | undefined) | undefined;
  #rules: Rule[] = [];

  /** Example: `faults.on({ operation: 'ListResourceRecordSets', nth: 2 }, 'reset-after')`. */
  on(match: CallMatch, fault: Fault): void {
    this.#rules.push({ match, act: { fault }, seen: 0 });
  }

  /** Runs `hook` before the call is done: the place to change the state between a client's GET and its PATCH. */
  before(match: CallMatch, hook: (call: Call) => void | Promise<void>): void {
    this.#rules.push({ match, act: { hook }, seen: 0 });
  }

  /** The next calls, whatever they are, meet these in turn; `none` lets one pass. */
  queue(...faults: (Fault | 'none')[]): void {
    for (const [index, fault] of faults.entries()) {
      if (fault !== 'none') this.on({ nth: index + 1 }, fault);
    }
  }

  /** Forgets rules and calls. */
  clear(): void {
    this.#rules = [];
    this.calls.length = 0;
    this.decide = undefined;
  }

  /** The calls of one operation (or those it matches). */
  of(operation: string | RegExp): Call[] {
    return this.calls.filter((call) => matches({ operation }, call));
  }

  /** For the servers. */
  async meet(call: Call): Promise<Fault | undefined> {
    this.calls.push(call);
    let fault: Fault | undefined;
    for (const rule of this.#rules) {
      if (!matches(rule.match, call)) continue;
      rule.seen += 1;
      const first = rule.match.nth ?? 1;
      if (rule.seen < first || rule.seen >= first + (rule.match.times ?? 1)) continue;
      if ('hook' in rule.act) await rule.act.hook(call);
      else fault ??= rule.act.fault;
    }
    return fault ?? this.decide?.(call);
  }
}

function matches(match: CallMatch, call: Call): boolean {
  const { service, operation, path } = match;
  if (service !== undefined && service !== call.service) return false;
  if (path !== undefined && !path.test(call.path)) return false;
  if (operation === undefined) return true;
  return typeof operation === 'string'
    ? operation === call.operation
    : operation.test(call.operation);
}
