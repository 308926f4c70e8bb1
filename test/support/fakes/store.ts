import { Fault, type FaultCode } from '../../../src/fault.ts';
import { objectKey, placeText } from '../../../src/location.ts';
import type { Documents, Location, Snapshot } from '../../../src/objects/documents.ts';
import { throwIfOver } from '../../../src/run.ts';

interface Stored {
  version: number;
  readonly data: Map<string, string>;
  managed: readonly string[] | undefined;
  paused: boolean;
}

export type Hook = () => void | Promise<void>;

/**
 * ConfigMaps, Secrets and files in memory, with versions as Kubernetes has them: any write of an object makes
 * its version another one, and a write with an old version is a conflict.
 */
export class Store implements Documents {
  /** `read configmap/m/prometheus:prometheus.yml`, `write …`, in the order in which they happened. */
  readonly log: string[];
  readonly #objects = new Map<string, Stored>();
  readonly #hooks: { when: string; hook: Hook; times: number }[] = [];
  #versions = 0;

  constructor(log: string[] = []) {
    this.log = log;
  }

  /** Creates or replaces one document, as somebody else would. */
  put(location: Location, text: string, rest: { managed?: string[]; paused?: boolean } = {}): void {
    const object = this.#objects.get(objectKey(location));
    const data = object?.data ?? new Map();
    data.set(dataKey(location), text);
    this.#objects.set(objectKey(location), {
      version: ++this.#versions,
      data,
      managed: rest.managed ?? object?.managed,
      paused: rest.paused ?? object?.paused ?? false,
    });
  }

  remove(location: Location): void {
    this.#objects.delete(objectKey(location));
  }

  text(location: Location): string | undefined {
    return this.#objects.get(objectKey(location))?.data.get(dataKey(location));
  }

  managed(location: Location): readonly string[] | undefined {
    return this.#objects.get(objectKey(location))?.managed;
  }

  /** How often a document was written. */
  writes(location?: Location): number {
    const line = `write ${location ? placeText(location) : ''}`;
    return this.log.filter((it) => (location ? it === line : it.startsWith(line))).length;
  }

  /** Runs once (or `times` times) before the next operation of that name, such as `write configmap/m/p:k`. */
  before(operation: 'read' | 'write', location: Location, hook: Hook, times = 1): void {
    this.#hooks.push({ when: `${operation} ${placeText(location)}`, hook, times });
  }

  fail(operation: 'read' | 'write', location: Location, code: FaultCode, times = 1): void {
    const hook = () => {
      throw new Fault(code, `${operation} ${placeText(location)}: ${code}`);
    };
    this.before(operation, location, hook, times);
  }

  async read(
    location: Location,
    { create }: { create: boolean },
    run: { signal: AbortSignal },
  ): Promise<Snapshot> {
    await this.#meet(`read ${placeText(location)}`, run);
    const object = this.#objects.get(objectKey(location));
    const text = object?.data.get(dataKey(location));
    if (!object && !create) throw new Fault('object-missing', `${placeText(location)} is missing`);
    if (object && text === undefined && !create) throw new Fault('key-missing', 'no such key');
    const others = [...(object?.data ?? [])].filter(([key]) => key !== dataKey(location));
    return {
      location,
      text,
      version: object && String(object.version),
      adopted: location.kind === 'file' ? 'always' : object?.managed,
      paused: object?.paused ?? false,
      otherBytes: others.reduce((sum, [, other]) => sum + Buffer.byteLength(other), 0),
    };
  }

  async write(
    { location, version }: Snapshot,
    text: string,
    managed: readonly string[],
    run: { signal: AbortSignal },
  ) {
    await this.#meet(`write ${placeText(location)}`, run);
    const object = this.#objects.get(objectKey(location));
    if ((object && String(object.version)) !== version) {
      throw new Fault('conflict', `${placeText(location)} has changed meanwhile`);
    }
    this.put(location, text, location.kind === 'file' ? {} : { managed: [...managed] });
    return { status: 'written' as const, version: String(this.#versions) };
  }

  async #meet(operation: string, run: { signal: AbortSignal }): Promise<void> {
    throwIfOver(run, `before ${operation}`);
    this.log.push(operation);
    const hook = this.#hooks.find((it) => it.when === operation && it.times > 0);
    if (!hook) return;
    hook.times -= 1;
    await hook.hook();
  }
}

const dataKey = (location: Location) => (location.kind === 'file' ? '' : location.key);
