import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { type Call, type Fault, Faults, type Refusal } from '../faults.ts';

export interface WireRequest {
  readonly method: string;
  /** As sent: not decoded, without the query. */
  readonly path: string;
  readonly rawQuery: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface WireResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** What one server emulates. */
export interface Part {
  /** What the request is, before anything is checked: for the log and the faults. */
  describe(request: WireRequest): Pick<Call, 'service' | 'operation' | 'accessKeyId'>;
  answer(request: WireRequest): WireResponse | Promise<WireResponse>;
  /** A refusal in the shape that the service of that request gives it. */
  refuse(request: WireRequest, refusal: Refusal): WireResponse;
}

export interface Server {
  /** `http://127.0.0.1:port`, or https. */
  readonly url: string;
  readonly port: number;
  readonly faults: Faults;
  /** TCP connections accepted so far; behind TLS, `handshakes` of them were completed. */
  connections(): number;
  handshakes(): number;
  close(): Promise<void>;
}

export interface ServeOptions {
  readonly faults?: Faults;
  readonly tls?: { readonly key: string; readonly cert: string };
  readonly port?: number;
}

/** Serves a part on a loopback port, with a fault layer in front of it. */
export async function serve(part: Part, options: ServeOptions = {}): Promise<Server> {
  const faults = options.faults ?? new Faults();
  const lastAnswers = new Map<string, WireResponse>();
  /** Accepted TCP sockets by the client's port: only they, not the TLS sockets over them, can send a RST. */
  const accepted = new Map<number, Socket>();
  let connections = 0;
  let handshakes = 0;

  const listener = (incoming: IncomingMessage, outgoing: ServerResponse) => {
    respond(incoming, outgoing).catch((error: unknown) => {
      // A bug in the emulator must not look like a fault of the service.
      console.error('emulator:', error);
      send(outgoing, { status: 500, body: `emulator: ${String(error)}` });
    });
  };
  const respond = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const request = await receive(incoming);
    if (request === undefined) return;
    const call: Call = {
      n: faults.calls.length + 1,
      ...part.describe(request),
      method: request.method,
      path: incoming.url ?? '/',
      headers: request.headers,
      body: request.body.toString(),
      at: new Date(),
    };
    const fault = await faults.meet(call);
    if (fault !== undefined) call.fault = fault;
    const url = `${request.method} ${incoming.url}`;
    const processed = async () => {
      const answer = await part.answer(request);
      lastAnswers.set(url, answer);
      call.status = answer.status;
      return answer;
    };

    if (fault === undefined) return send(outgoing, await processed());
    if (fault === 'hang') return;
    if (fault === 'reset-before' || fault === 'reset-after') {
      if (fault === 'reset-after') await processed();
      return reset(accepted.get(incoming.socket.remotePort ?? 0));
    }
    if (fault === 'truncate') return truncate(outgoing, await processed());
    if (fault === 'stale') return send(outgoing, lastAnswers.get(url) ?? (await processed()));
    const answer = await disturbed(fault, request, processed);
    call.status = answer.status;
    send(outgoing, answer);
  };
  const disturbed = async (
    fault: Exclude<Fault, 'hang' | 'reset-before' | 'reset-after' | 'truncate' | 'stale'>,
    request: WireRequest,
    processed: () => Promise<WireResponse>,
  ): Promise<WireResponse> => {
    if (fault === 'html') return PORTAL;
    if (fault === 'garbage') {
      return { ...part.refuse(request, { status: 500 }), status: 200, body: GARBAGE };
    }
    if ('delayMs' in fault) {
      await new Promise((resolve) => setTimeout(resolve, fault.delayMs).unref());
      return processed();
    }
    if ('refuse' in fault) return part.refuse(request, fault.refuse);
    if ('change' in fault) return fault.change(await processed(), request);
    return fault;
  };

  const server = options.tls ? createTlsServer(options.tls, listener) : createServer(listener);
  // Longer than any test: a connection that the server closes while a client reuses it is a fault that no test wants.
  server.keepAliveTimeout = 120_000;
  server.on('connection', (socket: Socket) => {
    connections += 1;
    const client = socket.remotePort ?? 0;
    accepted.set(client, socket);
    socket.on('close', () => accepted.delete(client));
  });
  server.on('secureConnection', () => {
    handshakes += 1;
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `${options.tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    port,
    faults,
    connections: () => connections,
    handshakes: () => handshakes,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of accepted.values()) socket.destroy();
      }),
  };
}

async function receive(incoming: IncomingMessage): Promise<WireRequest | undefined> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
  } catch {
    return undefined; // The client went away.
  }
  const [path = '/', ...rest] = (incoming.url ?? '/').split('?');
  const rawQuery = rest.join('?');
  return {
    method: incoming.method ?? 'GET',
    path,
    rawQuery,
    query: new URLSearchParams(rawQuery),
    headers: incoming.headers,
    body: Buffer.concat(chunks),
  };
}

function send(outgoing: ServerResponse, { status, headers = {}, body = '' }: WireResponse): void {
  if (outgoing.destroyed || outgoing.headersSent) return;
  outgoing.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
  outgoing.end(body);
}

/** Ends the connection with a RST, which clients see as ECONNRESET. */
function reset(socket: Socket | undefined): void {
  socket?.resetAndDestroy();
}

function truncate(
  outgoing: ServerResponse,
  { status, headers = {}, body = '' }: WireResponse,
): void {
  const bytes = Buffer.from(body);
  outgoing.writeHead(status, { ...headers, 'content-length': bytes.length });
  outgoing.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => outgoing.destroy());
}

/** What a proxy or a captive portal says in the service's place. */
const PORTAL: WireResponse = {
  status: 200,
  headers: { 'content-type': 'text/html' },
  body: '<!DOCTYPE html><html><head><title>Sign in</title></head><body><p>Sign in to continue</p></body></html>',
};

/** The right content type over what is neither XML nor JSON. */
const GARBAGE = Buffer.from('00ff3c7b22fe0a5d3e80c3283c2f613e', 'hex');
