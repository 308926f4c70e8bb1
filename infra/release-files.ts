import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import { zip } from './aws/zip.ts';

/*
 * node infra/release-files.ts [FOLDER]       after infra/build.ts; FOLDER defaults to dist
 *
 *     THIRD-PARTY-NOTICES.txt       each package in index.mjs, with its licence
 *     index.cdx.json                the same packages as an SBOM (CycloneDX)
 *     package.cdx.json              the SBOM of the command line and the image, whose packages are installed
 *     federation-sync-lambda.zip    the function, for those who deploy it without osls; its settings are the
 *                                   environment variables, or a federation-sync.yml added to the zip
 *
 * The SBOMs are `npm sbom`'s, reduced: npm 11 with `--omit=dev` omits packages that a tool of ours needs as well.
 */

interface Sbom {
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

interface Component {
  readonly name: string;
  readonly version: string;
  readonly 'bom-ref': string;
  readonly properties?: readonly { readonly name: string; readonly value: string }[];
}

const folder = process.argv[2] ?? 'dist';
const read = (name: string) => readFileSync(name, 'utf8');
const write = (name: string, content: string | Buffer) =>
  writeFileSync(join(folder, name), content);

const bundled = packagesOf(JSON.parse(read(join(folder, 'index.meta.json'))));
const notices = [
  'index.mjs, the Lambda function, contains code of these packages.',
  ...bundled.map(noticeOf),
].join(`\n${'-'.repeat(80)}\n\n`);
write('THIRD-PARTY-NOTICES.txt', notices);
write(
  'federation-sync-lambda.zip',
  zip({
    'index.mjs': readFileSync(join(folder, 'index.mjs')),
    LICENSE: readFileSync('LICENSE'),
    'THIRD-PARTY-NOTICES.txt': Buffer.from(notices),
  }),
);

const sbom: Sbom = JSON.parse(
  execFileSync('npm', ['sbom', '--package-lock-only', '--sbom-format', 'cyclonedx'], {
    encoding: 'utf8',
    maxBuffer: 64 << 20,
  }),
);
const inBundle = new Set(bundled.map(manifestOf).map(({ name, version }) => `${name}@${version}`));
write(
  'index.cdx.json',
  reduced(({ name, version }) => inBundle.has(`${name}@${version}`)),
);
write(
  'package.cdx.json',
  reduced(
    ({ properties = [] }) =>
      !properties.some(({ name, value }) => name.endsWith(':development') && value === 'true'),
  ),
);

/** The folders of the packages whose code the bundle contains. */
function packagesOf({ outputs }: Metafile): string[] {
  const inputs = Object.values(outputs).flatMap((output) => Object.entries(output.inputs));
  const folders = inputs
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .flatMap(([path]) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []);
  return [...new Set(folders)].sort();
}

function manifestOf(path: string): { name: string; version: string; license: string } {
  return JSON.parse(read(join(path, 'package.json')));
}

/** @throws Error where a package has no licence file: its text has to be found and added then */
function noticeOf(path: string): string {
  const { name, version, license } = manifestOf(path);
  const files = readdirSync(path).filter((file) => /^(?:licen[cs]e|notice|copying)\b/i.test(file));
  if (files.length === 0) throw new Error(`${name} has no licence file`);
  const texts = files.map((file) => read(join(path, file)).trimEnd());
  return [`${name} ${version} (${license})`, ...texts, ''].join('\n\n');
}

function reduced(belongs: (component: Component) => boolean): string {
  const components = sbom.components.filter(belongs);
  const refs = new Set(components.map((component) => component['bom-ref']));
  const root = ({ ref }: { ref: string }) =>
    !sbom.components.some((component) => component['bom-ref'] === ref);
  const dependencies = sbom.dependencies
    .filter((one) => refs.has(one.ref) || root(one))
    .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((it) => refs.has(it)) }));
  return `${JSON.stringify({ ...sbom, components, dependencies }, undefined, 2)}\n`;
}
