import { findLambdaRuntime } from './found.ts';
import { type Running, ready, removeFolder, start, temporaryFolder } from './process.ts';
import { type FunctionError, type RuntimeApi, serveRuntimeApi } from './runtime-api.ts';

export interface LambdaOptions {
  /** The unpacked bundle: Lambda's /var/task. */
  folder: string;
  /** As the function's configuration names it, such as index.handler. */
  handler: string;
  /** All that the function sees, in addition to what Lambda itself sets: nothing of ours leaks into it. */
  env?: Record<string, string>;
  /** Default: federation-sync. */
  functionName?: string;
}

interface Invocation {
  response?: unknown;
  error?: FunctionError;
  /** What the function printed in the meantime. */
  logs: string;
  durationMs: number;
}

/** A function as Lambda runs it: one invocation at a time, a process that lives on between them. */
export interface Lambda {
  /** @param deadlineMs the function's timeout, default 30 s; beyond it the process is killed */
  invoke(event: unknown, options?: { deadlineMs?: number }): Promise<Invocation>;
  /** From the process's start to its first call for work. */
  initMs(): number;
  output(): string;
  stop(): Promise<void>;
}

function environment(options: LambdaOptions, api: RuntimeApi): Record<string, string> {
  const name = options.functionName ?? 'federation-sync';
  return {
    AWS_LAMBDA_RUNTIME_API: api.address,
    _HANDLER: options.handler,
    LAMBDA_TASK_ROOT: options.folder,
    AWS_LAMBDA_FUNCTION_NAME: name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: '2026/11/23/[$LATEST]0',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    TZ: ':UTC',
    LANG: 'en_US.UTF-8',
    ...options.env,
  };
}

/** @throws Error with the runtime's own report when the bundle cannot be loaded */
export async function startLambda(options: LambdaOptions): Promise<Lambda> {
  const program = findLambdaRuntime();
  if (!program) throw new Error('aws-lambda-ric is missing: run test/support/parts/prepare.sh');
  const api = await serveRuntimeApi(options.functionName ?? 'federation-sync');
  const folder = temporaryFolder('lambda');
  let logs = '';
  let initMs = 0;
  let runtime: Running;

  async function boot(): Promise<void> {
    const began = Date.now();
    api.restart();
    // Run by our own node, which is of the Lambda runtime's major: `node` on PATH may be any.
    runtime = start(process.execPath, [program as string], {
      folder,
      cwd: options.folder,
      bareEnv: true,
      env: environment(options, api),
      onOutput: (chunk) => {
        logs += chunk;
      },
    });
    await ready('the Lambda runtime', runtime, async () => {
      if (api.initError()) await runtime.stop();
      return api.waiting();
    }).catch((error) => {
      const report = api.initError();
      throw report
        ? new Error(`${report.errorType}: ${report.errorMessage}`, { cause: error })
        : error;
    });
    initMs = Date.now() - began;
  }

  async function invokeOnce(event: unknown, deadlineMs: number): Promise<Invocation> {
    // Lambda starts a new process after one that was killed or gave up.
    if (!runtime.alive()) await boot();
    logs = '';
    const began = Date.now();
    const outcome = await api.invoke(event, deadlineMs, runtime.ended);
    if (outcome.error?.errorType === 'Sandbox.Timedout') {
      runtime.signal('SIGKILL');
      await runtime.ended;
    }
    return { ...outcome, logs, durationMs: Date.now() - began };
  }

  try {
    await boot();
  } catch (error) {
    await api.stop();
    removeFolder(folder);
    throw error;
  }

  let queue: Promise<unknown> = Promise.resolve();
  return {
    invoke(event, { deadlineMs = 30_000 } = {}) {
      const next = queue.then(() => invokeOnce(event, deadlineMs));
      queue = next.catch(() => {});
      return next;
    },
    initMs: () => initMs,
    output: () => runtime.output(),
    async stop() {
      await runtime.stop();
      await api.stop();
    },
  };
}
