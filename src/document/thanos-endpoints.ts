import type { Target } from '../target.ts';
import { checkRendered } from './file-sd.ts';
import type { ManagedList } from './managed-list.ts';
import { type ListContent, textOf } from './read-groups.ts';
import { sameList } from './same-list.ts';
import { Budget, entries, notOnlyOurs } from './yaml/merge-keys.ts';
import { children, isList, isMapping, isNull, resolve } from './yaml/nodes.ts';
import { parseYaml } from './yaml/parse.ts';
import { plainScalar } from './yaml/write-scalar.ts';

/**
 * The file of Thanos Query's --endpoint.sd-config-file, `endpoints: [{address: host:port}]`, with nothing else.
 * It has no labels, so only addresses count, each once. An empty text has no list yet.
 *
 * Throws Fault `document-broken` where it cannot be parsed, `document-unsafe` where it holds anything else
 * (`strict: true` too: it would be lost).
 * Source: https://thanos.io/tip/components/query.md/
 */
export function openThanosEndpoints(text: string): ManagedList {
  const { targets, untidy } = read(text);
  return {
    targets,
    relabelled: false,
    write(wanted) {
      const addresses = [...new Set(wanted.map(({ address }) => address))];
      const endpoints = addresses.map(toTarget);
      if (!untidy && sameList(targets, endpoints)) return text;
      const lines = addresses.map((address) => `- address: ${plainScalar(address)}\n`);
      const written = lines.length === 0 ? 'endpoints: []\n' : `endpoints:\n${lines.join('')}`;
      checkRendered(() => read(written).targets, endpoints);
      return written;
    },
  };
}

const toTarget = (address: string): Target => ({ address, labels: {} });

function read(text: string): ListContent {
  const yaml = parseYaml(text);
  const { root } = yaml;
  if (root === undefined || isNull(yaml, root)) return { targets: [], untidy: true };
  if (!isMapping(yaml, root))
    throw notOnlyOurs(yaml, root, 'the document must be a mapping with endpoints');
  const budget = new Budget();
  const fields = entries(yaml, root, budget);
  const value = fields.get('endpoints');
  for (const [key, other] of fields) {
    if (key !== 'endpoints')
      throw notOnlyOurs(yaml, other, 'the document must only have endpoints');
  }
  if (value === undefined || isNull(yaml, resolve(yaml, value))) {
    return { targets: [], untidy: true };
  }
  const list = resolve(yaml, value);
  if (!isList(yaml, list)) throw notOnlyOurs(yaml, value, 'endpoints must be a list');
  const targets = children(yaml, list).map((item) => {
    const endpoint = resolve(yaml, item);
    budget.spend();
    if (!isMapping(yaml, endpoint)) throw notOnlyOurs(yaml, item, 'an endpoint must be a mapping');
    const fields = entries(yaml, endpoint, budget);
    const address = fields.get('address');
    if (address === undefined || fields.size > 1) {
      throw notOnlyOurs(yaml, item, 'an endpoint must only have an address');
    }
    return toTarget(textOf(yaml, address, 'an address must be text'));
  });
  return { targets, untidy: false };
}
