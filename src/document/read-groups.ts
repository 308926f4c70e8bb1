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

/** What a list of target groups says. */
export interface ListContent {
  readonly targets: Target[];
  /** Something stands there that says nothing and that Prometheus may refuse: a null group or address. */
  readonly untidy: boolean;
}

/**
 * Reads a list of target groups (`- targets: [address]`, `labels: {name: value}`) the way Prometheus does:
 * every scalar is text as written (`0123`, `12e4`, `yes`), a label of null is no label, aliases and merge keys
 * are resolved. One target per address, in document order.
 *
 * Throws Fault `document-unsafe` on what is no such list, `document-limits` where aliases multiply it.
 * Source: https://prometheus.io/docs/prometheus/latest/configuration/configuration/#static_config
 */
export function readGroups(yaml: Yaml, list: NodeId): ListContent {
  const budget = new Budget();
  const targets: Target[] = [];
  let untidy = false;
  for (const item of children(yaml, list)) {
    const group = resolve(yaml, item);
    budget.spend();
    if (isNull(yaml, group)) {
      untidy = true;
      continue;
    }
    if (!isMapping(yaml, group)) throw unsafe(yaml, item, 'a target group is no mapping');
    checkTag(yaml, group, item);
    const fields = entries(yaml, group, budget);
    for (const key of fields.keys()) {
      if (key === 'targets' || key === 'labels') continue;
      const value = fields.get(key) as NodeId;
      throw unsafe(yaml, value, 'a target group holds more than targets and labels');
    }
    const labels = readLabels(yaml, fields.get('labels'), budget);
    for (const address of readAddresses(yaml, fields.get('targets'), budget)) {
      if (address === '') untidy = true;
      else targets.push({ address, labels });
    }
  }
  return { targets, untidy };
}

/** A null address reads as '', as it does for Prometheus. */
function readAddresses(yaml: Yaml, value: NodeId | undefined, budget: Budget): string[] {
  if (value === undefined) return [];
  const list = resolve(yaml, value);
  if (isNull(yaml, list)) return [];
  if (!isList(yaml, list)) throw unsafe(yaml, value, 'targets are no list');
  checkTag(yaml, list, value);
  return children(yaml, list).map((item) => {
    budget.spend();
    return isNull(yaml, resolve(yaml, item)) ? '' : textOf(yaml, item, 'a target is no text');
  });
}

function readLabels(yaml: Yaml, value: NodeId | undefined, budget: Budget): Record<string, string> {
  if (value === undefined || isNull(yaml, resolve(yaml, value))) return {};
  const mapping = resolve(yaml, value);
  if (!isMapping(yaml, mapping)) throw unsafe(yaml, value, 'labels are no mapping');
  checkTag(yaml, mapping, value);
  const labels: [string, string][] = [];
  for (const [name, node] of entries(yaml, mapping, budget)) {
    if (isNull(yaml, resolve(yaml, node))) continue;
    const text = textOf(yaml, node, "a label's value is no text");
    // To Prometheus a label without a value is no label (data model, "Metric names and labels").
    if (text !== '') labels.push([name, text]);
  }
  // Not by assignment: `__proto__` is a label name like any other.
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

/** Tags that change nothing. Others (`!!binary`, `!!set`, a local `!x`) would need a meaning of their own. */
const PLAIN_TAGS = ['', '!', '!!str', '!!seq', '!!map'];

/** Throws Fault `document-unsafe` where the node's tag gives it another meaning. */
export function checkTag(yaml: Yaml, node: NodeId, place: NodeId): void {
  if (!PLAIN_TAGS.includes(tagOf(yaml, node)))
    throw unsafe(yaml, place, 'a tag gives it another meaning');
}
