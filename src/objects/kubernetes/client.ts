import { Agent as HttpAgent } from 'node:http';
import { Agent, type RequestOptions } from 'node:https';
import { type Backoff, backOff } from '../../backoff.ts';
import { Fault, withMore, withRemedy } from '../../fault.ts';
import { type Answer, exchange, NoResponse } from '../../http.ts';
import { deadlineFault, monotonicMs, type Run, type Trace } from '../../run.ts';
import type { ClusterAccess } from '../cluster/access.ts';
import { readAnswer, readForwarded } from './answer.ts';
import { type Call, type CallResult, writeUnknown } from './call.ts';
import { readNoResponse } from './no-response.ts';

/** All times in milliseconds. */
export interface KubernetesOptions {
  /** How often a call is sent at most. */
  readonly attempts: number;
  readonly backoff: Backoff;
  /** A Retry-After beyond it is not waited for. */
  readonly longestRetryAfter: number;
  readonly trace: Trace;
  readonly exchange: typeof exchange;
  /** For the connection, TLS handshake included. */
  readonly connectTimeout: number;
  /** From the connection to the answer's last byte. */
  readonly answerTimeout: number;
}

const DEFAULTS: KubernetesOptions = {
  attempts: 4,
  backoff: { first: 250, longest: 4_000 },
  longestRetryAfter: 20_000,
  trace: () => undefined,
  exchange,
  connectTimeout: 5_000,
  answerTimeout: 15_000,
};

/**
 * Idle connections are given up before AWS's load balancers and NAT gateways forget them (350 s): a function
 * that was frozen meanwhile would wait for an answer on a dead one.
 */
