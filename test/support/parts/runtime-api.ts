import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** What a function reports instead of a response. */
export interface FunctionError {
  errorType: string;
  errorMessage: string;
  trace?: string[];
}

type Outcome = { response?: unknown; error?: FunctionError };

/**
 * Lambda's Runtime API, version 2018-06-01: the runtime gets work from invocation/next, which is
 * answered when there is some, and posts to invocation/ID/response or …/error, or to init/error.
 */
export interface RuntimeApi {
  /** host:port, for AWS_LAMBDA_RUNTIME_API. */
  readonly address: string;
  /** True while a runtime waits for work. */
  waiting(): boolean;
  /** What the runtime said when it could not load the function. */
  initError(): FunctionError | undefined;
  /**
   * Hands the event to the waiting runtime.
   * @param ended settles when the runtime's process is gone, which is an answer too
   */
  invoke(event: unknown, deadlineMs: number, ended: Promise<unknown>): Promise<Outcome>;
  /** Forgets the runtime before, for a new process. */
  restart(): void;
  stop(): Promise<void>;
}

interface Work {
  id: string;
  settle(outcome: Outcome): void;
}

const base = '/2018-06-01/runtime';

async function json(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString();
  return text === '' ? undefined : JSON.parse(text);
}

export async function serveRuntimeApi(functionName: string): Promise<RuntimeApi> {
  let idle: ServerResponse | undefined;
  let initError: FunctionError | undefined;
  let work: Work | undefined;

  const server = createServer(async (request, response) => {
    const path = request.url ?? '';
    if (path === `${base}/invocation/next`) {
      idle = response;
      return;
    }
    const body = await json(request);
    if (path === `${base}/init/error`) initError = body as FunctionError;
    if (work && path === `${base}/invocation/${work.id}/response`) work.settle({ response: body });
    if (work && path === `${base}/invocation/${work.id}/error`) {
      work.settle({ error: body as FunctionError });
    }
    response.writeHead(202, { 'content-type': 'application/json' }).end('{"status":"OK"}');
  });
  // A frozen function may leave a long poll open for as long as a suite runs.
  server.requestTimeout = 0;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  function hand(event: unknown, deadlineMs: number, id: string): void {
    idle?.writeHead(200, {
      'content-type': 'application/json',
      'Lambda-Runtime-Aws-Request-Id': id,
      'Lambda-Runtime-Deadline-Ms': String(Date.now() + deadlineMs),
      'Lambda-Runtime-Invoked-Function-Arn': `arn:aws:lambda:eu-west-1:123456789012:function:${functionName}`,
      'Lambda-Runtime-Trace-Id': `Root=1-${Date.now().toString(16).slice(-8)}-${'0'.repeat(24)}`,
    });
    idle?.end(JSON.stringify(event ?? null));
    idle = undefined;
  }

  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    waiting: () => idle !== undefined,
    initError: () => initError,
    async invoke(event, deadlineMs, ended) {
      const id = randomUUID();
      const done = new Promise<Outcome>((settle) => {
        work = { id, settle };
      });
      hand(event, deadlineMs, id);
      const over = new AbortController();
      const outcome = await Promise.race([
        done,
        ended.then(() => exited(id)),
        sleep(deadlineMs, undefined, { signal: over.signal }).then(() => timedOut(id, deadlineMs)),
      ]);
      over.abort();
      work = undefined;
      await settled(() => idle !== undefined);
      return outcome;
    },
    restart() {
      idle = undefined;
      initError = undefined;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Lambda's own words, by which callers and alarms know these two. */
const exited = (id: string): Outcome => ({
  error: {
    errorType: 'Runtime.ExitError',
    errorMessage: `RequestId: ${id} Error: Runtime exited`,
  },
});

const timedOut = (id: string, deadlineMs: number): Outcome => ({
  error: {
    errorType: 'Sandbox.Timedout',
    errorMessage: `RequestId: ${id} Error: Task timed out after ${(deadlineMs / 1000).toFixed(2)} seconds`,
  },
});

/** Gives the runtime a moment to come back for more: what it prints last arrives by then. */
async function settled(back: () => boolean): Promise<void> {
  for (let look = 0; look < 20 && !back(); look++) await sleep(5);
  await sleep(5);
}
