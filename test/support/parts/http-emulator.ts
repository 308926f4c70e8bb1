import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Backend } from '../emulators/kubernetes/api.ts';

/** Serves a backend of the emulators over HTTP, for a real API server to forward to. */
export async function serveBackend(
  host: string,
  backend: (...args: Parameters<Backend>) => ReturnType<Backend> | Promise<ReturnType<Backend>>,
): Promise<{ port: number; close(): Promise<void> }> {
  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://server');
    const method = request.method ?? 'GET';
    const answer = await backend({ method, path: pathname, query: searchParams });
    response.writeHead(answer.status, answer.headers).end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
