import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

export interface Forwarder {
  stop(): Promise<void>;
}

/**
 * Passes connections to that address and port on to 127.0.0.1. A node has its own network namespace, where the
 * loopback address, on which all parts listen, is its own.
 */
export async function startForwarder(
  host: string,
  port: number,
  targetPort: number,
): Promise<Forwarder> {
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const target = connect(targetPort, '127.0.0.1');
    for (const [from, to] of [
      [client, target],
      [target, client],
    ] as const) {
      open.add(from);
      from.setNoDelay();
      from.pipe(to);
      // An error is followed by close.
      from.on('error', () => {});
      from.once('close', () => {
        open.delete(from);
        to.destroy();
      });
    }
  });
  server.listen(port, host);
  await once(server, 'listening');
  return {
    async stop() {
      server.close();
      for (const socket of open) socket.destroy();
      await once(server, 'close');
    },
  };
}
