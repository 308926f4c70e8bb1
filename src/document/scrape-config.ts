import { Fault } from '../fault.ts';
import { refuseOtherFormat } from './other-format.ts';
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

/** Where a job is in its document. */
export interface ScrapeConfig {
  /** The list of all scrape configs. */
  readonly list: NodeId;
  /** The key `scrape_configs`, where the list has one. */
  readonly listKey: NodeId | undefined;
  /** The job's mapping. */
  readonly job: NodeId;
  readonly jobName: Pair;
  readonly staticConfigs: Pair | undefined;
  /** The job has relabel_configs: Prometheus then accepts any text as a target. */
  readonly relabelled: boolean;
}

/**
 * Finds the scrape config with the job_name `job`: in the top-level `scrape_configs`, or, if `bare`, in
 * a document that is a list of scrape configs.
 *
 * Throws Fault `job-missing` (with the names of the jobs found), `job-twice`, and `document-unsafe` where a
 * change to the job's static_configs would also change something else: through an alias, an anchor
 * that is used elsewhere, a merge key, or a duplicate key.
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
  if (isAlias(yaml, match.item))
    throw unsafe(yaml, match.item, `the job "${job}" must not be an alias`);
  const found = {
    list,
    listKey,
    job: match.item,
    jobName: written(yaml, match.item, 'job_name', budget),
    staticConfigs: written(yaml, match.item, 'static_configs', budget),
    relabelled: isRelabelled(yaml, match.item, budget),
  };
  if (found.jobName === undefined) {
    throw unsafe(yaml, match.item, `the job "${job}" must have its own job_name`);
  }
  refuseSharing(yaml, found.job, list, found.staticConfigs?.value);
  return { ...found, jobName: found.jobName };
}

function bareList(yaml: Yaml): { list: NodeId; listKey: undefined } {
  const list = yaml.root;
  if (list === undefined || isNull(yaml, list)) {
    throw new Fault('job-missing', 'The document is empty: it has no scrape configs.');
  }
  refuseOtherFormat(yaml, 'scrape_configs');
  if (!isList(yaml, list))
    throw unsafe(yaml, list, 'the document must be a list of scrape configs');
  return { list, listKey: undefined };
}

function underScrapeConfigs(yaml: Yaml): { list: NodeId; listKey: NodeId } {
  const { root } = yaml;
  if (root === undefined || isNull(yaml, root)) {
    throw new Fault('job-missing', 'The document is empty: it has no scrape_configs.');
  }
  refuseOtherFormat(yaml, 'static_configs');
  if (!isMapping(yaml, root))
    throw unsafe(yaml, root, 'the document must be a mapping with scrape_configs');
  const pair = written(yaml, root, 'scrape_configs', new Budget());
  if (pair === undefined || isNull(yaml, pair.value)) {
    throw new Fault('job-missing', 'The document has no scrape_configs.');
  }
  if (isAlias(yaml, pair.value))
    throw unsafe(yaml, pair.value, 'scrape_configs must not be an alias');
  if (!isList(yaml, pair.value)) throw unsafe(yaml, pair.value, 'scrape_configs must be a list');
  return { list: pair.value, listKey: pair.key };
}

/**
 * The pair of that key in the mapping itself. Throws Fault `document-unsafe` where the key is a duplicate, or
 * where a merge key sets it too and may win: in YAML a written key always wins, in the library that
 * Prometheus uses (go-yaml v2) the last one does.
 */
function written(yaml: Yaml, mapping: NodeId, name: string, budget: Budget): Pair | undefined {
  const all = pairs(yaml, mapping);
  const found = all.filter(({ key }) => keyText(yaml, key) === name && !isMergeKey(yaml, key));
  const [pair, second] = found;
  if (second !== undefined) throw unsafe(yaml, second.key, `duplicate key ${name}`);
  for (const merge of all) {
    if (!isMergeKey(yaml, merge.key) || (pair !== undefined && merge.key < pair.key)) continue;
    const given = [...merged(yaml, [merge], budget)].some((source) =>
      pairs(yaml, source).some(({ key }) => keyText(yaml, key) === name),
    );
    if (given) throw unsafe(yaml, merge.key, `a merge key sets ${name}`);
  }
  return pair;
}

/** Every mapping that the merge keys of these pairs reach, directly or through merge keys; each once. */
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

/** The names that a scrape config has or may have: several where keys are duplicate or merged. */
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

/** Prometheus allows `/` only in the targets of a job with relabel_configs. */
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

/** Throws Fault `document-unsafe` where an alias elsewhere repeats what would be changed. */
function refuseSharing(yaml: Yaml, job: NodeId, list: NodeId, value: NodeId | undefined): void {
  if (value !== undefined) {
    if (isAlias(yaml, value)) throw unsafe(yaml, value, 'static_configs must not be an alias');
    if (hasAnchor(yaml, value)) throw unsafe(yaml, value, 'static_configs must not have an anchor');
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
  const known = names.length === 0 ? 'it has none' : `it has ${shown.join(', ')}${more}`;
  return new Fault('job-missing', `The document has no scrape config named "${job}": ${known}.`);
}
