import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { vi } from 'vitest';
import { caches } from '../../support/caches.ts';
import { run } from '../../unit/commands/run.ts';

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** One call of the command line in a folder, with that environment. */
export type FederationSync = (
  folder: string,
  args: readonly string[],
  env?: Readonly<Record<string, string>>,
) => Promise<Ended>;

const CLI = join(import.meta.dirname, '../../../src/cli.ts');

/** `federation-sync ARGS` in a process of its own, with that folder and nothing but that environment. */
export const spawned: FederationSync = (folder, args, env = {}) => {
  const { promise, resolve } = Promise.withResolvers<Ended>();
  const child = spawn(process.execPath, [CLI, ...args], {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: folder, ...caches, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  child.on('close', (code) => resolve({ code, stdout, stderr }));
  return promise;
};

/** The same in this process, which is faster; the SDK reads the process's own environment. */
export const inProcess: FederationSync = async (folder, args, env = {}) => {
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  try {
    return await run(folder, args, env);
  } finally {
    vi.unstubAllEnvs();
  }
};
