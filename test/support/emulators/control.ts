import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Emulators } from './emulators.ts';

/** What another process may reach: the same objects a test in this process holds. */
export interface Parts {
  readonly emulators: Pick<Emulators, 'addAccessEntry' | 'tokenErrors'>;
  readonly route53: Emulators['aws']['route53'];
  readonly eks: Emulators['aws']['eks'];
  readonly identity: Emulators['aws']['identity'];
  readonly kubernetes: Emulators['kubernetes'];
  readonly faults: Emulators['faults'];
}

/**
 * `POST /route53/upsert` with `["Z1", [..]]` calls `route53.upsert('Z1', [..])` and answers `{"result": ..}`, or
 * `{"error": "message"}`. A member that is no function is read: `POST /faults/calls`. Functions cannot be handed over, so
 * hooks, clocks and admission are for tests in the emulators' own process.
 */
export async function serveControl(emulators: Emulators): Promise<{ url: string; close(): void }> {
  const { aws, kubernetes, faults } = emulators;
  const { route53, eks, identity } = aws;
  const parts: Parts = { emulators, route53, eks, identity, kubernetes, faults };

  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const answer = (() => {
      try {
        const [, part = '', member = ''] = (request.url ?? '').split('/');
        const text = Buffer.concat(chunks).toString();
        return { result: reach(parts, part, member, text === '' ? [] : JSON.parse(text)) };
      } catch (error) {
        return { error: String(error) };
      }
    })();
    response.writeHead('error' in answer ? 400 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function reach(parts: Parts, part: string, member: string, args: readonly unknown[]): unknown {
  const object = Object.hasOwn(parts, part) ? parts[part as keyof Parts] : undefined;
  if (object === undefined || !(member in object)) throw new Error(`no ${part}.${member}`);
  const value = (object as unknown as Record<string, unknown>)[member];
  return typeof value === 'function' ? value.apply(object, args) : value;
}
