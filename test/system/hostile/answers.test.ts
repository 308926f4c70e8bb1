import { createServer, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
// Loaded with the test: its time is not the run's.
import '../../../src/objects/cluster/kubeconfig.ts';
import { connect } from '../../../src/connect.ts';
import { checkSettings } from '../../../src/settings/parse.ts';
import { sync } from '../../../src/sync.ts';
import { issueServerCertificate } from '../../support/emulators/wire/certificate.ts';
import { kubeconfig } from '../../support/parts/kubeconfig.ts';
import { folderWith } from '../../unit/commands/run.ts';
import { quickRetries } from '../faults/quick-retries.ts';

// Something that listens where AWS or the cluster should be, and never hurries.

type Answer = (response: ServerResponse) => void;

const answers: Record<string, Answer> = {
  'a head, and half a body that never continues': (response) => {
    response.writeHead(200, { 'content-type': 'text/xml', 'content-length': 1_000 });
    response.write('<ListResourceRecordSetsResponse><ResourceRecordSets>');
  },
  'one byte at a time, indefinitely': (response) => {
    response.writeHead(200, { 'content-type': 'text/xml' });
    const timer = setInterval(() => response.write('<'), 20);
    response.on('close', () => clearInterval(timer));
  },
  'nothing at all': () => undefined,
  'a status that there is not': (response) => response.socket?.end('HTTP/1.1 999 ?\r\n\r\n'),
  'no HTTP': (response) => response.socket?.end('220 mail.example.com ESMTP\r\n'),
  'headers without end': (response) => {
    const { socket } = response;
    socket?.write('HTTP/1.1 200 OK\r\n');
    const timer = setInterval(() => socket?.write(`x-${'y'.repeat(4_000)}: z\r\n`), 5);
    socket?.on('close', () => clearInterval(timer)).on('error', () => undefined);
  },
  'its own end': (response) => response.socket?.end(),
  'a redirection to itself': (response) => {
    response.writeHead(307, { location: '/', 'content-type': 'text/html' }).end();
  },
  'the right type and nothing in it': (response) => {
    response.writeHead(200, { 'content-type': 'text/xml' }).end();
  },
};

let answer: Answer;
const servers: Server[] = [];
let cluster: string;
const { authority, server: tls } = issueServerCertificate();
const env = { ...process.env };

async function listen(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

beforeEach(async () => {
  const aws = await listen(createServer((_, response) => answer(response)));
  const keys = { key: tls.key, cert: tls.certificate };
  cluster = `https://127.0.0.1:${await listen(createTlsServer(keys, (_, response) => answer(response)))}`;
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${aws}`,
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'AKIA1',
    AWS_SECRET_ACCESS_KEY: 'secret',
  });
});
afterEach(() => {
  process.env = { ...env };
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

const DEADLINE_MS = 500;

async function run(settings: object, folder: string) {
  const checked = checkSettings(settings, 'settings', folder);
  const connection = connect(checked, {
    env: {},
    retryStrategy: quickRetries(2),
    answerTimeout: 100,
    kubernetes: {
      backoff: { first: 1, longest: 2 },
      attempts: 2,
      connectTimeout: 200,
      answerTimeout: 100,
    },
  });
  const begun = performance.now();
  const [outcome] = await sync(checked.jobs, connection, {
    signal: AbortSignal.timeout(DEADLINE_MS),
  });
  expect(performance.now() - begun).toBeLessThan(DEADLINE_MS + 400);
  return outcome;
}

const select = { name: 'x' };

describe.each(Object.keys(answers))('%s', (name) => {
  beforeEach(() => {
    answer = answers[name] as Answer;
  });

  test('is not a listing', async () => {
    const folder = folderWith({ 'targets.json': '[]' });
    const to = { file: 'targets.json', format: 'file_sd' };
    const outcome = await run(
      { jobs: [{ name: 'a', from: [{ zone: 'Z1' }], select, to }] },
      folder,
    );
    expect(outcome).toMatchObject({ status: 'failed' });
    expect(outcome?.fault?.code).toMatch(/^(aws-unavailable|aws-refused|deadline)$/);
  });

  test('is not an object', async () => {
    const folder = folderWith({
      'zone.json': { ResourceRecordSets: [] },
      kubeconfig: kubeconfig({
        server: cluster,
        certificateAuthority: authority.certificate,
        user: { token: 't' },
      }),
    });
    const to = {
      configMap: { namespace: 'a', name: 'b', key: 'c' },
      format: 'file_sd',
      create: true,
    };
    const outcome = await run(
      {
        cluster: { kubeconfig: { path: 'kubeconfig' } },
        jobs: [{ name: 'a', from: [{ records: 'zone.json' }], select, to }],
      },
      folder,
    );
    expect(outcome).toMatchObject({ status: 'failed' });
    expect(outcome?.fault?.code).toMatch(/^kubernetes-(unavailable|unreachable|refused)$/);
  });
});
