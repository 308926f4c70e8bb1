import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const CLI = join(import.meta.dirname, '../../dist/cli.mjs');

export interface Ended {
  readonly code: number;
  /** Both streams. */
  readonly lines: readonly string[];
}

/** The built command line, in a folder that has only the settings. */
export interface CommandLine {
  run(...args: readonly string[]): Promise<Ended>;
  remove(): Promise<void>;
}

export async function install(
  settings: string,
  env: Readonly<Record<string, string>>,
): Promise<CommandLine> {
  const folder = await mkdtemp(join(tmpdir(), 'federation-sync-demo-cli-'));
  await writeFile(join(folder, 'federation-sync.yml'), settings);
  return {
    run: (...args) =>
      new Promise((resolve) => {
        const options = { cwd: folder, env: { HOME: folder, ...env } };
        execFile(process.execPath, [CLI, ...args], options, (error, stdout, stderr) => {
          const code = typeof error?.code === 'number' ? error.code : error ? 1 : 0;
          resolve({ code, lines: `${stdout}${stderr}`.trimEnd().split('\n') });
        });
      }),
    remove: () => rm(folder, { recursive: true }),
  };
}
