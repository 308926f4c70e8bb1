import { type Format, hasJobs } from '../../formats.ts';
import type { Cluster, From } from '../../job.ts';
import type { Location } from '../../location.ts';
import type { Target } from '../../target.ts';
import { visible } from '../../wording.ts';
import type { Proposal } from './expect.ts';
import type { Suggestion } from './suggest.ts';

/** Settings to be written. */
export interface Draft {
  /** The path of the JSON Schema, relative to the settings, for editors. */
  readonly schema: string;
  /** Comment lines at the top. */
  readonly about: readonly string[];
  readonly cluster: Cluster | undefined;
  readonly jobs: readonly DraftJob[];
}

export interface DraftJob {
  readonly name: string;
  readonly format: Format;
  readonly location: Location;
  readonly suggestion: Suggestion;
  readonly expect?: Proposal | { readonly whyNot: string } | undefined;
  /** The name of a source in a comment: its zone's name. */
  readonly sourceName: (from: From) => string;
}

/** A federation-sync.yml with comments, as a person would write it. */
export function settingsText({ schema, about, cluster, jobs }: Draft): string {
  const modeline = `# yaml-language-server: $schema=${schema}`;
  const lines = [modeline, ...comment(about, ''), ...clusterLines(cluster), 'jobs:'];
  for (const job of jobs) lines.push(...jobLines(job));
  return `${lines.join('\n')}\n`;
}

function clusterLines(cluster: Cluster | undefined): string[] {
  if (cluster === undefined) return [''];
  if ('inCluster' in cluster) return ['cluster:', '  inCluster: true', ''];
  const [kind, values] =
    'eks' in cluster
      ? (['eks', cluster.eks] as const)
      : (['kubeconfig', cluster.kubeconfig] as const);
  return ['cluster:', `  ${kind}: ${flow(values)}`, ''];
}

function jobLines({ name, format, location, suggestion, expect, sourceName }: DraftJob): string[] {
  const { from, also, lost, notes, selectsNone } = suggestion;
  const [only] = from.length === 1 ? from : [];
  return [
    `  - ${hasJobs(format) ? 'job' : 'name'}: ${quoted(name)}`,
    ...comment(notes, '    '),
    '    from:',
    ...from.flatMap((one) => [
      `      - ${sourceText(one)} # ${sourceName(one)}`,
      ...(only ? [] : fromLines(one, '        ')),
    ]),
    ...(only ? fromLines(only, '    ') : []),
    ...alsoLines(also),
    ...expectLines(expect),
    ...(selectsNone
      ? [
          '    # No name matches yet, which is refused otherwise. Remove this once one does.',
          MIN_NONE,
        ]
      : []),
    ...comment(
      lost.map(
        ({ target, why }) => `The first sync changes ${JSON.stringify(target.address)}: ${why}.`,
      ),
      '    ',
    ),
    '    to:',
    `      ${locationText(location)}`,
    // The default, and the one that no setting names.
    ...(['static_configs', 'scrape_config'].includes(format) ? [] : [`      format: ${format}`]),
  ];
}

function fromLines({ select, target, labels }: From, indent: string): string[] {
  const { name, exclude } = select;
  const templates = Object.entries(labels);
  return [
    `${indent}select:`,
    `${indent}  name: ${quoted(name)}`,
    ...(exclude.length === 0
      ? []
      : [
          `${indent}  # These match, but are not in the current list. Remove one here to have it scraped.`,
          `${indent}  exclude:`,
          ...exclude.map((pattern) => `${indent}    - ${quoted(pattern)}`),
        ]),
    `${indent}target: ${quoted(target)}`,
    ...(templates.length === 0
      ? [`${indent}labels: {}`]
      : [
          `${indent}labels:`,
          ...templates.map(([label, value]) => `${indent}  ${label}: ${quoted(value)}`),
        ]),
  ];
}

function alsoLines(also: readonly Target[]): string[] {
  if (also.length === 0) return [];
  return [
    '    # In the list without a matching record, or with other labels than its record would have.',
    '    also:',
    ...also.flatMap(({ address, labels }) => [
      `      - targets: [${quoted(address)}]`,
      ...(Object.keys(labels).length === 0 ? [] : [`        labels: ${flow(labels)}`]),
    ]),
  ];
}

function expectLines(expect: DraftJob['expect']): string[] {
  if (expect === undefined || 'whyNot' in expect) return [];
  const { region, name, about } = expect;
  return [
    ...comment(about, '    '),
    '    expect:',
    `      - eks: ${flow({ region, ...(name !== undefined && { name }) })}`,
  ];
}

function sourceText({ source }: From): string {
  if ('records' in source) return `records: ${quoted(source.records)}`;
  return source.public ? `zone: ${source.zone}\n        public: true` : `zone: ${source.zone}`;
}

function locationText(location: Location): string {
  if (location.kind === 'file') return `file: ${quoted(location.written ?? location.path)}`;
  const { kind, ...object } = location;
  return `${kind}: ${flow(object)}`;
}

function flow(values: object): string {
  const pairs = Object.entries(values).map(([key, value]) => `${key}: ${quoted(String(value))}`);
  return `{ ${pairs.join(', ')} }`;
}

const MIN_NONE = '    guard: { minTargets: 0 }';

const WORD = /^(?!(?:true|false|null|yes|no|on|off|y|n)$)[a-z_][a-z0-9_./-]*$/i;

/** Text as a YAML scalar: in single quotes where it needs any, since patterns have many backslashes. */
function quoted(text: string): string {
  if (WORD.test(text)) return text;
  return /^[\x20-\x7e]*$/.test(text)
    ? `'${text.replaceAll("'", "''")}'`
    : visible(JSON.stringify(text));
}

function comment(lines: readonly string[], indent: string): string[] {
  return lines.map((line) => `${indent}# ${line.replace(/[^\x20-\x7e]/g, '?')}`.trimEnd());
}
