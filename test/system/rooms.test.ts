import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, matchesGlob } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { removeFolder, temporaryFolder } from '../support/parts/process.ts';

const root = join(import.meta.dirname, '../..');

/** Entry points and composition may import everything; of these, only commands may import connect.ts. */
const top = [
  'cli.ts',
  'connect.ts',
  'lambda-coverage.ts',
  'lambda-log.ts',
  'lambda-metrics.ts',
  'lambda.ts',
];

interface Override {
  readonly includes: readonly string[];
  readonly linter: {
    readonly rules: { readonly style?: { readonly noRestrictedImports?: object } };
  };
}

/** The globs of biome.json that restrict imports, one list for each rule. */
function restricted(): (readonly string[])[] {
  const { overrides } = JSON.parse(readFileSync(join(root, 'biome.json'), 'utf8'));
  return (overrides as Override[])
    .filter(({ linter }) => linter.rules.style?.noRestrictedImports)
    .map(({ includes }) => includes);
}

test('every file of src, in any folder, has an import rule, except for the entry points', () => {
  const rules = restricted();
  const without = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => `src/${path}`)
    .filter(
      (path) =>
        !rules.some(
          (globs) =>
            globs.some((glob) => matchesGlob(path, glob)) &&
            !globs.some((glob) => glob.startsWith('!') && matchesGlob(path, glob.slice(1))),
        ),
    );
  expect(without.sort()).toEqual(top.map((path) => `src/${path}`).sort());
});

const forbidden = [
  ['job.ts', './settings/parse.ts'],
  ['job.ts', './sync.ts'],
  ['job.ts', '@aws-sdk/client-sts'],
  ['sync.ts', './commands/sync.ts'],
  ['sync.ts', '@aws-sdk/client-route-53'],
  ['event.ts', './lambda.ts'],
  ['aws/clients.ts', '../settings/find.ts'],
  ['aws/clients.ts', '@kubernetes/client-node'],
  ['records/route53.ts', '../targets/targets.ts'],
  ['records/route53.ts', '@kubernetes/client-node'],
  ['targets/select.ts', '../document/document.ts'],
  ['targets/select.ts', 'node:fs'],
  ['targets/select.ts', '@aws-sdk/client-route-53'],
  ['document/file-sd.ts', '../objects/objects.ts'],
  ['document/file-sd.ts', 'node:fs/promises'],
  ['document/file-sd.ts', '@aws-sdk/client-eks'],
  ['document/yaml/parse.ts', '../file-sd.ts'],
  ['document/yaml/parse.ts', 'node:fs'],
  ['document/yaml/parse.ts', '@aws-sdk/client-eks'],
  ['settings/parse.ts', '../records/route53.ts'],
  ['settings/parse.ts', '../connect.ts'],
  ['settings/parse.ts', '@aws-sdk/client-eks'],
  ['objects/objects.ts', '@kubernetes/client-node'],
  ['objects/objects.ts', '../commands/sync.ts'],
  ['objects/kubernetes/client.ts', '@kubernetes/client-node'],
  ['objects/kubernetes/client.ts', '../../sync.ts'],
  ['objects/cluster/kubeconfig.ts', '../../sync.ts'],
  ['servers/prometheus.ts', '../sync.ts'],
  ['servers/prometheus.ts', '@kubernetes/client-node'],
  ['verify/verify.ts', '../commands/print.ts'],
  ['verify/verify.ts', '@aws-sdk/client-route-53'],
  ['commands/sync.ts', '../lambda.ts'],
  ['commands/sync.ts', '@aws-sdk/client-sts'],
] as const;

const allowed = [
  ['sync.ts', './records/listings.ts'],
  ['document/file-sd.ts', './yaml/parse.ts'],
  ['records/route53.ts', '@aws-sdk/client-route-53'],
  ['objects/cluster/kubeconfig.ts', '@kubernetes/client-node'],
  ['servers/proxied.ts', '../objects/kubernetes/client.ts'],
  ['verify/verify.ts', '../live-lists.ts'],
  ['commands/sync.ts', '../sync.ts'],
  ['lambda.ts', './connect.ts'],
] as const;

/** `file line rule`, as Biome reports the imports above, one a line, and two files that import each other. */
let reported: string[];
let folder: string;
const imports = Map.groupBy([...forbidden, ...allowed], ([path]) => path);
const line = (path: string, imported: string) =>
  1 + (imports.get(path as never) ?? []).findIndex(([, one]) => one === imported);

beforeAll(() => {
  folder = temporaryFolder('rooms');
  const config = JSON.parse(readFileSync(join(root, 'biome.json'), 'utf8'));
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  write('biome.json', JSON.stringify({ ...config, $schema: undefined, vcs: undefined }));
  for (const [path, all] of imports) {
    write(`src/${path}`, all.map(([, imported]) => `import '${imported}';\n`).join(''));
  }
  write('src/commands/one.ts', "import { b } from './two.ts';\nexport const a = () => b;\n");
  write('src/commands/two.ts', "import { a } from './one.ts';\nexport const b = () => a;\n");
  const biome = join(root, 'node_modules/.bin/biome');
  const arguments_ = ['lint', '--reporter=github', '--max-diagnostics=none', 'src'];
  const { stdout } = spawnSync(biome, arguments_, { cwd: folder, encoding: 'utf8' });
  reported = [
    ...stdout.matchAll(/title=lint\/\w+\/(\w+),file=[^,]*\/src\/([^,]+),line=(\d+)/g),
  ].map(([, rule, file, at]) => `${file} ${at} ${rule}`);
});
afterAll(() => removeFolder(folder));

test.each(forbidden)('%s must not import %s', (path, imported) => {
  expect(reported).toContain(`${path} ${line(path, imported)} noRestrictedImports`);
});

test.each(allowed)('%s may import %s', (path, imported) => {
  expect(reported).not.toContain(`${path} ${line(path, imported)} noRestrictedImports`);
});

test('files must not import each other', () => {
  expect(reported).toContain('commands/one.ts 1 noImportCycles');
});
