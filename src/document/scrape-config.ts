import { Fault } from '../fault.ts';
import { Budget, keyText, mergedMappings, unsafe } from './yaml/merge-keys.ts';
import {
  children,
  hasAnchor,
  isAlias,
  isList,
  isMapping,
  isMergeKey,
  isNull,
  type Pair,
  pairs,
  resolve,
  scalarText,
  type Yaml,
} from './yaml/nodes.ts';
import type { NodeId } from './yaml/ranges.ts';

/** Where a job stands in its document. */
export interface ScrapeConfig {
  /** The list of all scrape configs. */
  readonly list: NodeId;
  /** The key `scrape_configs`, where the list stands under one. */
  readonly listKey: NodeId | undefined;
  /** The job's mapping. */
  readonly job: NodeId;
  readonly jobName: Pair;
  readonly staticConfigs: Pair | undefined;
  /** The job has relabel_configs: Prometheus then lets a target hold any text. */
  readonly relabelled: boolean;
}

/**
 * Finds the scrape config whose job_name is `job`: in the top-level `scrape_configs`, or, where `bare`, in
 * the list that is the whole document.
 *
 * Throws Fault `job-missing` (it names the jobs that are there), `job-twice`, and `document-unsafe` where a
 * change of the job's static_configs would not be a change of that one place: through an alias, an anchor
 * that is used elsewhere, a merge key, or a key that stands twice.
 */
export function findScrapeConfig(yaml: Yaml, job: string, bare: boolean): ScrapeConfig {
  const { list, listKey } = bare ? bareList(yaml) : underScrapeConfigs(yaml);
  const budget = new Budget();
  const configs = children(yaml, list).map((item) => ({
    item,
    names: jobNames(yaml, item, budget),
  }));
  const matching = configs.filter(({ names }) => names.includes(job));
  const [match] = matching;
  if (match === undefined) throw jobMissing(job, configs);
  if (matching.length > 1) {
    throw new Fault(
      'job-twice',
      `The document has ${matching.length} scrape configs named "${job}".`,
    );
  }
  if (isAlias(yaml, match.item)) throw unsafe(yaml, match.item, `the job "${job}" is an alias`);
  const found = {
    list,
    listKey,
    job: match.item,
    jobName: written(yaml, match.item, 'job_name', budget),
    staticConfigs: written(yaml, match.item, 'static_configs', budget),
    relabelled: isRelabelled(yaml, match.item, budget),
  };
  if (found.jobName === undefined) {
    throw unsafe(yaml, match.item, `the job "${job}" has no job_name of its own`);
  }
  refuseSharing(yaml, found.job, list, found.staticConfigs?.value);
  return { ...found, jobName: found.jobName };
}

function bareList(yaml: Yaml): { list: NodeId; listKey: undefined } {
  const list = yaml.root;
  if (list === undefined || isNull(yaml, list)) {
    throw new Fault('job-missing', 'The document is empty: it has no scrape configs.');
  }
  if (!isList(yaml, list)) throw unsafe(yaml, list, 'the document is no list of scrape configs');
  return { list, listKey: undefined };
}

function underScrapeConfigs(yaml: Yaml): { list: NodeId; listKey: NodeId } {
  const { root } = yaml;
  if (root === undefined || isNull(yaml, root)) {
    throw new Fault('job-missing', 'The document is empty: it has no scrape_configs.');
  }
  if (!isMapping(yaml, root))
    throw unsafe(yaml, root, 'the document is no mapping with scrape_configs');
  const pair = written(yaml, root, 'scrape_configs', new Budget());
  if (pair === undefined || isNull(yaml, pair.value)) {
    throw new Fault('job-missing', 'The document has no scrape_configs.');
  }
  if (isAlias(yaml, pair.value)) throw unsafe(yaml, pair.value, 'scrape_configs is an alias');
  if (!isList(yaml, pair.value)) throw unsafe(yaml, pair.value, 'scrape_configs is no list');
  return { list: pair.value, listKey: pair.key };
}

/**
 * The pair of that key as the mapping itself has it. Throws Fault `document-unsafe` where it stands twice, or
 * where a merge key gives it too and may win: for YAML a written key always wins, for the library that
 * Prometheus uses (go-yaml v2) whatever comes last does.
 */
