import { readFile } from 'node:fs/promises';
import { Fault } from '../fault.ts';
import { type Answer, exchange, NoResponse } from '../http.ts';
import type { SecretRef, UrlServer } from '../job.ts';
import type { Run } from '../run.ts';
import type { Link } from './link.ts';

/** All times in milliseconds. */
const TIMES = { connect: 5_000, answer: 15_000 };

type Variables = Readonly<Record<string, string | undefined>>;

/** A server at a URL, with what the settings say of its credentials and its certificate authority. */
export class DirectLink implements Link {
  readonly #server: Omit<UrlServer, 'reload'>;
  readonly #base: URL;
  readonly #env: Variables;
  readonly #times: typeof TIMES;
  readonly url: string;

  constructor(
    server: Omit<UrlServer, 'reload'>,
    {
      env = {},
      times = {},
    }: { readonly env?: Variables; readonly times?: Partial<typeof TIMES> } = {},
  ) {
    const base = URL.parse(server.url);
    if (!base || !/^https?:$/.test(base.protocol)) {
      const shown = server.url.replace(/\/\/[^/]*@/, '//');
      throw new Fault('usage', `${shown} is not the URL of a Prometheus server`, {
        remedy: 'Use http://HOST:PORT, including the path if there is one.',
      });
    }
    base.search = '';
    base.hash = '';
    this.#server = server;
    this.#base = base;
    this.#env = env;
    this.#times = { ...TIMES, ...times };
    const shown = new URL(base);
    shown.username = '';
    shown.password = '';
    this.url = shown.href.replace(/\/$/, '');
  }

  async send(method: 'GET' | 'POST', path: string, run: Run): Promise<Answer> {
    const url = new URL(this.#base);
    const [name, query = ''] = path.split('?');
    url.pathname = `${url.pathname.replace(/\/$/, '')}/${name}`;
    url.search = query;
    const { caFile } = this.#server;
    const ca =
      caFile === undefined ? {} : { ca: await this.#read(caFile, 'certificate authority') };
    const headers = {
      accept: 'application/json',
      'user-agent': 'federation-sync',
      ...(await this.#authorization()),
    };
    try {
      return await exchange({
        method,
        url,
        options: { headers, ...ca },
        body: undefined,
        connectMs: this.#times.connect,
        answerMs: this.#times.answer,
        signal: run.signal,
      });
    } catch (error) {
      if (!(error instanceof NoResponse)) throw error;
      if (error.reason === 'aborted') {
        throw new Fault('deadline', `the run timed out before ${this.url} answered`);
      }
      const { cause, reason } = error;
      const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
      const why = WHY[code] ?? WHY[reason] ?? `connection lost${code && ` (${code})`}`;
      throw new Fault('prometheus-unreachable', `${this.url}: ${why}`, { cause });
    }
  }

  /** Read for each request: tokens in files are renewed. */
  async #authorization(): Promise<{ authorization?: string }> {
    const { bearerToken, basicAuth } = this.#server;
    if (bearerToken)
      return { authorization: `Bearer ${await this.#secret(bearerToken, 'bearer token')}` };
    if (!basicAuth) return {};
    const password = await this.#secret(basicAuth.password, 'password');
    const text = Buffer.from(`${basicAuth.username}:${password}`).toString('base64');
    return { authorization: `Basic ${text}` };
  }

  async #secret(secret: SecretRef, what: string): Promise<string> {
    if ('file' in secret) return (await this.#read(secret.file, what)).trim();
    const value = this.#env[secret.env];
    if (value) return value;
    throw this.#missing(`the variable ${secret.env} with its ${what} is not set`);
  }

  async #read(file: string, what: string): Promise<string> {
    try {
      return await readFile(file, 'utf8');
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      throw this.#missing(`the file with its ${what}, ${file}, cannot be read (${code})`);
    }
  }

  #missing(why: string): Fault {
    const remedy = 'Provide it to this process, or correct prometheus: in the settings.';
    return new Fault('prometheus-refused', `${this.url}: ${why}`, { remedy });
  }
}

const WHY: Record<string, string> = {
  'connect-timeout': 'connection timed out',
  'answer-timeout': 'no response in time',
  'too-long': 'the response is too large',
  ECONNREFUSED: 'connection refused',
  ENOTFOUND: 'the host name does not resolve',
  EAI_AGAIN: 'DNS does not respond',
  EHOSTUNREACH: 'no route to it',
  ENETUNREACH: 'no route to it',
};
