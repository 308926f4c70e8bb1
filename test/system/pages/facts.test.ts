import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { faultCodes } from '../../../src/fault.ts';
import { COVERAGE_METRICS, METRICS } from '../../bench/costs.ts';
import { pageAt, pages, root, withoutFences } from './pages.ts';

/* Facts on the pages that are not generated, compared with the source. */

const read = (path: string) => readFileSync(join(root, path), 'utf8');
const all = pages.map(({ text }) => text).join('\n');
const infra = pages.filter(({ path }) => path.startsWith('infra/'));

/** The names in backticks in the first column of the tables between two headings. */
function firstColumn(path: string, heading: string): string[] {
  const section = pageAt(path).text.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  const cells = section.match(/(?<=^\| )[^|]+/gm) ?? [];
  return cells.flatMap((cell) => cell.match(/(?<=`)[\w-]+(?=`)/g) ?? []);
}

test.each(faultCodes)('errors has a row for %s', (code) => {
  expect(pageAt('infra/reference/errors.md').text).toMatch(new RegExp(`^\\| \`${code}\` \\|`, 'm'));
});

test('every reason why a record set is skipped has a row, and no other', () => {
  const source = read('src/targets/address.ts').match(/readonly code:([^;]+);/)?.[1] ?? '';
  const codes = source.match(/(?<=')[\w-]+(?=')/g) ?? [];
  expect(codes.length).toBeGreaterThan(5);
  expect(firstColumn('infra/reference/errors.md', 'Skipped record sets').sort()).toEqual(
    codes.sort(),
  );
});

test('every metric is in the table, and no other', () => {
  const named = firstColumn('infra/reference/metrics-and-alarms.md', 'Metrics');
  expect(named.sort()).toEqual([...METRICS, ...COVERAGE_METRICS].sort());
});

test('every alert is in the table, and no other', () => {
  const { groups } = parse(read('infra/prometheus/alerts.yml'));
  const alerts = groups.flatMap(({ rules }: { rules: { alert?: string }[] }) =>
    rules.flatMap(({ alert }) => alert ?? []),
  );
  expect(firstColumn('infra/reference/metrics-and-alarms.md', 'Alerts').sort()).toEqual(
    alerts.sort(),
  );
});

test('every parameter of the function is in the table, and no other', () => {
  const { params } = parse(read('serverless.yml'), { logLevel: 'silent' });
  expect(firstColumn('infra/guides/deploy.md', 'Parameters').sort()).toEqual(
    Object.keys(params.default).sort(),
  );
});

const stacks = infra.flatMap(
  ({ text }) => text.match(/aws cloudformation deploy(?:.*\\\n)+.*/g) ?? [],
);

test.each(stacks)(
  'every stack gets parameters that its template has, and all without default: %s',
  (command) => {
    const [, file = ''] = /--template-file (\S+)/.exec(command) ?? [];
    const { Parameters } = parse(read(file), { logLevel: 'silent' });
    const given = [...(command.split('--parameter-overrides')[1] ?? '').matchAll(/(\w+)=/g)].map(
      ([, name]) => name,
    );
    const needed = Object.keys(Parameters).filter((name) => Parameters[name].Default === undefined);
    expect(Object.keys(Parameters)).toEqual(expect.arrayContaining(given));
    expect(given).toEqual(expect.arrayContaining(needed));
  },
);

test('every template and values file is on a page', () => {
  const files = ['aws', 'helm'].flatMap((folder) =>
    readdirSync(join(root, 'infra', folder))
      .filter((name) => /\.ya?ml$/.test(name))
      .map((name) => `infra/${folder}/${name}`),
  );
  expect(files.length).toBeGreaterThan(8);
  for (const file of files) expect(all).toContain(file);
});

test('the sizes of documents are those that are computed', () => {
  const section = /<!-- scaling -->\n([\s\S]*?)<!-- \/scaling -->/.exec(
    pageAt('infra/reference/performance.md').text,
  );
  const scaling = join(root, 'test/bench/scaling.ts');
  const printed = execFileSync(process.execPath, [scaling], { encoding: 'utf8' });
  expect(section?.[1]?.trim()).toBe(printed.trim());
});

test('code between ``` has a language that is not a shell: commands are indented, so that they are run', () => {
  const languages = pages.flatMap(({ text }) => text.match(/(?<=^ *```)\S+$/gm) ?? []);
  expect([...new Set(languages)].sort()).toEqual(['console', 'json', 'mermaid', 'yaml']);
});

/** Longer lines of code that cannot be broken, by how they begin. */
const cannotBeBroken: Record<string, string> = {
  '-p \'[{"op":"test"':
    'a line of a command ends with a backslash, which would be part of the quoted text',
};

test('a line of code fits into the column of a page, at most 112 characters wide', () => {
  const long = pages.flatMap(({ text }) => {
    const fenced =
      text.match(/^( *)```[\s\S]*?^\1```$/gm)?.flatMap((block) => block.split('\n')) ?? [];
    const indented = withoutFences(text).match(/^ {4}.*$/gm) ?? [];
    return [...fenced, ...indented.map((line) => line.slice(4))].filter(
      (line) => line.length > 112,
    );
  });
  const allowed = Object.keys(cannotBeBroken);
  expect(long.filter((line) => !allowed.some((start) => line.trim().startsWith(start)))).toEqual(
    [],
  );
  expect(long).toHaveLength(allowed.length);
});

describe('CONTRIBUTING', () => {
  const { text } = pageAt('.github/CONTRIBUTING.md');
  const section = (heading: string) => text.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => `src/${path}`);

  test.each([
    ['A new format: `thanos_endpoints`', /'thanos_endpoints'/, /thanos/i],
    [
      'A new kind of object: `scrapeConfig`',
      /\bscrapeConfig\b|'scrape_config'/,
      /scrapeConfig|'scrape_config'|custom-resource/i,
    ],
  ])('names the files of an example, and no others: %s', (heading, by, mentioned) => {
    const named = [...new Set(section(heading).match(/(?<=`)src\/[\w./-]+(?=`)/g))];
    expect(named).toEqual(expect.arrayContaining(sources.filter((path) => by.test(read(path)))));
    expect(named.filter((path) => !mentioned.test(read(path)))).toEqual([]);
  });
});

test('test/README.md names only existing files and folders, and every folder of test/system', () => {
  const { text } = pageAt('test/README.md');
  const paths = [...text.matchAll(/\b(?:test\/)?((?:unit|system|support|mutation)\/[\w./-]*)/g)];
  for (const [, path = ''] of paths) expect(existsSync(join(root, 'test', path)), path).toBe(true);
  const folders = readdirSync(join(root, 'test/system'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => `      ${name}/`);
  for (const folder of folders) expect(text).toContain(folder);
});

test("the changelog has this version's section", () => {
  const { version } = JSON.parse(read('package.json'));
  expect(read('infra/CHANGELOG.md')).toMatch(
    new RegExp(`^## ${version.replaceAll('.', '\\.')}\\b`, 'm'),
  );
});
