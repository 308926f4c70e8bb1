import { Agent as HttpAgent } from 'node:http';
import { Agent, type RequestOptions } from 'node:https';
import { setTimeout } from 'node:timers/promises';
import pRetry from 'p-retry';
import { Fault } from '../../fault.ts';
import { Break, exchange } from '../../http.ts';
import type { Run } from '../../records/records.ts';
import { deadlineFault, withinRun } from '../../run.ts';
import type { ClusterAccess } from '../cluster/access.ts';
import { signInFault } from '../cluster/kubeconfig.ts';
import { readAnswer } from './answer.ts';
import { type Call, type Outcome, writeUnknown } from './call.ts';
import { readBreak } from './no-response.ts';

/** All times in milliseconds. */
export interface KubernetesOptions {
  /** How often a call is sent at most. */
  readonly attempts: number;
  /** Between the first two of them; doubled each time, with jitter, up to `longestDelay`. */
  readonly delay: number;
  readonly longestDelay: number;
  /** A Retry-After beyond it is not waited for. */
  readonly longestRetryAfter: number;
  /** For the connection, TLS handshake included. */
  readonly connectTimeout: number;
  /** From the connection to the answer's last byte. */
  readonly answerTimeout: number;
}

const DEFAULTS: KubernetesOptions = {
  attempts: 4,
  delay: 250,
  longestDelay: 4_000,
  longestRetryAfter: 20_000,
  connectTimeout: 5_000,
  answerTimeout: 15_000,
};

/**
 * Idle connections are given up before AWS's load balancers and NAT gateways forget them (350 s): a function
 * that was frozen meanwhile would wait for an answer on a dead one.
 */
const KEPT = { keepAlive: true, timeout: 240_000 };

/** What one call remembers of its attempts. */
interface Attempts {
  /** What the latest of them came to. */
  outcome: Outcome | undefined;
  signedAgain: boolean;
  /** One of them was answered by an error, but may have been obeyed before that. */
  mayBeDone: boolean;
}

/** Tells p-retry to try again; what happened stands in Attempts. */
class Again extends Error {}

/**
 * Calls one cluster's API server, over connections that are kept: one TLS handshake in the life of this
 * object, as long as the server keeps the connection too.
 *
 * Throws `kubernetes-*`, `object-*`, `conflict`, `write-unknown`, `cluster-*`, `aws-*`, `deadline`. No header
 * and no body is part of any message or cause.
 */
export class KubernetesClient {
  readonly #access: ClusterAccess;
  readonly #options: KubernetesOptions;
  readonly #httpsAgent = new Agent(KEPT);
  readonly #httpAgent = new HttpAgent(KEPT);

  constructor(access: ClusterAccess, options: Partial<KubernetesOptions> = {}) {
    this.#access = access;
    this.#options = { ...DEFAULTS, ...options };
  }

  /** Any call that leaves nothing behind: a GET, or a POST of a review. Answers the body. */
  request(method: 'GET' | 'POST', path: string, run: Run, body?: unknown): Promise<unknown> {
    return this.call({ method, path, body, to: `${method} ${path}`, harmless: true }, run);
  }

