import { Fault, type FaultCode } from '../../../src/fault.ts';
import {
  keyOf,
  type Location,
  type ObjectRef,
  objectKey,
  objectOf,
  objectText,
} from '../../../src/location.ts';
import {
  type Change,
  type Objects,
  objectMissing,
  type Snapshot,
  type Written,
} from '../../../src/objects/objects.ts';
import { throwIfOver } from '../../../src/run.ts';

interface Stored {
  version: number;
  readonly texts: Map<string, string>;
  managed: readonly string[] | undefined;
  memory: string | undefined;
  paused: boolean;
}

interface Rest {
  readonly managed?: string[];
  readonly memory?: string | undefined;
  readonly paused?: boolean;
}

export type Hook = () => void | Promise<void>;

/**
 * ConfigMaps, Secrets and files in memory, with versions as Kubernetes has them: any write of an object changes
 * its version, and a write with an old version is a conflict.
 */
export class Store implements Objects {
  /** `read configmap/m/prometheus`, `write …`, in the order in which they happened. */
  readonly log: string[];
  readonly #objects = new Map<string, Stored>();
  readonly #hooks: { when: string; hook: Hook; times: number }[] = [];
  #versions = 0;

  constructor(log: string[] = []) {
    this.log = log;
  }

  /** Creates or replaces one document, as another writer would. */
  put(location: Location, text: string, rest: Rest = {}): void {
    this.#change(objectOf(location), new Map([[keyOf(location), text]]), rest);
  }

  remove(location: Location): void {
    this.#objects.delete(objectKey(objectOf(location)));
  }

  text(location: Location): string | undefined {
    return this.#objects.get(objectKey(objectOf(location)))?.texts.get(keyOf(location));
  }

  managed(location: Location): readonly string[] | undefined {
    return this.#objects.get(objectKey(objectOf(location)))?.managed;
  }

  memory(location: Location): string | undefined {
    return this.#objects.get(objectKey(objectOf(location)))?.memory;
  }

  reads(location?: Location): number {
    return this.#count('read', location);
  }

  /** How often an object was written. */
  writes(location?: Location): number {
    return this.#count('write', location);
  }

  /** Runs once (or `times` times) before the next operation of that name on the location's object. */
  before(operation: 'read' | 'write', location: Location, hook: Hook, times = 1): void {
    this.#hooks.push({ when: `${operation} ${objectText(objectOf(location))}`, hook, times });
  }

  fail(operation: 'read' | 'write', location: Location, code: FaultCode, times = 1): void {
    const hook = () => {
      throw new Fault(code, `${operation} ${objectText(objectOf(location))}: ${code}`);
    };
    this.before(operation, location, hook, times);
  }

  async read(
    object: ObjectRef,
    { create }: { create: boolean },
    run: { signal: AbortSignal },
  ): Promise<Snapshot> {
    await this.#meet(`read ${objectText(object)}`, run);
    const stored = this.#objects.get(objectKey(object));
    if (!stored && !create) throw objectMissing(object);
    const texts = new Map(stored?.texts);
    const bytes = [...texts.values()].reduce((sum, text) => sum + Buffer.byteLength(text), 0);
    return {
      object,
      texts,
      version: stored && String(stored.version),
      adopted: object.kind === 'file' ? 'always' : stored?.managed,
      memory: object.kind === 'file' ? undefined : stored?.memory,
      ours: stored === undefined || stored.managed !== undefined,
      paused: stored?.paused ?? false,
      bytes: object.kind === 'file' ? 0 : bytes,
      lastWriter: object.kind === 'file' ? undefined : 'somebody',
    };
  }

  async write(
    { object, version }: Snapshot,
    { texts, managed, memory }: Change,
    run: { signal: AbortSignal },
  ): Promise<Written> {
    await this.#meet(`write ${objectText(object)}`, run);
    const stored = this.#objects.get(objectKey(object));
    if ((stored && String(stored.version)) !== version) {
      throw new Fault('conflict', `${objectText(object)} has changed in the meantime`);
    }
    this.#change(
      object,
      texts,
      object.kind === 'file'
        ? {}
        : {
            ...(managed.length > 0 && { managed: [...managed] }),
            ...(memory !== undefined && { memory: memory ?? undefined }),
          },
    );
    return { status: 'written', version: String(this.#versions), warnings: [] };
  }

  #change(object: ObjectRef, texts: ReadonlyMap<string, string>, rest: Rest): void {
    const stored = this.#objects.get(objectKey(object));
    this.#objects.set(objectKey(object), {
      version: ++this.#versions,
      texts: new Map([...(stored?.texts ?? []), ...texts]),
      managed: rest.managed ?? stored?.managed,
      memory: 'memory' in rest ? rest.memory : stored?.memory,
      paused: rest.paused ?? stored?.paused ?? false,
    });
  }

  #count(operation: string, location: Location | undefined): number {
    const line = `${operation} ${location ? objectText(objectOf(location)) : ''}`;
    return this.log.filter((it) => (location ? it === line : it.startsWith(line))).length;
  }

  /** Reads this store, and writes nothing. */
  dryRun(): Objects {
    return {
      read: (object, options, run) => this.read(object, options, run),
      write: async () => ({ status: 'planned', version: undefined, warnings: [] }),
    };
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
