import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Parts } from './control.ts';
import type { Emulators } from './emulators.ts';

/** What main.ts prints. */
interface Endpoints {
  readonly aws: string;
  readonly kubernetes: {
    readonly url: string;
    readonly certificateAuthority: string;
    readonly adminToken: string;
    /** The administrator's. */
    readonly kubeconfig: string;
  };
  readonly cluster: string;
  readonly credentials: Emulators['credentials'];
  readonly env: Emulators['env'];
  readonly control: string;
}

type Result<M> = M extends (...args: never) => infer R ? Awaited<R> : M;
type Arguments<M> = M extends (...args: infer A) => unknown ? A : [];

export interface EmulatorProcess extends Endpoints {
  readonly process: ChildProcess;
  /** Example: `await emulators.call('route53', 'createZone', { name: 'prometheus.internal' })`. */
  call<P extends keyof Parts, M extends keyof Parts[P] & string>(
    part: P,
    member: M,
    ...args: Arguments<Parts[P][M]>
  ): Promise<Result<Parts[P][M]>>;
  close(): Promise<void>;
}

/** Starts the emulators in a process of their own: for benches, and for tests whose process must not serve too. */
export async function startEmulatorProcess(): Promise<EmulatorProcess> {
  const main = fileURLToPath(new URL('main.ts', import.meta.url));
  const child = spawn(process.execPath, [main, '--until-stdin-ends'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const lines = createInterface(child.stdout);
  const [line] = (await Promise.race([
    once(lines, 'line'),
    exited.then(([code]) => {
      throw new Error(`the emulators ended with ${code}`);
    }),
  ])) as [string];
  const endpoints = JSON.parse(line) as Endpoints;
  return {
    ...endpoints,
    process: child,
    async call(part, member, ...args) {
      const response = await fetch(`${endpoints.control}/${part}/${member}`, {
        method: 'POST',
        body: JSON.stringify(args),
      });
      const { result, error } = (await response.json()) as { result?: unknown; error?: string };
      if (error !== undefined) throw new Error(error);
      return result as never;
    },
    async close() {
      child.stdin.end();
      await exited;
    },
  };
}
