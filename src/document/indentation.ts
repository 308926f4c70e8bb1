import { columnOf } from './yaml/lines.ts';
import { keyText } from './yaml/merge-keys.ts';
import {
  children,
  contentStart,
  isFlow,
  isList,
  isMapping,
  type Pair,
  pairs,
  startOf,
  type Yaml,
} from './yaml/nodes.ts';
import type { NodeId } from './yaml/ranges.ts';

/**
 * How a file indents a list of target groups, in columns:
 *
 *     static_configs:
 *       - targets:          item    2   from `static_configs` to its dashes
 *         - a.example.com.  dash    2   from a dash to what it introduces
 *         labels:           nested  0   from `targets` to its dashes
 *           clusterID: a    label   2   from `labels` to the names
 */
export interface ListStyle {
  readonly item: number;
  readonly dash: number;
  readonly nested: number;
  readonly label: number;
}

/** The article's own indentation (the example above). */
export const ARTICLE_STYLE: ListStyle = { item: 2, dash: 2, nested: 0, label: 2 };

/** A block list and its key. */
interface KeyedList {
  readonly key: NodeId;
  readonly list: NodeId;
}

/**
 * The style to write a job's list in: that of the current list, else that of another job's list,
 * else the dashes as in any list of the job, or as in scrape_configs; else the article's.
 */
export function styleFor(
  yaml: Yaml,
  place: {
    list: NodeId;
    listKey: NodeId | undefined;
    job: NodeId;
    staticConfigs: Pair | undefined;
  },
): ListStyle {
  const own = blockList(yaml, place.staticConfigs);
  if (own !== undefined) return styleOf(yaml, own);
  for (const config of children(yaml, place.list)) {
    const other = staticConfigsOf(yaml, config);
    if (other !== undefined) return styleOf(yaml, other);
  }
  const keyed =
    pairs(yaml, place.job)
      .map((pair) => blockList(yaml, pair) ?? listWithin(yaml, pair.value))
      .find((list) => list !== undefined) ??
    (place.listKey === undefined
      ? undefined
      : blockList(yaml, { key: place.listKey, value: place.list }));
  return keyed === undefined ? ARTICLE_STYLE : { ...ARTICLE_STYLE, item: dashColumns(yaml, keyed) };
}

function staticConfigsOf(yaml: Yaml, config: NodeId): KeyedList | undefined {
  if (!isMapping(yaml, config)) return undefined;
  const pair = pairs(yaml, config).find(({ key }) => keyText(yaml, key) === 'static_configs');
  return blockList(yaml, pair);
}

/** The first block list directly under a key of a mapping, such as `match[]` in `params`. */
function listWithin(yaml: Yaml, node: NodeId): KeyedList | undefined {
  if (!isMapping(yaml, node)) return undefined;
  return pairs(yaml, node)
    .map((pair) => blockList(yaml, pair))
    .find((list) => list !== undefined);
}

function blockList(yaml: Yaml, pair: Pair | undefined): KeyedList | undefined {
  if (pair === undefined || !isList(yaml, pair.value) || isFlow(yaml, pair.value)) return undefined;
  return { key: pair.key, list: pair.value };
}

function styleOf(yaml: Yaml, keyed: KeyedList): ListStyle {
  const style = { ...ARTICLE_STYLE, item: dashColumns(yaml, keyed) };
  const inLines = (node: NodeId) => isMapping(yaml, node) && !isFlow(yaml, node);
  const groups = children(yaml, keyed.list).filter(inLines);
  const [group] = groups;
  if (group === undefined) return style;
  const dash = column(yaml, group) - column(yaml, keyed.list);
  const field = (fits: (pair: Pair) => boolean): Pair | undefined => {
    for (const node of groups) {
      const found = pairs(yaml, node).find(fits);
      if (found) return found;
    }
    return undefined;
  };
  const targets = field((pair) => blockList(yaml, pair) !== undefined);
  const labels = field(({ value }) => inLines(value));
  return {
    item: style.item,
    dash: dash >= 2 && dash <= 8 ? dash : style.dash,
    nested: targets ? column(yaml, targets.value) - keyColumn(yaml, targets.key) : style.nested,
    label: labels ? column(yaml, labels.value) - keyColumn(yaml, labels.key) : style.label,
  };
}

const dashColumns = (yaml: Yaml, { key, list }: KeyedList) =>
  column(yaml, list) - keyColumn(yaml, key);

/** The column of the first dash or key. */
const column = (yaml: Yaml, node: NodeId) => columnOf(yaml.text, contentStart(yaml, node));

/** A key starts at its anchor or tag. */
const keyColumn = (yaml: Yaml, key: NodeId) => columnOf(yaml.text, startOf(yaml, key));
