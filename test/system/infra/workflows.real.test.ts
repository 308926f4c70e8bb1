import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { describeWith } from '../../support/parts/available.ts';
import { findZizmor } from '../../support/parts/found.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../../..');
// Offline, it cannot compare the comments' versions with the commits; GitHub's Dependabot maintains both.
const flags = ['--offline', '--no-progress', '--persona', 'pedantic', '--format', 'json'];

/** What zizmor prints; its exit code is that of the worst finding. */
const findings = async (...args: string[]): Promise<{ ident: string }[]> => {
  const { stdout } = await run(findZizmor()!, [...flags, ...args, '.'], {
    cwd: root,
    maxBuffer: 64 << 20,
  }).catch((error: { stdout: string }) => error);
  return JSON.parse(stdout);
};

describeWith('zizmor', 'the workflows', () => {
  test('have nothing that zizmor finds, as pedantic as it can be', async () => {
    expect(await findings()).toEqual([]);
  });

  test('ignore only what a comment at the line justifies', async () => {
    const ignored = await findings('--no-ignores', '--no-config');
    const idents = ignored.map(({ ident }) => ident).filter((it) => it !== 'anonymous-definition');
    expect(idents.sort()).toEqual(['obfuscation', 'self-repository', 'self-repository']);
  });
});
