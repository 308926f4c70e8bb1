import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Report } from '../../src/report.ts';

const runtime = join(import.meta.dirname, 'runtime.mjs');

/** The function's variables in serverless.yml, apart from those that depend on parameters. */
const configured: Record<string, string> = Object.fromEntries(
  Object.entries<string>(
    parse(readFileSync(join(import.meta.dirname, '../../serverless.yml'), 'utf8')).provider
      .environment,
  ).filter(([, value]) => !value.includes('${')),
);

export interface Answer {
  readonly report: Report;
  /** From the container's start (its first invocation) or the invocation's to the answer. */
  readonly ms: number;
  /** Most memory the process has held so far, in MB as Lambda counts them (2^20 bytes). */
  readonly peakMB: number;
  /** Processor time of the process so far. */
  readonly cpuMs: number;
  /** The same, and the time since the process began, when the handler was imported. */
  readonly ready: { readonly ms: number; readonly cpuMs: number };
}

/** One container's life: a process that loads the bundle and answers one event after the other. */
export interface Container {
  invoke(event: unknown): Promise<Answer>;
  stop(): void;
}

export interface ContainerOptions {
  /** Holds index.mjs and federation-sync.yml, and nothing else. */
  readonly folder: string;
  readonly env?: Readonly<Record<string, string>>;
  /** For node, before the script. */
  readonly flags?: readonly string[];
  /** Another program that asks the Runtime API (AWS_LAMBDA_RUNTIME_API) for its events. */
  readonly command?: readonly [string, ...string[]];
}

/** Milliseconds from spawn to the handler's import. */
export async function timeToLoad(folder: string): Promise<number> {
  const begun = performance.now();
  const child = launch({ folder }, []);
  await said(child, 'ready');
  const ms = performance.now() - begun;
  await once(child, 'exit');
  return ms;
}

/** The Runtime API, with the event ready before the process is: the first answer's time is the whole cold start. */
export async function startContainer(options: ContainerOptions): Promise<Container> {
  let waiting: ServerResponse | undefined;
  let event: string | undefined;
  let answered: ((message: { body: string; request: IncomingMessage }) => void) | undefined;
  const hand = () => {
    if (!waiting || event === undefined) return;
    waiting.writeHead(200, {
      'lambda-runtime-aws-request-id': randomUUID(),
      'lambda-runtime-deadline-ms': String(Date.now() + 60_000),
      'lambda-runtime-invoked-function-arn': 'arn:aws:lambda:eu-west-1:123456789012:function:x',
    });
    waiting.end(event);
    waiting = event = undefined;
  };
  const server = createServer(async (request, response) => {
    if (request.method === 'GET') {
      waiting = response;
      return hand();
    }
    let body = '';
    for await (const chunk of request) body += chunk;
    answered?.({ body, request });
    response.writeHead(202).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  let begun = performance.now();
  let child: ChildProcess | undefined;
  return {
    async invoke(given) {
      event = JSON.stringify(given);
      const { promise, resolve, reject } = Promise.withResolvers<{
        body: string;
        request: IncomingMessage;
      }>();
      answered = resolve;
      begun = performance.now();
      if (!child) {
        child = launch(options, [`127.0.0.1:${port}`]);
        said(child, undefined).catch(reject);
      }
      hand();
      const { body, request } = await promise;
      const ms = performance.now() - begun;
      if (request.url?.endsWith('/error')) throw new Error(`the function failed: ${body}`);
      const usage = request.headers['x-usage'];
      const { maxRSS, cpuMs, ready } =
        usage === undefined ? usageOf(child.pid) : JSON.parse(`${usage}`);
      return { report: JSON.parse(body), ms, peakMB: maxRSS / 1024, cpuMs, ready };
    },
    stop() {
      child?.kill('SIGKILL');
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Of a program that does not report it; Linux only. */
function usageOf(pid: number | undefined) {
  const of = (file: string) => readFileSync(`/proc/${pid}/${file}`, 'utf8');
  // User and system time are fields 14 and 15, after a name that may contain spaces; in hundredths of a second.
  const fields = of('stat')
    .replace(/^.*\) /, '')
    .split(' ');
  const cpuMs = 10 * (Number(fields[11]) + Number(fields[12]));
  const [, maxRSS] = /^VmHWM:\s+(\d+) kB$/m.exec(of('status')) ?? [];
  return { maxRSS: Number(maxRSS), cpuMs, ready: { ms: Number.NaN, cpuMs: Number.NaN } };
}

function launch({ folder, env, flags = [], command }: ContainerOptions, args: readonly string[]) {
  const own: readonly [string, ...string[]] = [
    process.execPath,
    ...flags,
    runtime,
    folder,
    ...args,
  ];
  const [program, ...rest] = command ?? own;
  const [api] = args;
  return spawn(program, rest, {
    cwd: folder,
    // Nothing of the machine's: no AWS profile, no NODE_OPTIONS.
    env: {
      AWS_LAMBDA_FUNCTION_NAME: 'federation-sync',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '128',
      AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
      POWERTOOLS_LOG_LEVEL: 'INFO',
      ...configured,
      ...(api !== undefined && { AWS_LAMBDA_RUNTIME_API: api }),
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Settles when the process has printed a word; rejects when it ends before that. */
async function said(child: ChildProcess, word: string | undefined): Promise<void> {
  let output = '';
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk) => {
      output = (output + chunk).slice(-4_000);
      if (word !== undefined && output.includes(word)) resolve();
    });
  }
  child.once('exit', (code) => code === 0 || reject(new Error(`exit ${code}:\n${output}`)));
  await promise;
}
