import type { Answer } from '../../src/http.ts';

/** An object as the API server stores it. */
export interface Stored {
  readonly version: number;
  readonly annotations: Readonly<Record<string, string>>;
  /** As in a ConfigMap; the values of a Secret are in base64. */
  readonly data: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
}

export interface Request {
  readonly method: string;
  /** Without its query. */
  readonly path: string;
  readonly body: string | undefined;
}

/** Sees each write: the object before and after it; undefined: there was or is none. */
export type Watcher = (before: Stored | undefined, after: Stored | undefined) => void;

type Change = Record<string, string | null>;

/** One object of an API server: reads, creations and merge patches with a precondition. */
export class Cluster {
  readonly path: string;
  readonly #kind: string;
  readonly #name: string;
  object: Stored | undefined;
  #revision = 100;
  #bytes: { readonly of: Stored; readonly bytes: Buffer } | undefined;

  constructor(kind: 'ConfigMap' | 'Secret', name: string) {
    this.#kind = kind;
    this.#name = name;
    this.path = `/api/v1/namespaces/m/${kind.toLowerCase()}s/${name}`;
  }

  /** Another writer's change. */
  put(change: Partial<Omit<Stored, 'version'>> | undefined): void {
    const { annotations = {}, data = {}, labels = {} } = { ...this.object, ...change };
    this.object = change && { annotations, data, labels, version: ++this.#revision };
  }

  handle({ method, path, body }: Request, watcher: Watcher): Answer {
    const before = this.object;
    if (method === 'GET') return before ? this.#answer(200, before) : status(404, 'NotFound');
    const sent = JSON.parse(body ?? '{}') as Sent;
    if (method === 'POST') {
      if (path !== this.path.replace(/\/[^/]+$/, '')) throw new Error(`no such path: ${path}`);
      if (before) return status(409, 'AlreadyExists');
      const { annotations = {}, labels = {} } = sent.metadata;
      this.put({
        annotations: annotations as Stored['annotations'],
        labels,
        data: sent.data ?? {},
      });
      watcher(undefined, this.object);
      return this.#answer(201, this.object as Stored);
    }
    if (!before) return status(404, 'NotFound');
    const { resourceVersion } = sent.metadata;
    if (resourceVersion !== undefined && resourceVersion !== String(before.version)) {
      return status(409, 'Conflict');
    }
    const annotations = merged(before.annotations, sent.metadata.annotations ?? {});
    const data = merged(before.data, sent.data ?? {});
    // A patch that changes nothing leaves the version.
    if (annotations !== before.annotations || data !== before.data) {
      this.put({ annotations, data });
      watcher(before, this.object);
    }
    return this.#answer(200, this.object as Stored);
  }

  #answer(code: number, stored: Stored): Answer {
    if (this.#bytes?.of !== stored) {
      const { version, annotations, data, labels } = stored;
      const metadata = { name: this.#name, namespace: 'm', resourceVersion: `${version}` };
      const object = {
        kind: this.#kind,
        apiVersion: 'v1',
        metadata: { ...metadata, labels, annotations },
        data,
      };
      this.#bytes = { of: stored, bytes: Buffer.from(JSON.stringify(object)) };
    }
    return answer(code, this.#bytes.bytes);
  }
}

interface Sent {
  readonly metadata: {
    readonly resourceVersion?: string;
    readonly annotations?: Change;
    readonly labels?: Record<string, string>;
  };
  readonly data?: Record<string, string>;
}

/** RFC 7396, of a flat mapping; the same object where nothing changes. */
function merged(
  before: Readonly<Record<string, string>>,
  change: Change,
): Readonly<Record<string, string>> {
  const changes = Object.entries(change).filter(
    ([key, value]) => before[key] !== (value ?? undefined),
  );
  if (changes.length === 0) return before;
  const after: Record<string, string> = { ...before };
  for (const [key, value] of changes) {
    if (value === null) delete after[key];
    else after[key] = value;
  }
  return after;
}

const answer = (code: number, bytes: Buffer): Answer => ({
  status: code,
  contentType: 'application/json',
  retryAfter: undefined,
  bytes,
});

/** A Status, as the API server answers a failure. */
export function status(code: number, reason: string): Answer {
  const body = {
    kind: 'Status',
    apiVersion: 'v1',
    status: 'Failure',
    message: reason,
    reason,
    code,
  };
  return answer(code, Buffer.from(JSON.stringify(body)));
}