function written(yaml: Yaml, mapping: NodeId, name: string, budget: Budget): Pair | undefined {
  const all = pairs(yaml, mapping);
  const found = all.filter(({ key }) => keyText(yaml, key) === name && !isMergeKey(yaml, key));
  const [pair, second] = found;
  if (second !== undefined) throw unsafe(yaml, second.key, `the key ${name} stands twice`);
  for (const merge of all) {
    if (!isMergeKey(yaml, merge.key) || (pair !== undefined && merge.key < pair.key)) continue;
    const given = [...merged(yaml, [merge], budget)].some((source) =>
      pairs(yaml, source).some(({ key }) => keyText(yaml, key) === name),
    );
    if (given) throw unsafe(yaml, merge.key, `a merge key gives ${name}`);
  }
  return pair;
}

/** Every mapping that the merge keys of these pairs reach, through further merge keys too; each once. */
function merged(yaml: Yaml, among: readonly Pair[], budget: Budget): Set<NodeId> {
  const reached = new Set<NodeId>();
  const open = [...among];
  for (let pair = open.pop(); pair !== undefined; pair = open.pop()) {
    budget.spend();
    if (!isMergeKey(yaml, pair.key)) continue;
    for (const source of mergedMappings(yaml, pair.value)) {
      budget.spend();
      if (reached.has(source)) continue;
      reached.add(source);
      for (const inner of pairs(yaml, source)) open.push(inner);
    }
  }
  return reached;
}

/** The names that a scrape config has or may have: one, or more where keys stand twice or are merged. */
function jobNames(yaml: Yaml, item: NodeId, budget: Budget): string[] {
  const config = resolve(yaml, item);
  if (!isMapping(yaml, config)) return [];
  budget.spend();
  const own = pairs(yaml, config);
  const names = namesIn(yaml, own);
  if (names.length > 0) return names;
  return [...merged(yaml, own, budget)].flatMap((source) => namesIn(yaml, pairs(yaml, source)));
}

function namesIn(yaml: Yaml, among: readonly Pair[]): string[] {
  return among
    .filter(({ key }) => keyText(yaml, key) === 'job_name')
    .map(({ value }) => scalarText(yaml, resolve(yaml, value)))
    .filter((name) => name !== undefined);
}

/** Prometheus lets `/` into the targets of a job with relabel_configs, and of no other. */
function isRelabelled(yaml: Yaml, job: NodeId, budget: Budget): boolean {
  const own = pairs(yaml, job).filter(({ key }) => keyText(yaml, key) === 'relabel_configs');
  const given =
    own.length > 0
      ? own
      : [...merged(yaml, pairs(yaml, job), budget)]
          .flatMap((source) => pairs(yaml, source))
          .filter(({ key }) => keyText(yaml, key) === 'relabel_configs');
  return given.some(({ value }) => {
    const list = resolve(yaml, value);
    return isList(yaml, list) && children(yaml, list).length > 0;
  });
}

/** Throws Fault `document-unsafe` where what would be changed is also read from elsewhere. */
function refuseSharing(yaml: Yaml, job: NodeId, list: NodeId, value: NodeId | undefined): void {
  if (value !== undefined) {
    if (isAlias(yaml, value)) throw unsafe(yaml, value, 'static_configs is an alias');
    if (hasAnchor(yaml, value)) throw unsafe(yaml, value, 'static_configs carries an anchor');
  }
  const first = value ?? -1;
  const end = value === undefined ? -1 : (yaml.next[value] as number);
  for (const [alias, node] of yaml.aliased) {
    if (node === job || node === list || node === yaml.root) {
      throw unsafe(yaml, alias, 'an alias repeats the job elsewhere');
    }
    if (node > first && node < end && !(alias > first && alias < end)) {
      throw unsafe(yaml, alias, 'an alias repeats a part of the list elsewhere');
    }
  }
}

const MAX_NAMES = 20;

function jobMissing(job: string, configs: readonly { readonly names: string[] }[]): Fault {
  const names = configs.flatMap((config) => config.names);
  const shown = names.slice(0, MAX_NAMES).map((name) => name.replace(/\p{C}/gu, '?').slice(0, 80));
  const more = names.length > shown.length ? ` and ${names.length - shown.length} more` : '';
  const there = names.length === 0 ? 'it has none' : `it has ${shown.join(', ')}${more}`;
  return new Fault('job-missing', `The document has no scrape config named "${job}": ${there}.`);
}
