import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { removeFolder, temporaryFolder } from '../../support/parts/process.ts';
import { inProcess } from '../acceptance/cli.ts';
import { root, session, withOutputs } from './outputs.ts';
import { type Scene, startScene } from './scene.ts';

/*
 * The symptoms of infra/reference/troubleshooting.md: each output on the page is what the command prints here.
 * `npm run docs` writes them.
 */

const PAGE = 'infra/reference/troubleshooting.md';

let scene: Scene;
let folder: string;
beforeAll(async () => {
  folder = temporaryFolder('symptoms');
  scene = await startScene(folder);
});
afterAll(async () => {
  await scene.emulators.close();
  removeFolder(folder);
});
beforeEach(() => scene.reset());

type Symptom = readonly [name: string, command: string, exit: number, arrange: () => void];

const labels = Array.from({ length: 5 }, (_, i) => `eu-${i}`);
const FORBIDDEN = 'User "operator" cannot patch resource "configmaps" in API group ""';

const symptoms: readonly Symptom[] = [
  [
    'coverage',
    'coverage',
    2,
    () => {
      scene.zone('eu-1', 'eu-2', 'test-1');
      scene.expect('eu-1', 'eu-2', 'eu-3', 'test-1');
    },
  ],
  ['not registered', 'explain eu-3.prometheus.internal', 0, () => {}],
  ['not selected', 'explain test-1.prometheus.internal', 0, () => scene.zone('test-1')],
  ['not synced yet', 'explain eu-3.prometheus.internal', 0, () => scene.zone('eu-3')],
  ['skipped', 'plan', 0, () => scene.zone('eu-1', 'eu-2', 'a_b', '\\052')],
  [
    'refused',
    'plan',
    3,
    () => {
      scene.list(...labels);
      scene.zone('eu-0', 'new');
    },
  ],
  [
    'refused at first',
    'plan',
    3,
    () => {
      scene.list('eu-1', 'eu-2', 'by-hand');
      scene.annotate({});
    },
  ],
  [
    'memory',
    'sync',
    3,
    () => {
      scene.annotate({
        'route53-federation-sync/managed': 'federate',
        'route53-federation-sync/gone': '{',
      });
      scene.zone('eu-1');
    },
  ],
  [
    'paused',
    'plan',
    0,
    () => {
      scene.annotate({
        'route53-federation-sync/managed': 'federate',
        'route53-federation-sync/paused': 'true',
      });
      scene.zone('eu-1', 'eu-2', 'eu-3');
    },
  ],
  [
    'not loaded',
    'verify',
    2,
    () => {
      const loaded = scene.server.file;
      scene.zone('eu-1', 'eu-2', 'eu-3');
      scene.list('eu-1', 'eu-2', 'eu-3');
      scene.server.file = loaded;
      scene.server.reload();
    },
  ],
  [
    'down',
    'verify',
    2,
    () => {
      scene.server.down.set(
        'eu-2.prometheus.internal.',
        'dial tcp: lookup eu-2.prometheus.internal.: no such host',
      );
    },
  ],
  [
    'unreachable',
    'verify',
    1,
    () => scene.emulators.kubernetes.serve('monitoring', 'prometheus-server:80', undefined),
  ],
  [
    'unauthorized',
    'sync',
    1,
    () => {
      scene.emulators.faults.on(
        { operation: 'get configmaps', times: 99 },
        { refuse: { status: 401, code: 'Unauthorized', message: 'Unauthorized' } },
      );
    },
  ],
  [
    'forbidden',
    'sync',
    1,
    () => {
      scene.zone('eu-1', 'eu-2', 'eu-3');
      scene.emulators.faults.on(
        { operation: 'patch configmaps', times: 99 },
        { refuse: { status: 403, code: 'Forbidden', message: FORBIDDEN } },
      );
    },
  ],
  [
    'zone denied',
    'sync',
    1,
    () => scene.emulators.aws.identity.deny('route53:ListResourceRecordSets'),
  ],
  ['orphaned', 'coverage', 0, () => scene.expect('eu-1')],
  [
    'kept',
    'plan',
    0,
    () => {
      scene.settings((text) => text.replace('    to:\n', '    keep: 15m\n    to:\n'));
      const gone = { 'eu-2.prometheus.internal': Math.floor(Date.now() / 1000) - 300 };
      scene.annotate({
        'route53-federation-sync/managed': 'federate',
        'route53-federation-sync/gone': JSON.stringify({
          v: 1,
          lists: { 'prometheus.yml/federate': { gone } },
        }),
      });
      scene.zone('eu-1');
    },
  ],
  [
    'unwanted',
    'verify',
    2,
    () => {
      const loaded = scene.server.file;
      scene.zone('eu-1');
      scene.list('eu-1');
      scene.server.file = loaded;
      scene.server.reload();
    },
  ],
];

const printed = new Map<string, string>();

/** Without what differs from run to run. */
const stable = (text: string) =>
  text
    .replaceAll(
      /https:\/\/127\.0\.0\.1:\d+/g,
      'https://0123456789ABCDEF.gr7.eu-west-1.eks.amazonaws.com',
    )
    .replaceAll(/(?<=is kept until )\S+ \(\w+ left/g, '2026-11-26T10:10:00Z (10m left')
    .replaceAll(scene.emulators.credentials.arn, 'arn:aws:iam::111111111111:user/operator');

test.each(symptoms)('%s', async (name, command, exit, arrange) => {
  arrange();
  const ended = await inProcess(folder, command.split(' '), scene.emulators.env);
  const [stdout, stderr] = [stable(ended.stdout), stable(ended.stderr)];
  printed.set(name, session(command, { stdout, stderr }));
  expect(ended.code).toBe(exit);
});

test('the page has what is printed', async () => {
  await expect(withOutputs(PAGE, printed)).toMatchFileSnapshot(`${root}/${PAGE}`);
});
