import { execFile } from 'node:child_process';
import { findAws } from './found.ts';

/**
 * Runs the AWS CLI and gives what it printed, which is JSON. The files and the environment of the
 * user who runs the tests are ignored.
 * @throws Error whose message is the CLI's own
 */
export function aws(args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  const program = findAws();
  if (!program) throw new Error('aws is missing: run test/support/parts/prepare.sh');
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('AWS_'));
  return new Promise((resolve, reject) => {
    execFile(
      program,
      [...args, '--output', 'json'],
      {
        env: {
          ...Object.fromEntries(own),
          AWS_CONFIG_FILE: '/dev/null',
          AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
          AWS_PAGER: '',
          ...env,
        },
        maxBuffer: 64 << 20,
        timeout: 60_000,
      },
      (error, stdout, stderr) => {
        if (error) reject(new Error(`aws ${args.join(' ')}: ${stderr.trim()}`, { cause: error }));
        else resolve(stdout);
      },
    );
  });
}
