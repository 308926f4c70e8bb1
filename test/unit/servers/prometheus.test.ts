import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { DirectLink } from '../../../src/servers/direct.ts';
import { Prometheus } from '../../../src/servers/prometheus.ts';

const run = { signal: AbortSignal.timeout(10_000) };

const prometheusAt = (url: string, times = {}) =>
  new Prometheus(new DirectLink({ url }, { times }));

async function serving(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const answering = (status: number, body: string, type = 'application/json') =>
  serving((_, response) => response.writeHead(status, { 'content-type': type }).end(body));

test.each([
  [
    'a login page',
    200,
    '<html></html>',
    'text/html',
    'not a Prometheus server (HTTP 200, text/html)',
  ],
  [
    'no such path',
    404,
    '404 page not found',
    'text/plain',
    'not a Prometheus server (HTTP 404, text/plain)',
  ],
  ['other JSON', 200, '{"kind":"Status"}', 'application/json', 'not a Prometheus server'],
  ['other data', 200, '{"status":"success","data":{}}', 'application/json', 'not from Prometheus'],
  [
    'an error',
    400,
    '{"status":"error","error":"x"}',
    'application/json',
    'returned an error (HTTP 400)',
  ],
  ['401', 401, '', 'text/plain', 'access denied (HTTP 401)'],
  ['a redirect', 302, '', 'text/plain', 'it redirects to another URL (HTTP 302)'],
])('an answer of %s is refused', async (_, status, body, type, message) => {
  const prometheus = prometheusAt(`http://${await answering(status, body, type)}`);
  await expect(prometheus.about(run)).rejects.toMatchObject({
    code: 'prometheus-refused',
    message: expect.stringContaining(message),
  });
});

test('a server that is not ready, not there, or silent is unreachable', async () => {
  const unready = prometheusAt(`http://${await answering(503, 'Service Unavailable')}`);
  await expect(unready.about(run)).rejects.toMatchObject({ code: 'prometheus-unreachable' });
  const gone = prometheusAt('http://127.0.0.1:1');
  await expect(gone.about(run)).rejects.toMatchObject({
    code: 'prometheus-unreachable',
    message: 'http://127.0.0.1:1: connection refused',
  });
  const silent = prometheusAt(`http://${await serving(() => {})}`, { answer: 100 });
  await expect(silent.about(run)).rejects.toMatchObject({
    code: 'prometheus-unreachable',
    message: expect.stringContaining('no response in time'),
  });
});

test('user and password of the URL are sent, and never shown', async () => {
  let sent: string | undefined;
  const host = await serving((request, response) => {
    sent = request.headers.authorization;
    response.writeHead(403).end();
  });
  const prometheus = prometheusAt(`http://ops:s3cret@${host}/prometheus/`);
  const fault = await prometheus.about(run).catch((error: Error) => error);
  expect(sent).toBe(`Basic ${Buffer.from('ops:s3cret').toString('base64')}`);
  expect(prometheus.url).toBe(`http://${host}/prometheus`);
  expect(JSON.stringify([fault, String(fault)])).not.toContain('s3cret');
});

test('the path of the URL precedes that of the API', async () => {
  const paths: string[] = [];
  const host = await serving((request, response) => {
    paths.push(request.url ?? '');
    response.end('{"status":"success","data":{"activeTargets":[],"droppedTargets":null}}');
  });
  const prometheus = prometheusAt(`http://${host}/central/`);
  expect(await prometheus.targets('a job', run)).toEqual({ active: [], dropped: [], forgotten: 0 });
  expect(paths).toEqual(['/central/api/v1/targets?scrapePool=a%20job']);
});

test('a server without runtime and build information still shows its configuration', async () => {
  const host = await serving((request, response) => {
    if (!request.url?.endsWith('/config')) response.writeHead(404).end('not found');
    else response.end('{"status":"success","data":{"yaml":"global: {}"}}');
  });
  expect(await prometheusAt(`http://${host}`).about(run)).toEqual({
    yaml: 'global: {}',
    version: undefined,
    loadedAt: undefined,
    reloaded: undefined,
  });
});

test('targets of other pools are left out where the server does not filter', async () => {
  const target = (scrapePool: string) => ({
    discoveredLabels: { __address__: scrapePool },
    scrapePool,
    health: 'up',
    lastError: '',
  });
  const data = {
    activeTargets: [target('one'), target('two')],
    droppedTargets: [target('two')],
    droppedTargetCounts: { one: 2, two: 1 },
  };
  const host = await answering(200, JSON.stringify({ status: 'success', data }));
  const { active, dropped, forgotten } = await prometheusAt(`http://${host}`).targets('one', run);
  expect([active.length, dropped.length, forgotten]).toEqual([1, 0, 2]);
});

test('what is no URL is wrong usage, and its password is not repeated', () => {
  expect(() => prometheusAt('http://ops:s3cret@host:port')).toThrow(/^http:\/\/host:port is not/);
  expect(() => prometheusAt('localhost:9090')).toThrow(expect.objectContaining({ code: 'usage' }));
});
