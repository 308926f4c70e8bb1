import { Fault } from '../fault.ts';
import type { Answer } from '../http.ts';
import type { Run } from '../run.ts';
import { fieldsOf, isObject, isRecordOf, isText } from '../shape.ts';
import type { Link } from './link.ts';

/** What is used of an answer's data; undefined for anything else. */
export type Shape<T> = (data: unknown) => T | undefined;

/** Of Prometheus and of Thanos. */
export const buildInfo: Shape<{ readonly version?: string | undefined }> = (data) => {
  if (!isObject(data)) return undefined;
  const { version } = data;
  return version === undefined || isText(version) ? { version } : undefined;
};

const flags: Shape<Readonly<Record<string, string>>> = (data) =>
  isRecordOf(data, isText) ? data : undefined;

/** The HTTP API that Prometheus and Thanos share: `{"status": "success", "data": …}`. */
export class Api {
  readonly #link: Link;
  readonly #product: string;

  /** @param product for messages: `Prometheus` */
  constructor(link: Link, product: string) {
    this.#link = link;
    this.#product = product;
  }

  /** @param path below `api/v1/` */
  async get<T>(path: string, shape: Shape<T>, run: Run): Promise<T> {
    const answer = await this.#link.send('GET', `api/v1/${path}`, run);
    const name = path.replace(/\?.*/, '');
    const read = shape(this.#dataOf(answer, name));
    if (read !== undefined) return read;
    throw this.#refused(`the response to ${name} is not from ${this.#product}`);
  }

  flags(run: Run): Promise<Readonly<Record<string, string>>> {
    return this.get('status/flags', flags, run);
  }

  async reload(run: Run): Promise<void> {
    const answer = await this.#link.send('POST', '-/reload', run);
    this.#checkStatus(answer);
    if (answer.status === 200) return;
    // The body of a 500 quotes the configuration.
    const why =
      answer.status === 500
        ? 'the reload failed: its configuration is broken'
        : `no reload (HTTP ${answer.status}); it needs --web.enable-lifecycle`;
    throw this.#refused(why);
  }

  #checkStatus({ status }: Answer): void {
    if (status === 401 || status === 403) throw this.#refused(`access denied (HTTP ${status})`);
    if (status >= 300 && status < 400)
      throw this.#refused(`it redirects to another URL (HTTP ${status})`);
    if ([502, 503, 504].includes(status)) {
      throw new Fault(
        'prometheus-unreachable',
        `${this.#link.url}: HTTP ${status}, it is not ready`,
      );
    }
  }

  #dataOf(answer: Answer, name: string): unknown {
    this.#checkStatus(answer);
    const { status, contentType, bytes } = answer;
    const type = contentType.split(';')[0] || 'no content type';
    const other = `not a ${this.#product} server (HTTP ${status}, ${type})`;
    let body: unknown;
    try {
      body = JSON.parse(bytes.toString());
    } catch {
      throw this.#refused(other);
    }
    const { status: outcome, data } = fieldsOf(body);
    if (!isText(outcome)) throw this.#refused(other);
    if (outcome !== 'success') {
      throw this.#refused(`${name} returned an error (HTTP ${status})`);
    }
    return data;
  }

  #refused(why: string): Fault {
    return new Fault('prometheus-refused', `${this.#link.url}: ${why}`);
  }
}

/** undefined where the server refuses the request: a proxy may allow some paths only. */
export function optional<T>(asked: Promise<T>): Promise<T | undefined> {
  return asked.catch((error) => {
    if (error instanceof Fault && error.code === 'prometheus-refused') return undefined;
    throw error;
  });
}
