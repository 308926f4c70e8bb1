import { loadAll } from 'js-yaml';
import { Fault } from '../fault.ts';
import { plainScalar } from '../scalar.ts';
import type { Target } from '../target.ts';
import { type Edit, endOfBlock, replaceInBlock } from './edit-block.ts';
import { checkRendered } from './file-sd.ts';
import type { ManagedList } from './managed-list.ts';
import { refuseOtherFormat } from './other-format.ts';
import { textOf } from './read-groups.ts';
import { sameList } from './same-list.ts';
import { columnOf } from './yaml/lines.ts';
import { Budget, entries, notOnlyOurs, unsafe } from './yaml/merge-keys.ts';
import {
  children,
  contentStart,
  isFlow,
  isList,
  isMapping,
  isNull,
  type Pair,
  pairs,
  resolve,
  scalarText,
  type Yaml,
} from './yaml/nodes.ts';
import { parseYaml } from './yaml/parse.ts';
import type { NodeId } from './yaml/ranges.ts';

interface Endpoints {
  readonly yaml: Yaml;
  readonly targets: Target[];
  readonly untidy: boolean;
  /** The list's key and value. */
  readonly pair?: Pair | undefined;
  /** Endpoints with settings of their own (`client_config`, `group`, `strict`), by address. */
  readonly configured: ReadonlyMap<string, NodeId>;
  /** The document has other keys, such as `default_client_config`. */
  readonly hasMore: boolean;
}

/**
 * The file of Thanos Query's --endpoint.sd-config-file, `endpoints: [{address: host:port}]`. It has no labels, so
 * only addresses count, each once. An empty text has no list yet.
 *
 * A document of addresses alone is rendered as a whole. Where it has more, only the list is replaced, and the
 * endpoints that stay keep their settings:
 *
 *     default_client_config: ...       stays
 *     endpoints:
 *     - address: a:10901               stays, with
 *       client_config: ...             its settings
 *     - address: b:10901               goes, with them
 *     - address: c:10901               a new one has none
 *
 * Throws Fault `document-broken` where it cannot be parsed, `document-format` where it is another kind of document,
 * `document-unsafe` where the list cannot be replaced alone.
 * Source: https://thanos.io/tip/components/query.md/
 */
export function openThanosEndpoints(text: string): ManagedList {
  const list = read(text);
  return {
    targets: list.targets,
    relabelled: false,
    write(wanted) {
      const addresses = [...new Set(wanted.map(({ address }) => address))];
      const endpoints = addresses.map(toTarget);
      if (!list.untidy && sameList(list.targets, endpoints)) return text;
      const isWhole = !list.hasMore && list.configured.size === 0;
      const written = isWhole ? rendered(addresses) : edited(list, addresses);
      checkRendered(() => read(written).targets, endpoints);
      if (!isWhole) checkRest(text, written);
      return written;
    },
  };
}

const toTarget = (address: string): Target => ({ address, labels: {} });
const line = (address: string) => `- address: ${plainScalar(address)}`;

function rendered(addresses: readonly string[]): string {
  if (addresses.length === 0) return 'endpoints: []\n';
  return `endpoints:\n${addresses.map((address) => `${line(address)}\n`).join('')}`;
}

/** The document with another list, in which endpoints with settings are written as they are. */
function edited({ yaml, pair, configured }: Endpoints, addresses: readonly string[]): string {
  const root = yaml.root as NodeId;
  if (isFlow(yaml, root) || yaml.aliased.size > 0) {
    throw unsafe(yaml, root, 'with settings, it must be written in lines, without aliases');
  }
  if (!pair) {
    throw unsafe(yaml, root, 'it has settings, but no endpoints', 'Add endpoints: [] to it.');
  }
  const items = addresses.map((address) => {
    const node = configured.get(address);
    return node === undefined ? line(address) : itemText(yaml, pair.value, node);
  });
  const edit: Edit = replaceInBlock(yaml, pair, {
    isEmpty: items.length === 0,
    indent: 0,
    text: (column, lineBreak) => items.join(lineBreak + ' '.repeat(column)),
  });
  return yaml.text.slice(0, edit.start) + edit.text + yaml.text.slice(edit.end);
}

/** An item from its dash to the end of its last line. */
function itemText(yaml: Yaml, list: NodeId, item: NodeId): string {
  const { text } = yaml;
  const start = contentStart(yaml, item);
  if (isFlow(yaml, list)) return `- ${text.slice(start, yaml.end[item])}`;
  const inside = columnOf(text, contentStart(yaml, list)) + 1;
  return text.slice(text.lastIndexOf('-', start), endOfBlock(yaml, item, inside, inside));
}

/** Throws Fault `document-check` unless everything but which endpoints there are is as before. */
function checkRest(before: string, after: string): void {
  const [was, is] = [parsed(before), parsed(after)];
  const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
  const kept = is.endpoints.every((endpoint) => {
    const old = was.endpoints.find(({ address }) => address === endpoint.address);
    return same(endpoint, old ?? { address: endpoint.address });
  });
  if (!kept || !same(was.rest, is.rest)) {
    throw new Fault('document-check', 'The edited document failed its check: a setting changed.');
  }
}

function parsed(text: string) {
  const { endpoints, ...rest } = loadAll(text)[0] as {
    readonly endpoints: readonly { readonly address: string }[] | null;
  };
  return { rest, endpoints: endpoints ?? [] };
}

function read(text: string): Endpoints {
  const yaml = parseYaml(text);
  const { root } = yaml;
  const none = { yaml, targets: [], untidy: true, configured: new Map(), hasMore: false };
  if (root === undefined || isNull(yaml, root)) return none;
  refuseOtherFormat(yaml, 'thanos_endpoints');
  if (!isMapping(yaml, root))
    throw notOnlyOurs(yaml, root, 'the document must be a mapping with endpoints');
  const budget = new Budget();
  const fields = entries(yaml, root, budget);
  const value = fields.get('endpoints');
  const hasMore = fields.size > (value === undefined ? 0 : 1);
  const pair = pairs(yaml, root).find(({ key }) => scalarText(yaml, key) === 'endpoints');
  if (value === undefined || isNull(yaml, resolve(yaml, value))) return { ...none, hasMore, pair };
  const list = resolve(yaml, value);
  if (!isList(yaml, list)) throw notOnlyOurs(yaml, value, 'endpoints must be a list');
  const configured = new Map<string, NodeId>();
  const targets = children(yaml, list).map((item) => {
    const endpoint = resolve(yaml, item);
    budget.spend();
    if (!isMapping(yaml, endpoint)) throw notOnlyOurs(yaml, item, 'an endpoint must be a mapping');
    const fields = entries(yaml, endpoint, budget);
    const value = fields.get('address');
    if (value === undefined) throw notOnlyOurs(yaml, item, 'an endpoint must have an address');
    const address = textOf(yaml, value, 'an address must be text');
    if (fields.size > 1 && !configured.has(address)) configured.set(address, item);
    return toTarget(address);
  });
  return { yaml, targets, untidy: false, pair, configured, hasMore };
}
