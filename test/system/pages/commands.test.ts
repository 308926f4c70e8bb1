import { expect, test } from 'vitest';
import manifest from '../../../package.json' with { type: 'json' };
import { COMMON_FLAGS, readArguments } from '../../../src/commands/arguments.ts';
import { COMMANDS } from '../../../src/commands/main.ts';
import { commandsOf, pages } from './pages.ts';

/* Commands of the pages that need not run to be wrong. commands.long.test.ts runs the others. */

const ours = /^(?:federation-sync|npx federation-sync|node dist\/cli\.mjs) +(?!COMMAND\b)/;
const commands = pages.flatMap(commandsOf);
const lines = [...new Set(commands.map(({ text }) => text).filter((text) => ours.test(text)))];

test.each(lines)('%s is a command, with flags that it has', (line) => {
  const [call = ''] = line.replace(ours, '').replaceAll('\\\n', ' ').split(' | ');
  const args = readArguments(call.trim().split(/\s+/));
  if (args.version) return;
  const command = COMMANDS[args.command];
  expect(Object.keys(COMMANDS)).toContain(args.command);
  expect([...COMMON_FLAGS, ...(command?.flags ?? [])]).toEqual(
    expect.arrayContaining([...args.given]),
  );
  expect(args.operands.length).toBeLessThanOrEqual(command?.operand === undefined ? 0 : 1);
});

test('the pages have commands of ours', () => {
  expect(lines.length).toBeGreaterThan(20);
});

test.each(pages.map(({ path, text }) => [path, text] as const))(
  '%s names only existing scripts',
  (_, text) => {
    const named = [...text.matchAll(/npm run ([a-z:]+)/g)].map(([, name]) => name);
    expect(Object.keys(manifest.scripts)).toEqual(expect.arrayContaining(named));
  },
);
