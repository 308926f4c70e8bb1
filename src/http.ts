import { type ClientRequest, request as requestHttp } from 'node:http';
import { type RequestOptions, request as requestHttps } from 'node:https';
import { TLSSocket } from 'node:tls';

/** One request, signed and with its TLS options. */
export interface Exchange {
  readonly method: string;
  readonly url: URL;
  readonly options: RequestOptions;
  readonly body: string | undefined;
  /** Milliseconds for connecting, including the TLS handshake. */
  readonly connectMs: number;
  /** Milliseconds from the connection to the last byte of the answer. */
  readonly answerMs: number;
  readonly signal: AbortSignal;
}

/** An answer, read to its end. */
export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly retryAfter: string | undefined;
  readonly bytes: Buffer;
}

/** Why there is no whole answer. */
export type NoResponseReason =
  | 'aborted'
  | 'connect-timeout'
  | 'answer-timeout'
  | 'too-long'
  | 'broken';

/** There is no whole answer. `sent`: the request may have reached the server and may have been executed. */
export class NoResponse extends Error {
  override readonly name = 'NoResponse';
  readonly reason: NoResponseReason;
  readonly sent: boolean;

  constructor(reason: NoResponseReason, sent: boolean, cause?: unknown) {
    super(reason, { cause });
    this.reason = reason;
    this.sent = sent;
  }
}

/** Far above any object (etcd accepts 1.5 MiB), far below what a function's memory holds. */
const LONGEST_ANSWER = 16 * 1024 * 1024;

/**
 * Sends one request and reads its answer whole. Rejects with NoResponse.
 *
 *     start --connectMs--> connected (sent = true) --answerMs--> last byte
 */
export function exchange(asked: Exchange): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  let sent = false;
  let timer: NodeJS.Timeout | undefined;
  let request: ClientRequest | undefined;

  const fail = (reason: NoResponseReason, cause?: unknown) => {
    reject(new NoResponse(asked.signal.aborted ? 'aborted' : reason, sent, cause));
    request?.destroy();
  };
  const within = (milliseconds: number, reason: NoResponseReason) => {
    clearTimeout(timer);
    timer = setTimeout(fail, milliseconds, reason);
  };
  const connected = () => {
    // From here on, Node.js hands the request to the operating system by itself.
    sent = true;
    within(asked.answerMs, 'answer-timeout');
  };
  const abort = () => fail('aborted', asked.signal.reason);

  try {
    request = open(asked);
  } catch (error) {
    // For example, a certificate that is not PEM.
    return Promise.reject(
      new NoResponse(asked.signal.aborted ? 'aborted' : 'broken', false, error),
    );
  }
  const opened = request;
  within(asked.connectMs, 'connect-timeout');
  asked.signal.addEventListener('abort', abort, { once: true });
  opened.on('socket', (socket) => {
    if (opened.reusedSocket) connected();
    else socket.once(socket instanceof TLSSocket ? 'secureConnect' : 'connect', connected);
  });
  opened.on('error', (error) => fail('broken', error));
  opened.on('response', (response) => {
    const chunks: Buffer[] = [];
    let length = 0;
    response.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length > LONGEST_ANSWER) fail('too-long');
    });
    response.on('error', (error) => fail('broken', error));
    response.on('end', () => {
      if (!response.complete) return fail('broken');
      resolve({
        status: response.statusCode ?? 0,
        contentType: response.headers['content-type'] ?? '',
        retryAfter: response.headers['retry-after'],
        bytes: Buffer.concat(chunks),
      });
    });
  });
  opened.end(asked.body);

  return promise.finally(() => {
    clearTimeout(timer);
    asked.signal.removeEventListener('abort', abort);
  });
}

function open({ method, url, options, body, signal }: Exchange): ClientRequest {
  signal.throwIfAborted();
  const request = url.protocol === 'http:' ? requestHttp : requestHttps;
  const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
  return request(url, {
    ...options,
    // Said, so that NODE_TLS_REJECT_UNAUTHORIZED=0 has no effect; a kubeconfig may say otherwise.
    rejectUnauthorized: options.rejectUnauthorized ?? true,
    method,
    headers: { ...options.headers, ...length },
  });
}
