import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { webhookDenial } from '../../support/emulators/kubernetes/objects.ts';
import { removeFolder, temporaryFolder } from '../../support/parts/process.ts';
import { type Account, LIST, SETTINGS, startAccount, ZONE } from '../../unit/lambda/account.ts';
import { inProcess } from '../acceptance/cli.ts';

/*
 * What an engineer on call meets at night, one line each: the command, the world, the exit status, and what the
 * output must and must not have.
 */

let account: Account;
let folder: string;
beforeAll(async () => {
  account = await startAccount();
  folder = temporaryFolder('night');
});
afterAll(async () => {
  removeFolder(folder);
  await account.close();
});
beforeEach(() => {
  account.kubernetes.admit(undefined);
  account.reset();
});

const [JOB] = SETTINGS.jobs;
const OBJECT = { namespace: 'monitoring', name: 'prometheus-server', key: 'prometheus.yml' };
const ours = { 'route53-federation-sync/managed': 'federate,other' };
const stored = () => account.kubernetes.get('ConfigMap', 'monitoring', 'prometheus-server');
const put = (change: object) => account.kubernetes.put({ ...stored(), ...change } as never);
const annotate = (annotations: object) =>
  put({ metadata: { name: OBJECT.name, namespace: OBJECT.namespace, annotations } });
const paused = (value: string) => () =>
  annotate({ ...ours, 'route53-federation-sync/paused': value });
const many = Array.from({ length: 10 }, (_, i) => `c${i}`);
/** The list has a, and the zone only b. */
const gone =
  (annotations: object = {}) =>
  () => {
    annotate({ ...ours, ...annotations });
    account.zone(ZONE, 'b');
  };
const KEEP = { keep: '15m' };
const garbled = { 'route53-federation-sync/gone': '{' };
const RESET =
  'kubectl annotate configmap prometheus-server -n monitoring route53-federation-sync/gone-';

/** The list has ten targets, the zone one of them and a new one. */
const drained = () => {
  account.zone(ZONE, ...many);
  put({ data: { 'prometheus.yml': document(many) } });
  account.zone(ZONE, 'c0', 'new');
};
const document = (hosts: readonly string[]) =>
  `scrape_configs:\n  - job_name: federate\n    static_configs:\n${hosts.map((host) => `      - targets: [${host}.internal.]\n        labels: { clusterID: ${host} }\n`).join('')}`;
const nobody = () => account.zone(ZONE);
const denied = (action: string) => () => account.aws.identity.deny(action);
const refuse =
  (operation: string, status: number, code: string, message = 'x') =>
  () =>
    account.faults.on({ operation, times: 99 }, { refuse: { status, code, message } });
const RBAC = 'User "operator" cannot patch resource "configmaps" in API group ""';
const FILES = {
  jobs: [{ ...JOB, from: [{ records: 'zone.json' }], to: { file: 'list.yml', format: 'file_sd' } }],
};

interface World {
  readonly arrange?: () => void;
  /** Laid over the account's job. */
  readonly job?: object;
  readonly cluster?: object;
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** In place of the settings' text; undefined with `text: null`: no file. */
  readonly text?: string | null;
}

type Situation = readonly [
  name: string,
  args: string,
  world: World,
  exit: number,
  has: readonly (string | RegExp)[],
  hasNot?: readonly string[],
];

