import { type ReadRun, readRun, readShort } from './canonical-run.ts';
import { type Changed, checkWritten } from './check-edit.ts';
import { addToBlock, type Edit, linesOf, replaceInBlock } from './edit-block.ts';
import { addToFlow, replaceInFlow } from './edit-flow.ts';
import { styleFor } from './indentation.ts';
import type { ListOwner, ManagedList } from './managed-list.ts';
import { checkTag, type ListContent, readGroups } from './read-groups.ts';
import { sameList } from './same-list.ts';
import { findScrapeConfig, type ScrapeConfig } from './scrape-config.ts';
import { groupsOf, type TargetGroup } from './target-groups.ts';
import { endOfLine } from './yaml/lines.ts';
import { unsafe } from './yaml/merge-keys.ts';
import { contentStart, isFlow, isList, isNull, type Yaml } from './yaml/nodes.ts';
import { parseYaml } from './yaml/parse.ts';

/**
 * The static_configs of one job, in a prometheus.yml or in a bare list of scrape configs
 * (`owner.format: scrape_configs`), edited in place: bytes outside that value do not change.
 *
 * Throws Fault `document-*`, `job-missing` and `job-twice`; see parseYaml and findScrapeConfig.
 *
 * @param runs with one that never finds a run, everything is parsed: the result is the same
 */
export function openStaticConfigs(
  text: string,
  owner: ListOwner,
  runs: ReadRun = readRun,
): ManagedList {
  const run = runs(text, startOfList(text, owner.job));
  const short = readShort(run, (short) => open(short, owner));
  const ours = run !== undefined && short !== undefined && isListAt(short, run.start);
  const { yaml, config, targets, untidy, onlyGroup } = ours ? short : open(text, owner);
  const omitted = ours ? run.omitted : 0;
  return {
    targets,
    relabelled: config.relabelled,
    write(wanted) {
      if (!untidy && sameList(targets, wanted)) return text;
      const { edit, changed } = plan(yaml, config, groupsOf(wanted, onlyGroup));
      // The whole list is replaced, so what was omitted is within these.
      const written = text.slice(0, edit.start) + edit.text + text.slice(edit.end + omitted);
      const from = changed.withKey ? written.indexOf(':', edit.start) + 1 : edit.start;
      checkWritten(yaml, written, changed, wanted, runs(written, from));
      return written;
    },
  };
}

/** Where the list of the job appears to start, from the text alone; the end of the text if it is not clear. */
function startOfList(text: string, job: string): number {
  const names = [job, `'${job}'`, `"${job}"`];
  const [nameKey, listKey] = ['job_name:', 'static_configs:'];
  for (let key = text.indexOf(nameKey); key !== -1; key = text.indexOf(nameKey, key + 1)) {
    const name = text.slice(key + nameKey.length, endOfLine(text, key)).trim();
    if (names.includes(name)) {
      const list = text.indexOf(listKey, key);
      return list === -1 ? text.length : list + listKey.length;
    }
  }
  return text.length;
}

interface Opened extends ListContent {
  readonly yaml: Yaml;
  readonly config: ScrapeConfig;
}

function open(text: string, owner: ListOwner): Opened {
  const yaml = parseYaml(text);
  const config = findScrapeConfig(yaml, owner.job, owner.format === 'scrape_configs');
  return { yaml, config, ...read(yaml, config) };
}

/** The run may be the list of another job, or in a text. */
const isListAt = ({ yaml, config }: Opened, start: number) =>
  config.staticConfigs !== undefined && contentStart(yaml, config.staticConfigs.value) === start;

function read(yaml: Yaml, { staticConfigs }: ScrapeConfig): ListContent {
  if (staticConfigs === undefined) return { targets: [], untidy: false };
  const { value } = staticConfigs;
  if (isNull(yaml, value)) return { targets: [], untidy: false };
  if (!isList(yaml, value)) throw unsafe(yaml, value, 'static_configs must be a list');
  checkTag(yaml, value, value);
  return readGroups(yaml, value);
}

function plan(
  yaml: Yaml,
  config: ScrapeConfig,
  wanted: readonly TargetGroup[],
): { edit: Edit; changed: Changed } {
  const { job, jobName, staticConfigs } = config;
  const flow = isFlow(yaml, job);
  const style = styleFor(yaml, config);
  if (staticConfigs !== undefined) {
    const first = staticConfigs.value;
    return {
      edit: flow
        ? replaceInFlow(yaml, staticConfigs, wanted, job)
        : replaceInBlock(yaml, staticConfigs, linesOf(wanted, style)),
      changed: { first, end: yaml.next[first] as number, withKey: false },
    };
  }
  const first = flow ? (yaml.next[jobName.value] as number) : (yaml.next[job] as number) - 1;
  return {
    edit: flow
      ? addToFlow(yaml, job, jobName, wanted)
      : addToBlock(yaml, job, linesOf(wanted, style)),
    changed: { first, end: first, withKey: true },
  };
}
