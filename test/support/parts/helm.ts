import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { findHelm, type HelmMajor } from './found.ts';
import { removeFolder, temporaryFolder } from './process.ts';

export interface HelmRun {
  readonly ok: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Helm {
  /** Runs helm in the root of the checkout, with a home of its own; a failure is in the result. */
  run(major: HelmMajor, ...args: string[]): Promise<HelmRun>;
  /** The version of the binary, such as `4.3.1`. */
  version(major: HelmMajor): Promise<string>;
  remove(): void;
}

const root = join(import.meta.dirname, '../../..');

/** Without a kubeconfig, for what needs no cluster. */
export function helmFor(kubeconfig = ''): Helm {
  const folder = temporaryFolder('helm');
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    HELM_CACHE_HOME: join(folder, 'cache'),
    HELM_CONFIG_HOME: join(folder, 'config'),
    HELM_DATA_HOME: join(folder, 'data'),
    KUBECONFIG: kubeconfig,
  };
  const run: Helm['run'] = (major, ...args) => {
    const program = findHelm(major);
    if (!program) throw new Error('helm is missing: run test/support/parts/prepare.sh');
    return new Promise((resolve) => {
      execFile(program, args, { cwd: root, env, timeout: 60_000 }, (error, stdout, stderr) =>
        resolve({ ok: error === null, stdout, stderr: stderr.trim() }),
      );
    });
  };
  return {
    run,
    version: async (major) =>
      (await run(major, 'version', '--template', '{{.Version}}')).stdout.trim().replace(/^v/, ''),
    remove: () => removeFolder(folder),
  };
}