const situations: readonly Situation[] = [
  // Usage
  ['no command', '', {}, 1, ['usage: no command was given', 'sync, plan']],
  ['a misspelt command', 'snyc', {}, 1, ['Did you mean sync?']],
  ['a command of another tool', 'apply', {}, 1, ['unknown command apply', 'Use one of']],
  ['a misspelt flag', 'plan --jsn', {}, 1, ['unknown flag --jsn', '--json?']],
  ['--dry-run', 'sync --dry-run', {}, 1, ['plan (a command)']],
  [
    'a flag of another command',
    'sync --resolver 1.1.1.1',
    {},
    1,
    ['sync does not support --resolver'],
  ],
  ['a surplus argument', 'sync federate', {}, 1, ['does not expect the argument federate']],
  ['explain without a name', 'explain', {}, 1, ['explain requires NAME']],
  ['--force without --job', 'sync --force', {}, 1, ['--force requires --job']],
  ['an unknown job', 'sync --job federat', {}, 1, ['job-unknown', 'they have federate']],
  [
    'the help of a command',
    'plan --help',
    {},
    0,
    ['Usage: federation-sync plan', '--detailed-exitcode'],
    ['--resolver'],
  ],
  ['help for a misspelt command', 'pln --help', {}, 1, ['Did you mean plan?']],
  ['wrong usage with --json', 'sync --json --force', {}, 1, [/"code": "usage"/]],
  ['bash completion', 'completion bash', {}, 0, ['complete -o default', '--detailed-exitcode']],
  ['completion of an unknown shell', 'completion csh', {}, 1, ['bash, zsh, fish']],

  [
    'a resolver that is none, before the settings',
    'verify --resolver x',
    { text: null },
    1,
    ['x is not the address of a resolver'],
  ],
  [
    'a server that is none, before the settings',
    'verify --prometheus x',
    { text: null },
    1,
    ['x is not the URL of a Prometheus server'],
  ],

  // Settings
  [
    'no settings at all',
    'plan',
    { text: null },
    1,
    ['settings-missing', 'FEDERATION_SYNC_CONFIG', 'federation-sync init'],
  ],
  ['settings that are not YAML', 'plan', { text: 'jobs: [' }, 1, ['settings-invalid', 'line']],
  [
    'settings with a typo',
    'plan',
    { job: { form: [] } },
    1,
    ['jobs[0].form: found "form"; expected one of'],
  ],
  [
    'faulty settings with --json',
    'plan --json',
    { job: { form: [] } },
    1,
    [/"code": "settings-invalid"/, /"details"/],
  ],
  [
    'an escape sequence in a key',
    'plan',
    { job: { '\u001b[31mx': 1 } },
    1,
    ['\\u001b[31mx'],
    ['\u001b'],
  ],
  [
    'an empty pattern',
    'plan',
    { job: { select: { name: '' } } },
    1,
    ['jobs[0].select.name', '. matches every name'],
  ],
  [
    'a reserved label',
    'plan',
    { job: { labels: { __address__: 'x' } } },
    1,
    ['jobs[0].labels: found "__address__"'],
  ],
  [
    'two lists of the original in variables',
    'plan',
    {
      text: null,
      env: {
        HOSTED_ZONE_ID: 'Z1',
        CLUSTER_NAME: 'c',
        CONFIG_MAP_NAME: 'm',
        NAME_PATTERN: 'x',
        INSTALLATIONS_HOSTED_ZONE_ID: 'Z2',
      },
    },
    1,
    ['INSTALLATIONS_HOSTED_ZONE_ID: found "Z2"'],
  ],
  [
    'contradictory variables',
    'plan',
    {
      text: null,
      env: {
        HOSTED_ZONE_ID: 'Z1',
        PROMETHEUS_HOSTED_ZONE_ID: 'Z2',
        CLUSTER_NAME: 'c',
        CONFIG_MAP_NAME: 'm',
        NAME_PATTERN: 'x',
      },
    },
    1,
    ['HOSTED_ZONE_ID: found "Z1"; expected the same as PROMETHEUS_HOSTED_ZONE_ID'],
  ],
  [
    'variables next to a file',
    'plan',
    { env: { HOSTED_ZONE_ID: 'Z1' } },
    0,
    ['warning: HOSTED_ZONE_ID ignored'],
  ],
  [
    'certificates not verified',
    'sync',
    { env: { NODE_TLS_REJECT_UNAUTHORIZED: '0' } },
    1,
    ['NODE_TLS_REJECT_UNAUTHORIZED=0', 'NODE_EXTRA_CA_CERTS'],
  ],
  [
    'certificates not verified, for doctor',
    'doctor',
    { env: { NODE_TLS_REJECT_UNAUTHORIZED: '0' } },
    1,
    ['NODE_TLS_REJECT_UNAUTHORIZED=0'],
  ],

  // The guard
  [
    'a mass removal',
    'sync',
    { arrange: drained },
    3,
    [
      'refused: 1 added, 0 removed',
      '9 removals withheld',
      'guard-max-removed',
      /c9\.internal\. .*is kept/,
    ],
    ['- c9.internal'],
  ],
  [
    'a mass removal in a plan',
    'plan',
    { arrange: drained },
    3,
    ['+ new.internal.', '9 removals withheld'],
  ],
  [
    'the remedy with another settings file',
    'sync --config other.yml',
    { arrange: drained },
    3,
    ['federation-sync sync --config other.yml --job federate --force'],
  ],
  [
    'the remedy with a kubeconfig',
    'plan',
    { arrange: drained, env: { KUBECONFIG: '/etc/k' } },
    3,
    ['KUBECONFIG=/etc/k federation-sync sync --job federate --force'],
  ],
  [
    'the remedy in JSON',
    'sync --json --config other.yml',
    { arrange: drained },
    3,
    ['sync --config other.yml --job federate --force', /"withheld": \[\s+"c1/],
  ],
  [
    'the remedy pasted',
    'sync --config other.yml --job federate --force',
    { arrange: drained },
    0,
    ['written (forced): 1 added, 9 removed'],
  ],
  ['nothing selected', 'sync', { arrange: nobody }, 3, ['guard-min-targets', '0 targets selected']],
  [
    'nothing selected, and the list empty',
    'sync',
    {
      arrange: () => {
        nobody();
        put({
          data: {
            'prometheus.yml': document([]).replace('static_configs:\n', 'static_configs: []\n'),
          },
        });
      },
    },
    3,
    ['guard-min-targets', '0 targets selected'],
  ],
  [
    'a pattern that matches nothing',
    'sync',
    { job: { select: { name: '^x\\.prometheus$' } } },
    3,
    ['select.name matches none of the names, such as', 'a.internal'],
  ],
  [
    'nothing selected, for verify',
    'verify --prometheus http://127.0.0.1:1',
    { arrange: nobody },
    1,
    ['prometheus-unreachable'],
  ],
  [
    'nothing selected, for doctor',
    'doctor',
    { arrange: nobody },
    0,
    ['a sync would be refused', 'minTargets'],
  ],
  [
    'minTargets 0',
    'sync',
    { arrange: nobody, job: { guard: { minTargets: 0 } } },
    0,
    ['1 removed'],
  ],
  [
    'the first run on a list',
    'sync',
    {
      arrange: () => {
        annotate({});
        account.zone(ZONE, 'b');
      },
    },
    3,
    ['guard-adopt', 'also:', 'refused: 1 added', '1 removal withheld'],
  ],
  [
    'the first run on an equal list',
    'sync',
    {
      arrange: () => {
        annotate({});
        account.zone(ZONE, 'a');
      },
    },
    0,
    ['unchanged: 0 added'],
  ],
  [
    'a refused list, rendered',
    'render',
    { arrange: drained },
    3,
    ['c9.internal.', 'new.internal.', 'guard-max-removed'],
  ],
  [
    'a withheld name, explained',
    'explain c9.internal',
    { arrange: drained },
    0,
    ['no longer wanted; no sync removes it', 'guard-max-removed'],
    ['the next sync removes'],
  ],

  // Memory
  [
    'a kept name, in a sync',
    'sync',
    { arrange: gone(), job: KEEP },
    0,
    [
      'written: 1 added, 0 removed, 0 changed, 1 kept',
      /! a\.internal\. .*is kept until \S+Z \((15m|14m\d\ds) left\): its name is gone/,
    ],
  ],
  [
    'a kept name, in a plan',
    'plan --detailed-exitcode',
    { arrange: gone(), job: KEEP },
    2,
    ['planned: 1 added, 0 removed, 0 changed, 1 kept'],
  ],
  [
    'a kept name, as JSON',
    'sync --json',
    { arrange: gone(), job: KEEP },
    0,
    [/"kept": \[\s+\{\s+"target": "a\.internal\.",\s+"until": "\S+Z"/],
  ],
  [
    'a kept name, explained',
    'explain a.internal',
    { arrange: gone(), job: KEEP },
    0,
    [/no longer wanted; its name is gone, and keep holds it until \S+Z/],
    ['the next sync removes'],
  ],
  [
    'a kept name, forced',
    'sync --job federate --force',
    { arrange: gone(), job: KEEP },
    0,
    ['1 removed'],
  ],
  [
    'a memory that cannot be read',
    'sync',
    { arrange: gone(garbled) },
    3,
    ['guard-memory', '! memory-garbled', RESET, 'refused: 1 added', '1 removal withheld'],
  ],
  [
    'a memory that cannot be read, in a plan',
    'plan',
    { arrange: gone(garbled) },
    3,
    ['guard-memory', RESET],
  ],
  [
    'a name that the memory holds, explained',
    'explain a.internal',
    { arrange: gone(garbled) },
    0,
    ['no sync removes it: it is unknown what was removed before'],
  ],
  [
    'a memory that cannot be read, and nothing to remove',
    'sync',
    { arrange: () => annotate({ ...ours, ...garbled }) },
    0,
    ['written: 1 added', '! memory-garbled', RESET],
  ],
  [
    'a memory of a newer version',
    'sync',
    { arrange: gone({ 'route53-federation-sync/gone': '{"v":2}' }) },
    3,
    ['guard-memory'],
  ],

  // Pause
  ...(['true', 'True', 'yes', '1', ' true'] as const).map(
    (value): Situation => [
      `paused with ${JSON.stringify(value)}`,
      'sync',
      { arrange: paused(value) },
      0,
      ['paused: the object is annotated', '--force does not override it'],
    ],
  ),
  ['paused with false', 'sync', { arrange: paused('false') }, 0, ['written: 1 added']],
  ['paused with an empty text', 'sync', { arrange: paused('') }, 0, ['written: 1 added']],
  [
    'paused, in a plan',
    'plan --detailed-exitcode',
    { arrange: paused('true') },
    2,
    ['+ b.internal.', '1 to add'],
  ],
  [
    'paused and forced',
    'sync --job federate --force',
    { arrange: paused('true') },
    0,
    ['--force does not override it'],
  ],
  [
    'paused, and the zone is missing',
    'plan',
    { arrange: paused('true'), job: { from: [{ zone: 'Z000' }] } },
    1,
    ['zone-missing'],
  ],
  [
    'paused, for explain',
    'explain b.internal',
    { arrange: paused('true') },
    0,
    ['no sync adds it', 'paused'],
    ['the next sync adds'],
  ],
  [
    'paused, for doctor',
    'doctor',
    { arrange: paused('yes') },
    0,
    ['is paused: no sync changes it'],
  ],

  // Kubernetes
  [
    'an immutable ConfigMap, in a plan',
    'plan',
    { arrange: () => put({ immutable: true }) },
    1,
    ['object-immutable', 'nothing was written; 1 to add'],
    ['+ b.internal'],
  ],
  [
    'a webhook that denies, in a plan',
    'plan',
    {
      arrange: () =>
        account.kubernetes.admit(() => {
          throw webhookDenial('pods.example.com', 'no');
        }),
    },
    1,
    ['kubernetes-refused', 'API server audit log'],
  ],
  [
    'no permission to patch, in a plan',
    'plan',
    { arrange: refuse('patch configmaps', 403, 'Forbidden', RBAC) },
    0,
    ['not-tried', '+ b.internal.'],
  ],
  [
    'a wrong name under resourceNames',
    'sync',
    { job: { to: { configMap: { ...OBJECT, name: 'prometheus' } } } },
    1,
    ['kubernetes-forbidden', 'or correct its name'],
  ],
  [
    'a ConfigMap that is missing',
    'sync',
    { arrange: () => account.kubernetes.delete('ConfigMap', 'monitoring', 'prometheus-server') },
    1,
    ['object-missing', 'create: true'],
  ],
  [
    'a key that is missing',
    'sync',
    { job: { to: { configMap: { ...OBJECT, key: 'p.yml' } } } },
    1,
    ['key-missing', 'its keys: prometheus.yml'],
  ],
  [
    'a failed write',
    'sync',
    { arrange: refuse('patch configmaps', 403, 'Forbidden', RBAC) },
    1,
    ['failed: nothing was written; 1 to add'],
    ['+ b.internal'],
  ],
  [
    'a failed document, rendered',
    'render',
    { job: { job: 'nobody' } },
    1,
    ['job-missing', 'not printed: configmap/monitoring/prometheus-server:prometheus.yml'],
  ],
  [
    'an EKS cluster that does not know us',
    'sync',
    {
      arrange: refuse('get configmaps', 401, 'Unauthorized'),
    },
    1,
    [
      'kubernetes-unauthorized',
      'aws eks create-access-entry --cluster-name central --principal-arn arn:aws:iam::',
    ],
  ],

  // AWS
  [
    'a profile that does not exist',
    'sync',
    { env: { AWS_PROFILE: 'nope' } },
    1,
    ['AWS_PROFILE nope', 'aws configure list-profiles'],
  ],
  [
    'an unknown key id',
    'sync',
    { arrange: refuse('GetHostedZone', 403, 'InvalidClientTokenId') },
    1,
    ['aws-credentials', 'Check AWS_ACCESS_KEY_ID'],
  ],
  [
    'a wrong secret',
    'sync',
    { arrange: refuse('GetHostedZone', 403, 'SignatureDoesNotMatch') },
    1,
    ['aws-credentials', 'AWS_SECRET_ACCESS_KEY'],
  ],
  [
    'an expired token',
    'sync',
    { arrange: refuse('GetHostedZone', 403, 'ExpiredToken') },
    1,
    ['aws-credentials', 'aws sso login'],
  ],
  [
    'a zone that is missing',
    'sync',
    { job: { from: [{ zone: 'Z000' }] } },
    1,
    ['zone-missing', 'aws route53 list-hosted-zones'],
  ],
  [
    'no permission to list',
    'sync',
    { arrange: denied('route53:ListResourceRecordSets') },
    1,
    ['zone-forbidden', 'route53:ListResourceRecordSets'],
  ],
  [
    'a throttled listing',
    'sync --verbose',
    {
      arrange: () =>
        account.faults.on(
          { operation: LIST, times: 1 },
          { refuse: { status: 400, code: 'Throttling', message: 'x' } },
        ),
    },
    0,
    [/Route53 ListResourceRecordSets \(attempt 1 of 5\): Throttling after \d/],
  ],

  // init, policy
  [
    'init with a name for the zone',
    'init - --zone prometheus.internal --file x',
    {},
    1,
    ['is a name, not the id', 'list-hosted-zones-by-name --dns-name prometheus.internal'],
  ],
  ['init with an id in lower case', 'init - --zone z0821 --file x', {}, 1, ['--zone Z0821']],
  ['a policy for files only', 'policy', { text: JSON.stringify(FILES) }, 0, ['Nothing is needed']],
  [
    'a plan of two lists',
    'plan',
    { text: JSON.stringify(SETTINGS) },
    0,
    ['2 lists: 1 planned, 1 unchanged; 1 added, 0 removed, 0 changed'],
  ],
];

test('there are at least 60 situations', () => {
  expect(situations.length).toBeGreaterThanOrEqual(60);
});

test.each(situations.map((it) => [it[0], it] as const))('%s', async (_, situation) => {
  const [, line, world, exit, has, hasNot = []] = situation;
  const { arrange, job, cluster, files = {}, env, text } = world;
  const eks = { ...SETTINGS.cluster.eks, ...cluster };
  const settings = { cluster: { eks }, jobs: [{ ...JOB, ...job }] };
  const all = {
    'zone.json': JSON.stringify({ ResourceRecordSets: [{ Name: 'a.internal.', Type: 'A' }] }),
    'list.yml': '[]\n',
    'federation-sync.yml': text ?? JSON.stringify(settings),
    'other.yml': text ?? JSON.stringify(settings),
    ...files,
  };
  for (const [name, content] of Object.entries(all)) writeFileSync(join(folder, name), content);
  if (text === null) rmSync(join(folder, 'federation-sync.yml'));
  arrange?.();
  const args = line.split(' ').filter(Boolean);
  const { code, stdout, stderr } = await inProcess(folder, args, { ...account.env, ...env });
  const output = `${stdout}${stderr}`;
  for (const fact of has) {
    if (typeof fact === 'string') expect(output).toContain(fact);
    else expect(output).toMatch(fact);
  }
  for (const fact of hasNot) expect(output).not.toContain(fact);
  expect(output).not.toMatch(/^\s+at /m);
  expect(code).toBe(exit);
});
