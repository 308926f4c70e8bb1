import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import manifest from '../../../package.json' with { type: 'json' };
import { type Emulators, startEmulators } from '../../support/emulators/emulators.ts';
import { removeFolder, temporaryFolder } from '../../support/parts/process.ts';
import { type Built, build, root } from '../bundle/build.ts';
import { filesOf, type Image, replayCheckout, runImage } from './image.ts';

const ZONE = 'Z08214473FVAJ9QTLWTEC';
const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
  packages: Record<string, { version: string; dev?: boolean; os?: unknown; cpu?: unknown }>;
};
const documents = (name: string) =>
  parseAllDocuments(readFileSync(join(root, 'infra/kubernetes', name), 'utf8')).map((it) =>
    it.toJS(),
  );

let built: Built;
let folder: string;
let image: Image;
beforeAll(async () => {
  built = await build();
  folder = temporaryFolder('image');
  image = replayCheckout(built.folder, folder);
}, 60_000);
afterAll(() => {
  built?.remove();
  if (folder) removeFolder(folder);
});

describe("the CronJob's image", () => {
  test('starts, and prints its version', async () => {
    expect(await runImage(image, ['--version'])).toEqual({
      code: 0,
      stdout: `${manifest.version}\n`,
      stderr: '',
    });
  });

  test('prints its help without arguments', async () => {
    const { code, stdout } = await runImage(image);
    expect(code).toBe(0);
    expect(stdout).toContain('federation-sync');
  });

  test('plans a list in a file from records in a file', async () => {
    const data = join(image.folder, 'data');
    mkdirSync(data);
    writeFileSync(
      join(data, 'zone.json'),
      JSON.stringify({
        ResourceRecordSets: [
          {
            Name: 'a.prometheus.internal.',
            Type: 'A',
            TTL: 60,
            ResourceRecords: [{ Value: '10.0.0.1' }],
          },
        ],
      }),
    );
    writeFileSync(join(data, 'targets.json'), '[]\n');
    writeFileSync(
      join(data, 'federation-sync.yml'),
      `jobs:
  - name: federate
    from: [{ records: zone.json }]
    select: { name: '\\.prometheus\\.internal$' }
    to: { file: targets.json, format: file_sd }
`,
    );
    const { code, stdout, stderr } = await runImage(image, [
      ...['plan', '--json', '--config', '/data/federation-sync.yml'],
    ]);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(JSON.parse(stdout).jobs).toMatchObject([{ added: ['a.prometheus.internal.'] }]);
  });

  test('contains the published package, its production packages, and nothing else', () => {
    const files = filesOf(image).filter((name) => !/^(?:app\/node_modules\/|data\b)/.test(name));
    const chunks = filesOf({ ...image, folder: built.folder }).filter((name) =>
      /^cli.*\.mjs$/.test(name),
    );
    expect(files).toEqual(
      [
        ...['app', 'app/LICENSE', 'app/dist', 'app/node_modules', 'app/package.json'],
        'app/dist/federation-sync.schema.json',
        ...chunks.map((name) => `app/dist/${name}`),
      ].sort(),
    );
    expect(filesOf(image)).not.toContain('app/node_modules/vitest');
    expect(filesOf(image)).toContain('app/node_modules/@kubernetes/client-node/package.json');
  });

  test('is built from one base image, pinned by digest, with the Node.js of the tests', () => {
    expect(new Set(image.bases).size).toBe(1);
    const [base] = image.bases;
    const { version } = packages['node_modules/node']!;
    expect(base).toMatch(
      new RegExp(`^node:${version.replaceAll('.', '\\.')}-bookworm-slim@sha256:[0-9a-f]{64}$`),
    );
  });

  test('needs no package of one platform only, since both platforms get the same files', () => {
    const production = Object.entries(packages)
      .filter(([, { dev }]) => !dev)
      .filter(([, { os, cpu }]) => os || cpu);
    expect(production).toEqual([]);
  });
});

describe('the CronJob', () => {
  const [, , , settings, cronJob] = documents('cronjob.yaml');
  const { spec } = cronJob.spec.jobTemplate.spec.template;
  const [container] = spec.containers;
  const { mountPath } = container.volumeMounts[0];
  const env = Object.fromEntries(
    container.env.map(({ name, value }: { name: string; value: string }) => [name, value]),
  );
  let emulators: Emulators;
  beforeAll(async () => {
    emulators = await startEmulators();
    mkdirSync(join(image.folder, mountPath), { recursive: true });
  });
  afterAll(() => emulators?.close());

  /** Mounts the ConfigMap's settings where the CronJob mounts them. */
  const mount = (text: string) =>
    writeFileSync(join(image.folder, mountPath, 'federation-sync.yml'), text);

  test('runs as the user that the image names', () => {
    expect(image.user).toBe(String(spec.securityContext.runAsUser));
  });

  test("syncs the list of targets.yaml with the CronJob's arguments and settings, and writes no file", async () => {
    emulators.aws.route53.createZone({ id: ZONE, name: 'prometheus.internal.' });
    emulators.aws.route53.upsert(ZONE, [
      {
        Name: 'a.prometheus.internal.',
        Type: 'A',
        TTL: 60,
        ResourceRecords: [{ Value: '10.0.0.1' }],
      },
    ]);
    for (const document of documents('targets.yaml')) emulators.kubernetes.put(document);
    // A pod's service account is at a fixed path, which is not available here.
    const given = parse(settings.data['federation-sync.yml']);
    expect(given.cluster).toEqual({ inCluster: true });
    writeFileSync(join(folder, 'kubeconfig'), emulators.kubernetes.kubeconfig());
    given.cluster = { kubeconfig: { path: join(folder, 'kubeconfig') } };
    mount(JSON.stringify(given));

    const before = filesOf(image);
    const ended = await runImage(image, container.args, { ...emulators.env, ...env });
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(filesOf(image)).toEqual(before);
    const list = emulators.kubernetes.get('ConfigMap', 'monitoring', 'federation-targets');
    expect(JSON.stringify(list?.data)).toContain('a.prometheus.internal.');
  });

  test('reads its settings as they are; outside a pod, the cluster is what is missing', async () => {
    mount(settings.data['federation-sync.yml']);
    const { code, stderr } = await runImage(image, container.args, { ...emulators.env, ...env });
    expect(code).toBe(1);
    expect(stderr).toContain('cluster-invalid');
  });
});
