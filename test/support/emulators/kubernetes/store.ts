import type { KubeObject } from './resources.ts';

/** Objects by resource, namespace and name, with one counter for all resource versions, as etcd has. */
export class ObjectStore {
  #revision = 1;
  readonly #objects = new Map<string, KubeObject>();

  get revision(): string {
    return String(this.#revision);
  }

  get(resource: string, namespace: string | undefined, name: string): KubeObject | undefined {
    return this.#objects.get(key(resource, namespace, name));
  }

  /** In the order of namespace and name. */
  list(resource: string, namespace?: string): KubeObject[] {
    const prefix = namespace === undefined ? `${resource}/` : `${resource}/${namespace}/`;
    return [...this.#objects]
      .filter(([at]) => at.startsWith(prefix))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, object]) => object);
  }

  /** Stores a copy with the next resource version, and returns it. */
  put(resource: string, object: KubeObject): KubeObject {
    this.#revision += 1;
    const { namespace, name = '' } = object.metadata;
    const stored = structuredClone(object);
    stored.metadata.resourceVersion = this.revision;
    this.#objects.set(key(resource, namespace, name), stored);
    return stored;
  }

  delete(resource: string, namespace: string | undefined, name: string): void {
    this.#revision += 1;
    this.#objects.delete(key(resource, namespace, name));
    if (resource === 'namespaces') this.#empty(name);
  }

  /** What the namespace controller does, at once. */
  #empty(namespace: string): void {
    for (const [at, { metadata }] of this.#objects) {
      if (metadata.namespace === namespace) this.#objects.delete(at);
    }
  }
}

function key(resource: string, namespace = '', name = ''): string {
  return `${resource}/${namespace}/${name}`;
}
