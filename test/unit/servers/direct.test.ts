import { writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { UrlServer } from '../../../src/job.ts';
import { DirectLink } from '../../../src/servers/direct.ts';
import { issueServerCertificate } from '../../support/emulators/wire/certificate.ts';
import { folderWith } from '../commands/run.ts';

/** Credentials and the certificate authority of a server at a URL. */

const run = { signal: AbortSignal.timeout(10_000) };
const { authority, server: certificate } = issueServerCertificate();
const seen: (string | undefined)[] = [];
const server = createServer(
  { key: certificate.key, cert: certificate.certificate },
  (request, response) => {
    seen.push(request.headers.authorization);
    response.end('{}');
  },
);
let url: string;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => void server.close().closeAllConnections());

const files = () => folderWith({ 'ca.pem': authority.certificate, token: 's3cret\n' });

function send(folder: string, more: Partial<UrlServer>, env: Record<string, string> = {}) {
  const link = new DirectLink({ url, caFile: join(folder, 'ca.pem'), ...more }, { env });
  return link.send('GET', 'api/v1/targets', run);
}

test('a bearer token comes from a file, which is read for each request', async () => {
  const folder = files();
  const file = join(folder, 'token');
  await send(folder, { bearerToken: { file } });
  writeFileSync(file, 'renewed');
  await send(folder, { bearerToken: { file } });
  expect(seen.splice(0)).toEqual(['Bearer s3cret', 'Bearer renewed']);
});

test('or from a variable', async () => {
  await send(files(), { bearerToken: { env: 'TOKEN' } }, { TOKEN: 'abc' });
  expect(seen.splice(0)).toEqual(['Bearer abc']);
});

test('a password does, too, and the user name is in the settings', async () => {
  const basicAuth = { username: 'sync', password: { env: 'PASSWORD' } };
  await send(files(), { basicAuth }, { PASSWORD: 'pä:ss' });
  expect(seen.splice(0)).toEqual([`Basic ${Buffer.from('sync:pä:ss').toString('base64')}`]);
});

test.each<[string, (folder: string) => Partial<UrlServer>, RegExp]>([
  [
    'a token file that is missing',
    (folder) => ({ bearerToken: { file: join(folder, 'none') } }),
    /the file with its bearer token, .*none, cannot be read \(ENOENT\)$/,
  ],
  [
    'a variable that is not set',
    () => ({ bearerToken: { env: 'NONE' } }),
    /the variable NONE with its bearer token is not set$/,
  ],
  [
    'an authority that is missing',
    (folder) => ({ caFile: join(folder, 'none') }),
    /the file with its certificate authority, .*none, cannot be read/,
  ],
])('%s is named, and nothing is sent', async (_, more, message) => {
  const folder = files();
  await expect(send(folder, more(folder))).rejects.toMatchObject({
    code: 'prometheus-refused',
    message: expect.stringMatching(message),
  });
  expect(seen).toEqual([]);
});

test('without its authority, the server is not trusted, and gets no credentials', async () => {
  const link = new DirectLink({ url, bearerToken: { env: 'TOKEN' } }, { env: { TOKEN: 'abc' } });
  await expect(link.send('GET', 'x', run)).rejects.toMatchObject({
    code: 'prometheus-unreachable',
  });
  expect(seen).toEqual([]);
});
