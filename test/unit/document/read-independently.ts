import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  parseAllDocuments,
  type YAMLMap,
} from 'yaml';
import type { Target } from '../../../src/target.ts';

/**
 * What an independent parser (`yaml`) reads from a document: the list of the job, and everything else, with
 * every scalar as it is written. Throws where that parser finds a fault.
 */
export function readIndependently(
  text: string,
  job: string,
  bare: boolean,
): { targets: Target[]; rest: unknown } {
  const documents = parseAllDocuments(text.replace(/^\ufeff/, ''), {
    version: '1.1',
    uniqueKeys: false,
    logLevel: 'silent',
  });
  if (!Array.isArray(documents)) throw new Error('no document');
  const [document] = documents;
  if (document === undefined || documents.length > 1) throw new Error('not one document');
  const [fault] = document.errors;
  if (fault !== undefined) throw fault;
  const reader = new Reader(document);
  const list = bare ? document.contents : reader.get(document.contents, 'scrape_configs');
  if (!isSeq(list)) throw new Error('no scrape configs');
  const config = list.items.find((item) => reader.text(reader.get(item, 'job_name')) === job);
  if (!isMap(config)) throw new Error('no such job');
  const managed = config.items.find(({ key }) => reader.text(key) === 'static_configs');
  return {
    targets: reader.groups(managed?.value),
    rest: reader.shape(document.contents, managed),
  };
}

class Reader {
  readonly #document: Document;

  constructor(document: Document) {
    this.#document = document;
  }

  /** A scalar's text as written, undefined for null and for all else. */
  text(given: unknown): string | undefined {
    const node = this.#resolve(given);
    if (!isScalar(node) || node.value === null) return undefined;
    return node.source;
  }

  get(given: unknown, name: string): unknown {
    const node = this.#resolve(given);
    return isMap(node) ? this.#entries(node).get(name) : undefined;
  }

  groups(given: unknown): Target[] {
    const list = this.#resolve(given);
    if (!isSeq(list)) return [];
    return list.items.flatMap((group) => {
      const targets = this.#resolve(this.get(group, 'targets'));
      const labels = this.#resolve(this.get(group, 'labels'));
      const said = [...(isMap(labels) ? this.#entries(labels) : [])]
        .map(([name, value]) => [name, this.text(value)] as const)
        // To Prometheus an empty label is none.
        .filter(([, value]) => value !== undefined && value !== '');
      return (isSeq(targets) ? targets.items : [])
        .map((item) => this.text(item))
        .filter((address) => address !== undefined)
        .map((address) => ({ address, labels: Object.fromEntries(said) as Target['labels'] }));
    });
  }

  /** Everything as plain data, save for one pair. Aliases stay names, so that none can grow. */
  shape(given: unknown, without: Pair | undefined): unknown {
    const node = given as Node;
    if (isAlias(node)) return { alias: node.source };
    if (isScalar(node)) {
      return { text: node.source, null: node.value === null, tag: node.tag, anchor: node.anchor };
    }
    if (isSeq(node)) {
      return {
        list: node.items.map((item) => this.shape(item, without)),
        tag: node.tag,
        anchor: node.anchor,
      };
    }
    if (isMap(node)) {
      const pairs = node.items.filter((pair) => pair !== without);
      return {
        mapping: pairs.map(({ key, value }) => [
          this.shape(key, without),
          this.shape(value, without),
        ]),
        tag: node.tag,
        anchor: node.anchor,
      };
    }
    return null;
  }

  #entries(node: YAMLMap): Map<string, unknown> {
    const found = new Map<string, unknown>();
    const merges = node.items.filter(({ key }) => isScalar(key) && key.source === '<<');
    for (const { value } of merges) {
      const source = this.#resolve(value);
      if (isMap(source)) for (const [key, inner] of this.#entries(source)) found.set(key, inner);
    }
    for (const pair of node.items) {
      if (merges.includes(pair)) continue;
      found.set(this.text(pair.key) ?? '', pair.value);
    }
    return found;
  }

  #resolve(given: unknown): unknown {
    return isAlias(given) ? given.resolve(this.#document) : given;
  }
}