const KEPT = { keepAlive: true, timeout: 240_000 };

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
  #httpsAgent: Agent | undefined;
  #httpAgent: HttpAgent | undefined;

  constructor(access: ClusterAccess, options: Partial<KubernetesOptions> = {}) {
    this.#access = access;
    this.#options = { ...DEFAULTS, ...options };
  }

  /** Any call that changes nothing: a GET, or a POST of a review. Returns the body. */
  request(method: 'GET' | 'POST', path: string, run: Run, body?: unknown): Promise<unknown> {
    return this.call({ method, path, body, to: `${method} ${path}`, safeToRepeat: true }, run);
  }

  /** Sends a call until it is answered, refused, or not worth another attempt. Returns the body. */
  call(call: Call, run: Run): Promise<unknown> {
    return this.#until(call, run, readAnswer);
  }

  /** The same through a proxy of the API server: returns the answer of what is behind it, whatever that says. */
  async forward(call: Call, run: Run): Promise<Answer> {
    return (await this.#until(call, run, readForwarded)) as Answer;
  }

  async #until(call: Call, run: Run, read: typeof readAnswer): Promise<unknown> {
    const { attempts, backoff, longestRetryAfter } = this.#options;
    let mayHaveApplied = false;
    let signedAgain = false;
    for (let attempt = 1; ; attempt++) {
      const begun = monotonicMs();
      let result = await this.#send(call, run, read);
      if (result.kind === 'unauthorized' && !signedAgain) {
        // A token can become invalid early: with its credentials, or by a rotated key of the cluster.
        signedAgain = true;
        this.#access.renew();
        result = await this.#send(call, run, read);
      }
      this.#told(call, attempt, begun, result);
      if (result.kind === 'done') return result.body;
      if (result.kind === 'unauthorized') {
        this.#access.lookAgain?.();
        throw await this.#withRemedy(result.fault, run);
      }
      if (result.kind === 'again') {
        mayHaveApplied ||= result.mayHaveApplied && !call.safeToRepeat;
        const soon = attempt < attempts && result.waitMs <= longestRetryAfter;
        if (soon && (await backOff(attempt, backoff, run, result.waitMs))) continue;
      }
      // This object may live for hours.
      if (result.fault.code === 'kubernetes-unreachable') this.#access.lookAgain?.();
      throw failureOf(call, withWait(result, longestRetryAfter), mayHaveApplied, run);
    }
  }

  #told(call: Call, attempt: number, begun: number, result: CallResult): void {
    const { attempts, trace } = this.#options;
    const ms = monotonicMs() - begun;
    const failed = result.kind !== 'done' && {
      why: result.fault.message.replace(/^could not .*?: /, ''),
    };
    const waits = result.kind === 'again' && result.waitMs > 0 && { waitMs: result.waitMs };
    trace({ what: call.to, attempt, attempts, ms, ...failed, ...waits });
  }

  async #withRemedy(fault: Fault, run: Run): Promise<Fault> {
    const remedy = await this.#access.remedy?.(run);
    return remedy === undefined ? fault : withRemedy(fault, remedy);
  }

  /** Ends the connections that are kept. */
  close(): void {
    this.#httpsAgent?.destroy();
    this.#httpAgent?.destroy();
  }

  async #send(call: Call, run: Run, read: typeof readAnswer): Promise<CallResult> {
    try {
      if (run.signal.aborted) throw timedOut(call, run);
      const { url, options } = await this.#signed(call, run);
      const answer = await this.#options
        .exchange({
          method: call.method,
          url,
          options,
          body: call.body === undefined ? undefined : JSON.stringify(call.body),
          connectMs: this.#options.connectTimeout,
          answerMs: this.#options.answerTimeout,
          signal: run.signal,
        })
        .catch((error) => {
          if (error instanceof NoResponse) return readNoResponse(error, call, url.host, run);
          throw error;
        });
      return 'kind' in answer ? answer : read(answer, call);
    } catch (error) {
      if (error instanceof Fault) return { kind: 'failed', fault: error };
      throw error;
    }
  }

  async #signed(call: Call, run: Run): Promise<{ url: URL; options: RequestOptions }> {
    const { server, options } = await this.#access.signIn(run);
    const url = URL.parse(`${server}${call.path}`);
    if (!url?.protocol.startsWith('http')) {
      throw new Fault('cluster-invalid', `${server} is not the URL of a cluster`);
    }
    const contentType = call.contentType ?? 'application/json';
    const headers = {
      ...options.headers,
      ...HEADERS,
      ...(call.body !== undefined && { 'content-type': contentType }),
    };
    return { url, options: { ...options, agent: options.agent ?? this.#agent(url), headers } };
  }

  #agent({ protocol }: URL): HttpAgent {
    if (protocol === 'http:') {
      this.#httpAgent ??= new HttpAgent(KEPT);
      return this.#httpAgent;
    }
    this.#httpsAgent ??= new Agent(KEPT);
    return this.#httpsAgent;
  }
}

const HEADERS = { accept: 'application/json', 'user-agent': 'route53-federation-sync' };

/** Quotes a Retry-After that is too long to wait for. */
function withWait(result: Exclude<CallResult, { kind: 'done' }>, longest: number) {
  if (result.kind !== 'again' || result.waitMs <= longest) return result;
  const asked = `; the server asks to wait ${Math.round(result.waitMs / 1000)} s`;
  return { ...result, fault: withMore(result.fault, asked) };
}

/** What a call that did not succeed ends with, all its attempts considered. */
function failureOf(
  call: Call,
  { kind, fault }: Exclude<CallResult, { kind: 'done' }>,
  mayHaveApplied: boolean,
  run: Run,
): Fault {
  if (mayHaveApplied) {
    // The other writer may have been ourselves, one attempt ago.
    if (fault.code === 'conflict') {
      return writeUnknown(call, 'an earlier attempt may have taken effect', fault);
    }
    if (fault.code === 'deadline' || (kind === 'again' && run.signal.aborted)) {
      return writeUnknown(call, 'the run timed out', fault);
    }
    if (kind === 'again') {
      return writeUnknown(call, 'every attempt failed, and one may have taken effect', fault);
    }
  }
  // Nothing is wrong with the last attempt except that its pause was cut short.
  return kind === 'again' && run.signal.aborted ? timedOut(call, run) : fault;
}

const timedOut = (call: Call, run: Run) => deadlineFault(run, `before it could ${call.to}`);
