import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Writable } from 'node:stream';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { main } from '../../../src/commands/main.ts';
import { Fault, faultText } from '../../../src/fault.ts';
import { Logger } from '../../../src/lambda-log.ts';
import { type Emulators, startEmulators } from '../../support/emulators/emulators.ts';
import { folderWith, run } from '../../unit/commands/run.ts';

// Text that others choose (names, labels, owners, error bodies), on a terminal that executes what is in it.

/** ESC [ 2 J, C1's CSI, OSC, bell, DEL; overrides, isolates and marks of direction; invisible; separators of lines. */
const HOSTILE =
  '\u001b[2J\u009b31m\u009d0;x\u0007\u007f\u202e\u2066\u200f\u061c\u200b\ufeff\u2028\u2029\u{e0041}';
const ACTIVE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
const raw = (text: string) => ACTIVE.exec(text.replaceAll('\n', ''))?.[0];

interface Call {
  readonly args: readonly string[];
  /** Something of the hostile text is in the output, escaped. */
  readonly shows?: 'stdout' | 'stderr';
}

async function expectNothingRaw(folder: string, { args, shows }: Call): Promise<void> {
  const { stdout, stderr } = await run(folder, args);
  expect({ args, stdout: raw(stdout), stderr: raw(stderr) }).toEqual({ args });
  if (shows) expect({ stdout, stderr }[shows]).toMatch(/\\u(009b|202e)/);
  if (args.includes('--json')) expect(() => JSON.parse(stdout)).not.toThrow();
}

const octal = (text: string) =>
  [...Buffer.from(text)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');

const DOCUMENT = {
  scrape_configs: [
    { job_name: `other${HOSTILE}` },
    {
      job_name: 'federate',
      static_configs: [
        { targets: [`old${HOSTILE}.internal:9090`], labels: { clusterID: `a${HOSTILE}` } },
        { targets: ['a.internal.'], labels: { clusterID: `b${HOSTILE}` } },
      ],
    },
  ],
};
const RECORDS = {
  ResourceRecordSets: [
    { Name: 'a.internal.', Type: 'CNAME', SetIdentifier: `id${HOSTILE}` },
    { Name: `raw${HOSTILE}.internal.`, Type: `CNAME` },
    { Name: `${octal('x\u009b\u001b')}.internal.`, Type: 'A' },
  ],
};

async function prometheus(): Promise<string> {
  const lastError = `Get "http://a": ${HOSTILE}`;
  const data: Record<string, object> = {
    config: { yaml: 'scrape_configs: [{ job_name: federate }]' },
    runtimeinfo: { reloadConfigSuccess: false, lastConfigTime: `2026${HOSTILE}` },
    buildinfo: { version: `3${HOSTILE}` },
    targets: {
      activeTargets: [
        {
          discoveredLabels: { __address__: 'a.internal.', clusterID: `b${HOSTILE}` },
          scrapePool: 'federate',
          health: 'down',
          lastError,
        },
      ],
    },
  };
  const server = createServer(({ url = '' }, response) => {
    const name = new URL(url, 'http://x').pathname.split('/').at(-1) ?? '';
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ status: 'success', data: data[name] }));
  });
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('names of records and files, labels, and what Prometheus answers are escaped', async () => {
  const url = await prometheus();
  const job = {
    job: 'federate',
    from: [{ records: `zone${HOSTILE}.json` }],
    select: { name: 'internal' },
    to: { file: 'prometheus.yml', prometheus: url },
  };
  const folder = folderWith({
    'federation-sync.yml': { jobs: [job] },
    'broken.yml': { jobs: [{ ...job, [HOSTILE]: HOSTILE }] },
    'missing.yml': { jobs: [{ ...job, to: { file: `${HOSTILE}.yml` } }] },
    [`zone${HOSTILE}.json`]: RECORDS,
    'prometheus.yml': DOCUMENT,
  });
  const calls: Call[] = [
    { args: ['plan'], shows: 'stdout' },
    { args: ['plan', '--json'], shows: 'stdout' },
    { args: ['plan', '--config', 'broken.yml'], shows: 'stderr' },
    { args: ['plan', '--config', 'missing.yml'] },
    { args: ['plan', '--config', 'missing.yml', '--json'], shows: 'stdout' },
    { args: ['render', '--json'], shows: 'stdout' },
    { args: ['explain', `raw${HOSTILE}.internal`], shows: 'stdout' },
    { args: ['explain', `raw${HOSTILE}.internal`, '--json'], shows: 'stdout' },
    { args: ['explain', 'a.internal'], shows: 'stdout' },
    { args: ['verify'], shows: 'stdout' },
    { args: ['verify', '--json'], shows: 'stdout' },
    { args: ['doctor', '--json'] },
    { args: [HOSTILE] },
    { args: ['plan', `--${HOSTILE}`, '--json'], shows: 'stdout' },
  ];
  for (const call of calls) {
    await expectNothingRaw(folder, call);
    await expectNothingRaw(folder, { ...call, args: [...call.args, '--verbose'] });
  }
});