  async call(call: Call, run: Run): Promise<unknown> {
    const { attempts, delay, longestDelay } = this.#options;
    const state: Attempts = { outcome: undefined, signedAgain: false, mayBeDone: false };
    try {
      await pRetry(() => this.#attempt(call, run, state), {
        retries: attempts - 1,
        minTimeout: delay,
        maxTimeout: longestDelay,
        randomize: true,
        signal: run.signal,
        shouldRetry: ({ error }) => error instanceof Again && this.#isSoon(state),
        onFailedAttempt: ({ retriesLeft }) => this.#pause(state, retriesLeft, run),
      });
    } catch (error) {
      // Where the run ended meanwhile, that is what p-retry throws; what is known of the call counts more.
      if (!state.outcome && (error instanceof Fault || !run.signal.aborted)) throw error;
    }
    const { outcome } = state;
    // This object may live for hours.
    if (outcome && 'fault' in outcome && outcome.fault.code === 'kubernetes-unreachable') {
      this.#access.lookAgain?.();
    }
    return conclude(call, state, run);
  }

  /** Ends the connections that are kept. */
  close(): void {
    this.#httpsAgent.destroy();
    this.#httpAgent.destroy();
  }

  #isSoon({ outcome }: Attempts): boolean {
    return outcome?.kind === 'again' && outcome.waitMs <= this.#options.longestRetryAfter;
  }

  /** Waits as long as the server asked; p-retry's own delay comes on top of it. */
  async #pause(state: Attempts, retriesLeft: number, run: Run): Promise<void> {
    const { outcome } = state;
    if (outcome?.kind !== 'again' || retriesLeft === 0 || !this.#isSoon(state)) return;
    await setTimeout(outcome.waitMs, undefined, { signal: run.signal });
  }

  async #attempt(call: Call, run: Run, state: Attempts): Promise<void> {
    state.outcome = undefined;
    let outcome = await this.#send(call, run);
    if (outcome.kind === 'unauthorized' && !state.signedAgain) {
      // A token can go stale early: with its credentials, or by a rotated key of the cluster.
      state.signedAgain = true;
      this.#access.renew();
      outcome = await this.#send(call, run);
    }
    state.outcome = outcome;
    if (outcome.kind !== 'again') return;
    state.mayBeDone ||= outcome.mayBeDone;
    throw new Again();
  }

  async #send(call: Call, run: Run): Promise<Outcome> {
    if (run.signal.aborted) throw over(call, run);
    const { url, options } = await this.#signed(call, run);
    try {
      const answer = await exchange({
        method: call.method,
        url,
        options,
        body: call.body === undefined ? undefined : JSON.stringify(call.body),
        connectMs: this.#options.connectTimeout,
        answerMs: this.#options.answerTimeout,
        signal: run.signal,
      });
      return readAnswer(answer, call);
    } catch (error) {
      if (!(error instanceof Break)) throw error;
      const known = call.harmless || !error.sent;
      if (error.reason === 'aborted' && known) throw over(call, run);
      return readBreak(error, call, url.host);
    }
  }

  /** The request's address, and its TLS and headers as KubeConfig documents them for node:https. */
  async #signed(call: Call, run: Run): Promise<{ url: URL; options: RequestOptions }> {
    const config = await this.#access.config(run);
    const options: RequestOptions = { headers: { ...HEADERS } };
    if (call.body !== undefined) {
      const contentType = call.contentType ?? 'application/json';
      options.headers = { ...options.headers, 'content-type': contentType };
    }
    const applied = config.applyToHTTPSOptions(options).catch((error) => {
      throw signInFault(error, config);
    });
    // A plugin may ask for a password and wait for ever.
    await withinRun(applied, run, `before it had signed in to ${call.to}`);
    const cluster = config.getCurrentCluster();
    const url = URL.parse(`${cluster?.server}${call.path}`);
    if (!url?.protocol.startsWith('http')) {
      throw new Fault('cluster-invalid', `${cluster?.server} is not the URL of a cluster`);
    }
    // KubeConfig's own agents keep no connection. Those that know the way through a proxy are needed.
    if (!cluster?.proxyUrl) {
      options.agent = url.protocol === 'http:' ? this.#httpAgent : this.#httpsAgent;
    }
    return { url, options };
  }
}

const HEADERS = { accept: 'application/json', 'user-agent': 'route53-federation-sync' };

const over = (call: Call, run: Run) => deadlineFault(run, `before it could ${call.to}`);

/** The body, or what the whole of a call's attempts comes to. */
function conclude(call: Call, { outcome, mayBeDone }: Attempts, run: Run): unknown {
  if (outcome?.kind === 'done') return outcome.body;
  const unknown = mayBeDone && !call.harmless;
  // Nothing is wrong with the last attempt but that it, or its pause, was cut short.
  if (!outcome || (outcome.kind === 'again' && run.signal.aborted)) {
    throw unknown ? writeUnknown(call, "the run's time was over") : over(call, run);
  }
  // The other writer may have been ourselves, one attempt ago.
  if (outcome.fault.code === 'conflict' && unknown) {
    throw writeUnknown(call, 'an earlier attempt may have been done', outcome.fault);
  }
  if (outcome.kind === 'again' && unknown) {
    throw writeUnknown(call, 'every attempt failed, and may have been done', outcome.fault);
  }
  throw outcome.fault;
}
