import type { Target } from '../target.ts';
import { Budget, entries, unsafe } from './yaml/merge-keys.ts';
import {
  children,
  isAlias,
  isList,
  isMapping,
  isNull,
  resolve,
  scalarText,
  tagOf,
  type Yaml,
} from './yaml/nodes.ts';
import type { NodeId } from './yaml/ranges.ts';

/** The contents of a list of target groups. */
export interface ListContent {
  readonly targets: Target[];
  /** The list has a null group or address, which Prometheus may refuse. */
  readonly untidy: boolean;
  /** The labels of the group, where the list is one group. */
  readonly onlyGroup?: Target['labels'] | undefined;
}

/**
 * Reads a list of target groups (`- targets: [address]`, `labels: {name: value}`) the way Prometheus does:
 * every scalar is text as written (`0123`, `12e4`, `yes`), a null label is ignored, aliases and merge keys
 * are resolved. One target per address, in document order.
 *
 * Throws Fault `document-unsafe` for anything else, `document-limits` where aliases multiply it.
 * Source: https://prometheus.io/docs/prometheus/latest/configuration/configuration/#static_config
 */
export function readGroups(yaml: Yaml, list: NodeId): ListContent {
  const budget = new Budget();
  const targets: Target[] = [];
  let untidy = false;
  const groups: Target['labels'][] = [];
  for (const item of children(yaml, list)) {
    const group = resolve(yaml, item);
    budget.spend();
    if (isNull(yaml, group)) {
      untidy = true;
      continue;
    }
    if (!isMapping(yaml, group)) throw unsafe(yaml, item, 'a target group must be a mapping');
    checkTag(yaml, group, item);
    const fields = entries(yaml, group, budget);
    for (const key of fields.keys()) {
      if (key === 'targets' || key === 'labels') continue;
      const value = fields.get(key) as NodeId;
      throw unsafe(yaml, value, 'a target group must only have targets and labels');
    }
    const labels = readLabels(yaml, fields.get('labels'), budget);
    groups.push(labels);
    for (const address of readAddresses(yaml, fields.get('targets'), budget)) {
      if (address === '') untidy = true;
      else targets.push({ address, labels });
    }
  }
  return { targets, untidy, onlyGroup: groups.length === 1 ? groups[0] : undefined };
}

/** A null address is '', as in Prometheus. */
function readAddresses(yaml: Yaml, value: NodeId | undefined, budget: Budget): string[] {
  if (value === undefined) return [];
  const list = resolve(yaml, value);
  if (isNull(yaml, list)) return [];
  if (!isList(yaml, list)) throw unsafe(yaml, value, 'targets must be a list');
  checkTag(yaml, list, value);
  return children(yaml, list).map((item) => {
    budget.spend();
    return isNull(yaml, resolve(yaml, item)) ? '' : textOf(yaml, item, 'a target must be text');
  });
}

function readLabels(yaml: Yaml, value: NodeId | undefined, budget: Budget): Record<string, string> {
  if (value === undefined || isNull(yaml, resolve(yaml, value))) return {};
  const mapping = resolve(yaml, value);
  if (!isMapping(yaml, mapping)) throw unsafe(yaml, value, 'labels must be a mapping');
  checkTag(yaml, mapping, value);
  const labels: [string, string][] = [];
  for (const [name, node] of entries(yaml, mapping, budget)) {
    if (isNull(yaml, resolve(yaml, node))) continue;
    const text = textOf(yaml, node, 'a label value must be text');
    // Prometheus ignores a label without a value (data model, "Metric names and labels").
    if (text !== '') labels.push([name, text]);
  }
  // Not by assignment: `__proto__` is a valid label name.
  return Object.fromEntries(labels);
}

/** The text of a scalar, or of the one an alias stands for. */
export function textOf(yaml: Yaml, node: NodeId, otherwise: string): string {
  const scalar = resolve(yaml, node);
  const text = scalarText(yaml, scalar);
  if (text === undefined) throw unsafe(yaml, node, otherwise);
  checkTag(yaml, scalar, isAlias(yaml, node) ? node : scalar);
  return text;
}

/** Tags that change nothing. Others (`!!binary`, `!!set`, a local `!x`) change the meaning. */
const PLAIN_TAGS = ['', '!', '!!str', '!!seq', '!!map'];

/** Throws Fault `document-unsafe` where the node's tag changes its meaning. */
export function checkTag(yaml: Yaml, node: NodeId, place: NodeId): void {
  if (!PLAIN_TAGS.includes(tagOf(yaml, node)))
    throw unsafe(yaml, place, 'the tag changes the meaning of the value');
}
