import { EVENT_ID, SCALAR_STYLE } from 'js-yaml';
import { asFault, Fault } from '../fault.ts';
import type { Target } from '../target.ts';
import { blockList } from './block-list.ts';
import { type ReadRun, readRun, readShort } from './canonical-run.ts';
import { jsonGroups } from './edit-flow.ts';
import { ARTICLE_STYLE } from './indentation.ts';
import type { ManagedList } from './managed-list.ts';
import { refuseOtherFormat } from './other-format.ts';
import { type ListContent, readGroups } from './read-groups.ts';
import { sameInOrder, sameList } from './same-list.ts';
import { groupsOf, type TargetGroup } from './target-groups.ts';
import { notOnlyOurs } from './yaml/merge-keys.ts';
import { isList, isNull, type Yaml } from './yaml/nodes.ts';
import { parseYaml } from './yaml/parse.ts';

/**
 * A file of target groups for file_sd_configs, or Thanos's --store.sd-files: the document holds only the list,
 * so it is rendered as a whole. An empty text has no list yet.
 *
 * Throws Fault `document-broken` where it cannot be parsed, `document-unsafe` where it holds anything else.
 * Source: https://prometheus.io/docs/prometheus/latest/configuration/configuration/#file_sd_config
 *
 * @param runs with one that never finds a run, everything is parsed: the result is the same
 */
export function openFileSd(text: string, json: boolean, runs: ReadRun = readRun): ManagedList {
  const readWhole = (text: string) => readList(text, json);
  const read = (text: string) => readShort(runs(text, 0), readWhole) ?? readWhole(text);
  const { targets, untidy, onlyGroup } = read(text);
  return {
    targets,
    // The job that reads the file is in another document; the file itself may hold any text.
    relabelled: true,
    write(wanted) {
      if (!untidy && sameList(targets, wanted)) return text;
      const written = render(groupsOf(wanted, onlyGroup), json);
      checkRendered(() => read(written).targets, wanted);
      return written;
    },
  };
}

function render(groups: readonly TargetGroup[], json: boolean): string {
  if (json) return `${jsonGroups(groups, '  ')}\n`;
  return groups.length === 0 ? '[]\n' : `${blockList(groups, ARTICLE_STYLE, 0, '\n')}\n`;
}

function readList(text: string, json: boolean): ListContent {
  const yaml = parseYaml(text);
  // Where Prometheus expects JSON, an empty file is an error.
  if (yaml.root === undefined) return { targets: [], untidy: true };
  if (json) checkJson(text);
  if (isNull(yaml, yaml.root)) return { targets: [], untidy: true };
  refuseOtherFormat(yaml, 'file_sd');
  if (!isList(yaml, yaml.root))
    throw notOnlyOurs(yaml, yaml.root, 'the document must be a list of target groups');
  const content = readGroups(yaml, yaml.root);
  return { ...content, untidy: content.untidy || (json && hasOtherThanTexts(yaml)) };
}

/** JSON is valid YAML, but not vice versa, and Prometheus reads JSON where the name ends in .json. */
function checkJson(text: string): void {
  try {
    JSON.parse(text);
  } catch {
    // The exception quotes the text, so it is not kept as the cause.
    throw new Fault('document-broken', 'The document must be JSON, since its name ends in .json.');
  }
}

/** Prometheus reads `0123` as text in YAML, but refuses a number in place of a text in JSON. */
function hasOtherThanTexts(yaml: Yaml): boolean {
  return yaml.events.some(
    (event, node) =>
      event.type === EVENT_ID.SCALAR && event.style === SCALAR_STYLE.PLAIN && !isNull(yaml, node),
  );
}

/** Throws Fault `document-check` unless the document, read again, has the wanted targets. */
export function checkRendered(readAgain: () => Target[], wanted: readonly Target[]): void {
  let targets: Target[];
  try {
    targets = readAgain();
  } catch (error) {
    throw new Fault(
      'document-check',
      `The new document failed its check: ${asFault(error).message}`,
    );
  }
  if (!sameInOrder(targets, wanted)) {
    throw new Fault(
      'document-check',
      'The new document failed its check: the list does not have the wanted targets.',
    );
  }
}
