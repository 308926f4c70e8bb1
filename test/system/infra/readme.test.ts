import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

const root = join(import.meta.dirname, '../../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const readme = read('infra/README.md');
const moving = ['over', 'blackbox', 'thanos'].map((name) => read(`infra/moving-${name}.md`));
const pipeline = read('infra/pipeline.md');

test('every file that the pages name is there', () => {
  const named = (text: string) =>
    text.match(/(?<![\w/])infra\/[\w./-]+\.(?:ya?ml|md|ts|json|conf)\b/g) ?? [];
  const quoted = readme.match(/`[\w./-]+\.(?:ya?ml|md|ts|json|conf)`/g) ?? [];
  const inTables = quoted
    .map((path) => path.slice(1, -1))
    .map((path) => (existsSync(join(root, path)) ? path : join('infra', path)));
  const elsewhere =
    /(?:serverless|federation-sync(?:\.\w+)?|prometheus|ci|deploy|release)\.yml$|\.settings\.json$/;
  for (const path of [...[readme, ...moving, pipeline].flatMap(named), ...inTables])
    expect(existsSync(join(root, path)) || elsewhere.test(path), path).toBe(true);
});

test('every parameter of the function is in the table, and no other', () => {
  const { params } = parse(read('serverless.yml'), { logLevel: 'silent' });
  const rows = readme.match(/(?<=--param="name=value"[\s\S]*?)^\| `[^|]*/gm) ?? [];
  const table = rows.flatMap((row) => row.match(/`\w+`/g) ?? []).map((name) => name.slice(1, -1));
  const known = Object.keys(params.default);
  expect(table.filter((name) => known.includes(name)).sort()).toEqual(known.sort());
});

test('every stack gets parameters that its template has, and all that have no default', () => {
  const commands = readme.match(/aws cloudformation deploy(?:.*\\\n)*.*/g) ?? [];
  expect(commands).toHaveLength(6);
  for (const command of commands) {
    const [, file] = /--template-file (\S+)/.exec(command)!;
    const { Parameters } = parse(read(file!), { logLevel: 'silent' });
    const given = [...command.split('--parameter-overrides')[1]!.matchAll(/(\w+)=/g)].map(
      ([, name]) => name!,
    );
    const needed = Object.keys(Parameters).filter((name) => Parameters[name].Default === undefined);
    expect(Object.keys(Parameters), command).toEqual(expect.arrayContaining(given));
    expect(given, command).toEqual(expect.arrayContaining(needed));
  }
});

test('every template and values file is on the page', () => {
  for (const folder of ['aws', 'helm'])
    for (const file of readdirSync(join(root, 'infra', folder)).filter((it) => /\.ya?ml$/.test(it)))
      expect(readme, file).toContain(file);
});

test("the changelog has this version's section", () => {
  const { version } = JSON.parse(read('package.json'));
  expect(read('infra/CHANGELOG.md')).toMatch(
    new RegExp(`^## ${version.replaceAll('.', '\\.')}\\b`, 'm'),
  );
});
