import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Metafile } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { zip } from '../../../infra/aws/zip.ts';
import manifest from '../../../package.json' with { type: 'json' };
import { type Built, build, root } from '../bundle/build.ts';

interface Sbom {
  readonly components: readonly { readonly name: string; readonly licenses?: readonly unknown[] }[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

const run = promisify(execFile);
let built: Built;
beforeAll(async () => {
  built = await build();
  // As in every npm script, Node.js 24 is first on PATH.
  const PATH = `${dirname(process.execPath)}:${process.env.PATH}`;
  await run(process.execPath, ['infra/release-files.ts', built.folder], {
    cwd: root,
    env: { ...process.env, PATH },
  });
}, 60_000);
afterAll(() => built?.remove());

const read = (name: string) => readFileSync(join(built.folder, name), 'utf8');
const sbom = (name: string): Sbom => JSON.parse(read(name));
const namesIn = (name: string) => sbom(name).components.map((component) => component.name);
/** The packages of which esbuild wrote code into the bundle. */
function bundled(): string[] {
  const { outputs }: Metafile = JSON.parse(read('index.meta.json'));
  const paths = Object.values(outputs).flatMap(({ inputs }) => Object.keys(inputs));
  const names = paths.flatMap((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []);
  return [...new Set(names)].sort();
}

test('the notices have the name and the licence text of every package in the bundle', () => {
  const sections = read('THIRD-PARTY-NOTICES.txt')
    .split(`${'-'.repeat(80)}\n\n`)
    .slice(1);
  expect(bundled()).toContain('@kubernetes/client-node');
  expect(sections.map((section) => section.split(' ')[0]).sort()).toEqual(bundled());
  for (const section of sections)
    expect(section).toMatch(/ \((?:MIT|Apache-2\.0|ISC|BSD-[23]-Clause|0BSD)\)\n\n[\s\S]{900}/);
});

test("the bundle's SBOM names exactly the packages in it, each with a licence", () => {
  expect(namesIn('index.cdx.json').sort()).toEqual(bundled());
  expect(sbom('index.cdx.json').components.filter(({ licenses }) => !licenses?.length)).toEqual([]);
});

test("the package's SBOM names what is installed with it, and no tool", () => {
  const names = namesIn('package.cdx.json');
  expect(names).toEqual(expect.arrayContaining(Object.keys(manifest.dependencies)));
  for (const tool of ['vitest', 'esbuild', 'osls', 'typescript']) expect(names).not.toContain(tool);
});

test.each(['index.cdx.json', 'package.cdx.json'])('%s has no dangling reference', (name) => {
  const { dependencies } = sbom(name);
  const refs = dependencies.map(({ ref }) => ref);
  for (const { dependsOn } of dependencies)
    expect(refs).toEqual(expect.arrayContaining([...dependsOn]));
});

test('the zip has the bundle, the licence and the notices', () => {
  const content = zip({
    'index.mjs': readFileSync(join(built.folder, 'index.mjs')),
    LICENSE: readFileSync(join(root, 'LICENSE')),
    'THIRD-PARTY-NOTICES.txt': readFileSync(join(built.folder, 'THIRD-PARTY-NOTICES.txt')),
  });
  expect(readFileSync(join(built.folder, 'federation-sync-lambda.zip')).equals(content)).toBe(true);
});

test('the command line contains no code of other packages, so its package needs no notices', () => {
  const chunks = readdirSync(built.folder).filter((name) => /^cli.*\.mjs$/.test(name));
  for (const name of chunks) expect(read(name)).not.toMatch(/^\/\/ node_modules\//m);
  // The comment that esbuild writes above the code of each module.
  expect(chunks.map(read).join('\n')).toMatch(/^\/\/ src\//m);
});