test('on a terminal, a rendered document is escaped too; elsewhere it is as written', async () => {
  const folder = folderWith({
    'federation-sync.yml': {
      jobs: [
        {
          job: 'federate',
          from: [{ records: 'zone.json' }],
          select: { name: 'internal' },
          to: { file: 'prometheus.yml' },
        },
      ],
    },
    'zone.json': { ResourceRecordSets: [{ Name: 'a.internal.', Type: 'A' }] },
    'prometheus.yml': '# \u202e\nscrape_configs:\n- job_name: federate\n  static_configs: []\n',
  });
  const printed = async (isTTY: boolean) => {
    let text = '';
    const write = (chunk: Buffer, _: unknown, done: () => void) => {
      text += chunk;
      done();
    };
    const stdout = Object.assign(new Writable({ write }), { isTTY });
    await main(['render'], { env: {}, folder, stdout, stderr: new Writable({ write }) });
    return text;
  };
  expect(await printed(false)).toContain('# \u202e\n');
  expect(raw(await printed(true))).toBeUndefined();
});

describe('from a cluster and AWS', () => {
  let emulators: Emulators;
  afterEach(async () => {
    vi.unstubAllEnvs();
    await emulators.close();
  });

  test('owners of an object and bodies of errors are escaped', async () => {
    emulators = await startEmulators();
    const { aws, faults, kubernetes } = emulators;
    for (const [name, value] of Object.entries(emulators.env)) vi.stubEnv(name, value);
    aws.route53.createZone({ id: 'Z1', name: 'internal' });
    emulators.addAccessEntry(emulators.credentials.arn, { groups: ['g'] });
    const verbs = ['get', 'patch'];
    kubernetes.grant({ group: 'g' }, { namespace: 'm', verbs, resources: ['configmaps'] });
    kubernetes.put({
      kind: 'ConfigMap',
      metadata: {
        namespace: 'm',
        name: 'p',
        annotations: { 'meta.helm.sh/release-name': HOSTILE },
        labels: { 'app.kubernetes.io/managed-by': 'Helm' },
      },
      data: { 'prometheus.yml': JSON.stringify(DOCUMENT) },
    });
    const settings = {
      cluster: { eks: { name: 'central', region: 'eu-west-1' } },
      jobs: [
        {
          job: 'federate',
          from: [{ zone: 'Z1' }],
          select: { name: 'internal' },
          to: { configMap: { namespace: 'm', name: 'p', key: 'prometheus.yml' } },
        },
      ],
    };
    const folder = folderWith({ 'federation-sync.yml': settings });
    await expectNothingRaw(folder, { args: ['doctor'], shows: 'stdout' });
    await expectNothingRaw(folder, { args: ['doctor', '--json'], shows: 'stdout' });
    const refuse = { status: 403, code: `AccessDenied${HOSTILE}`, message: `no ${HOSTILE}` };
    for (const operation of ['ListResourceRecordSets', 'get configmaps']) {
      for (const more of [[], ['--json'], ['--verbose']]) {
        faults.clear();
        faults.on({ operation, times: 9 }, { refuse });
        await expectNothingRaw(folder, { args: ['plan', ...more] });
        expect(faults.of(operation)).not.toEqual([]);
      }
    }
    const list = 'configmap/m/p:prometheus.yml'.replace(':prometheus.yml', '');
    await expectNothingRaw(folder, {
      args: ['init', '-', '--zone', 'Z1', '--eks', 'central', '--to', list],
    });
  });
});

test('so is what the Lambda logs, and the error that it ends with', () => {
  const lines: string[] = [];
  const spy = vi.spyOn(process.stdout, 'write').mockImplementation((line) => {
    lines.push(String(line));
    return true;
  });
  try {
    new Logger().error(HOSTILE, { [HOSTILE]: [HOSTILE] });
  } finally {
    spy.mockRestore();
  }
  expect(lines).toHaveLength(1);
  expect(raw(lines[0] as string)).toBeUndefined();
  expect(JSON.parse(lines[0] as string)).toMatchObject({ message: HOSTILE, [HOSTILE]: [HOSTILE] });
  expect(raw(faultText(new Fault('internal', HOSTILE, { remedy: HOSTILE })))).toBeUndefined();
});
