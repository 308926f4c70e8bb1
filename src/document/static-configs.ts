import { type Changed, checkEdit } from './check-edit.ts';
import { addToBlock, type Edit, linesOf, replaceInBlock } from './edit-block.ts';
import { addToFlow, replaceInFlow } from './edit-flow.ts';
import { styleFor } from './indentation.ts';
import type { ListOwner, ManagedList } from './managed-list.ts';
import { checkTag, type ListContent, readGroups } from './read-groups.ts';
import { sameList } from './same-list.ts';
import { findScrapeConfig, type ScrapeConfig } from './scrape-config.ts';
import { groupsOf, type TargetGroup } from './target-groups.ts';
import { unsafe } from './yaml/merge-keys.ts';
import { isFlow, isList, isNull, type Yaml } from './yaml/nodes.ts';
import { parseYaml } from './yaml/parse.ts';

/**
 * The static_configs of one job, in a prometheus.yml or in a bare list of scrape configs
 * (`owner.format: scrape_configs`), edited in place: bytes outside that value do not change.
 *
 * Throws Fault `document-*`, `job-missing` and `job-twice`; see parseYaml and findScrapeConfig.
 */
export function openStaticConfigs(text: string, owner: ListOwner): ManagedList {
  const yaml = parseYaml(text);
  const config = findScrapeConfig(yaml, owner.job, owner.format === 'scrape_configs');
  const { targets, untidy, onlyGroup } = read(yaml, config);
  return {
    targets,
    relabelled: config.relabelled,
    write(wanted) {
      if (!untidy && sameList(targets, wanted)) return text;
      const { edit, changed } = plan(yaml, config, groupsOf(wanted, onlyGroup));
      const written = text.slice(0, edit.start) + edit.text + text.slice(edit.end);
      checkEdit(yaml, written, changed, wanted);
      return written;
    },
  };
}

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
