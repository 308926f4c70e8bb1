import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { folderWith, run } from './run.ts';

/** What bash offers for a line that ends at its last word. */
async function offered(...words: string[]): Promise<string[]> {
  const folder = folderWith({});
  const { stdout } = await run(folder, ['completion', 'bash']);
  writeFileSync(join(folder, 'completion.bash'), stdout);
  const script = `source completion.bash; COMP_WORDS=(federation-sync ${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length}; _federation_sync; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync('bash', ['-c', script], { cwd: folder, encoding: 'utf8' }).trim().split('\n');
}

test('bash completes commands', async () => {
  expect(await offered('p')).toEqual(['plan', 'policy']);
});

test('bash completes the flags of a command', async () => {
  expect(await offered('plan', '--de')).toEqual(['--detailed-exitcode']);
  expect(await offered('sync', '--de')).toEqual(['']);
});

test.each(['bash', 'zsh', 'fish'])('%s gets a script with each command', async (shell) => {
  const { code, stdout } = await run(folderWith({}), ['completion', shell]);
  expect(code).toBe(0);
  for (const command of ['sync', 'doctor', 'completion']) expect(stdout).toContain(command);
});
