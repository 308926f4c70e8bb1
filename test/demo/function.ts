import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Report } from '../../src/report.ts';
import { unpackFunction } from '../support/packaged.ts';

export type Answer = { readonly response: Report } | { readonly error: string };

/** The deployed function: what is packaged, in a folder that holds nothing else. */
export interface DeployedFunction {
  invoke(event: unknown): Promise<Answer>;
  /** Structured log lines since the last call. */
  takeLogs(): Record<string, unknown>[];
  remove(): Promise<void>;
}

export async function deploy(
  settings: string,
  env: Readonly<Record<string, string>>,
): Promise<DeployedFunction> {
  const folder = await mkdtemp(join(tmpdir(), 'federation-sync-demo-'));
  unpackFunction(folder, settings);
  const bundle = join(folder, 'index.mjs');
  const child: ChildProcess = fork(new URL('lambda-process.ts', import.meta.url), [bundle], {
    cwd: folder,
    env: { PATH: process.env.PATH, POWERTOOLS_DEV: 'false', ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
  }
  await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => {
      throw new Error(`the bundle did not load:\n${output}`);
    }),
  ]);
  return {
    async invoke(event) {
      child.send({ event, timeoutMs: 10_000 });
      const [answer] = await once(child, 'message');
      return answer;
    },
    takeLogs() {
      const lines = output.split('\n').filter((line) => line.startsWith('{'));
      output = '';
      return lines.map((line) => JSON.parse(line));
    },
    async remove() {
      child.kill();
      await rm(folder, { recursive: true });
    },
  };
}
