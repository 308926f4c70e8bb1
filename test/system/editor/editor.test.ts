import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DESCRIPTIONS } from '../../../src/commands/schema/descriptions.ts';
import { settingsSchema } from '../../../src/commands/schema/json-schema.ts';
import { removeFolder, temporaryFolder } from '../../support/parts/process.ts';
import { LanguageServer } from './language-server.ts';

let folder: string;
let server: LanguageServer;
beforeAll(async () => {
  folder = temporaryFolder('editor');
  writeFileSync(join(folder, 'schema.json'), JSON.stringify(settingsSchema()));
  server = await LanguageServer.start(folder);
}, 20_000);
afterAll(() => {
  server?.stop();
  removeFolder(folder);
});

const LINE = '# yaml-language-server: $schema=schema.json';

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, `${LINE}\n${text}`);
  return path;
}

const GOOD = `jobs:
  - job: federate
    from: [{ zone: Z1 }]
    select: { name: x }
    guard:
      ${''}
    to:
      configMap: { namespace: a, name: b, key: c }
      prometheus:
        url: http://a
        ${''}
    ${''}
`;
const { jobs } = DESCRIPTIONS;

test('an editor completes keys at any depth, and shows what they mean', async () => {
  const path = file('good.yml', GOOD);
  await server.open(path);
  const guard = await server.complete(path, 7, 6);
  expect([...guard.keys()]).toEqual(Object.keys(jobs.keys.guard.keys));
  expect(guard.get('maxRemoved')).toContain(jobs.keys.guard.keys.maxRemoved.about);
  const reached = await server.complete(path, 12, 8);
  expect([...reached.keys()]).toContain('bearerToken');
  expect([...(await server.complete(path, 13, 4)).keys()]).toEqual(
    Object.keys(jobs.keys).filter((key) => !['job', 'from', 'select', 'guard', 'to'].includes(key)),
  );
});

test('an editor shows the description and the examples of a key under the cursor', async () => {
  const path = file('hover.yml', GOOD);
  await server.open(path);
  const { about, examples = [] } = jobs.keys.select.keys.name;
  const shown = await server.hover(path, 5, 14);
  expect(shown).toContain(about);
  expect(shown).toContain(examples[0]);
});

test('an editor underlines what is wrong, and nothing else', async () => {
  const right = GOOD.replace('guard:', 'guard: { maxRemoved: 10% }');
  expect(await server.open(file('right.yml', right))).toEqual([]);
  const wrong = right
    .replace('select:', 'selct:')
    .replace('Z1', 'a.b')
    .replace('to:', 'to:\n      file: x');
  const lines = (await server.open(file('wrong.yml', wrong))).map((one) => one.split(':')[0]);
  expect(new Set(lines)).toEqual(new Set(['4', '5', '9']));
});
