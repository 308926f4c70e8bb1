import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { readArguments } from '../../../src/commands/arguments.ts';
import { asRun } from '../../../src/commands/hints.ts';

const hint = (argv: string[], env: Record<string, string> = {}) => {
  const stream = new Writable();
  return asRun('federation-sync sync --job a --force', {
    args: readArguments(argv),
    surroundings: { env, folder: '/', stdout: stream, stderr: stream },
  });
};

test.each<[string, string[], Record<string, string>]>([
  ['federation-sync sync --job a --force', ['sync'], {}],
  ['federation-sync sync --config x.yml --job a --force', ['sync', '--config', 'x.yml'], {}],
  ["federation-sync sync --config 'a b.yml' --job a --force", ['plan', '--config=a b.yml'], {}],
  ['federation-sync sync --job a --force', ['sync', '--config', 'federation-sync.yml'], {}],
  [
    'FEDERATION_SYNC_CONFIG=/x.yml AWS_PROFILE=p federation-sync sync --job a --force',
    ['sync'],
    { AWS_PROFILE: 'p', FEDERATION_SYNC_CONFIG: '/x.yml' },
  ],
  [
    'federation-sync sync --config y.yml --job a --force',
    ['sync', '--config', 'y.yml'],
    { FEDERATION_SYNC_CONFIG: '/x.yml' },
  ],
])('%s', (text, argv, env) => {
  expect(hint(argv, env)).toBe(text);
});
