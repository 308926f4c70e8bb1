import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { unpackFunction } from '../../support/packaged.ts';
import { removeFolder, temporaryFolder } from '../../support/parts/process.ts';

export const root = join(import.meta.dirname, '../../..');

const run = promisify(execFile);

export interface Built {
  /** Holds what `npm run build` puts into dist. */
  readonly folder: string;
  /** Its parent. */
  readonly service: string;
  remove(): void;
}

/** Builds into a folder of its own, so that no other test uses it at the same time. */
export async function build(): Promise<Built> {
  const service = temporaryFolder('built');
  const folder = join(service, 'dist');
  await run(process.execPath, ['infra/build.ts', folder], { cwd: root });
  return { folder, service, remove: () => removeFolder(service) };
}

export type Form = 'whole' | 'packaged';

/**
 * A folder as Lambda's /var/task, with no node_modules here or above: the function in a single file next to its
 * settings, or as it is packaged with them.
 */
export function deploy(built: Built, settings?: string, form: Form = 'whole'): string {
  const folder = mkdtempSync(join(built.folder, 'task-'));
  if (form === 'packaged') {
    unpackFunction(folder, settings ?? '', built.service);
    return folder;
  }
  copyFileSync(join(built.folder, 'index.mjs'), join(folder, 'index.mjs'));
  if (settings !== undefined) writeFileSync(join(folder, 'federation-sync.yml'), settings);
  return folder;
}

export interface Outcome {
  readonly exports: string[];
  /** What the handler answered, or the message of what it threw. */
  readonly answer?: unknown;
  readonly error?: string;
  /** Node's own modules that the process has loaded. */
  readonly loaded: string[];
}

/** Loads the bundle in a process that has nothing but this environment; with an event, hands it over. */
export async function runIn(
  folder: string,
  env: Readonly<Record<string, string>> = {},
  event?: unknown,
): Promise<Outcome> {
  const script = `
    const bundle = await import(${JSON.stringify(join(folder, 'index.mjs'))});
    const outcome = { exports: Object.keys(bundle) };
    const event = ${JSON.stringify(event) ?? 'undefined'};
    const context = { awsRequestId: '1', functionName: 'x', getRemainingTimeInMillis: () => 20000 };
    if (event) await bundle.handler(event, context).then(
      (answer) => { outcome.answer = answer; },
      (error) => { outcome.error = error.message; },
    );
    outcome.loaded = process.moduleLoadList;
    process.getBuiltinModule('node:fs').writeSync(3, JSON.stringify(outcome));
    process.exit();`;
  mkdirSync(folder, { recursive: true });
  // Lambda's logs go to standard output, so the outcome takes another way.
  const { stdout } = await run(
    'sh',
    ['-c', 'exec 4>&1; "$0" --input-type=module -e "$1" 3>&4 >/dev/null', process.execPath, script],
    { cwd: folder, env: { AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x', ...env } },
  );
  return JSON.parse(stdout);
}
