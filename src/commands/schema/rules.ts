import { formats, hasJobs } from '../../formats.ts';
import { CLUSTER_LABEL } from '../../job.ts';
import { OF_ZONES } from '../../settings/cross-check.ts';
import { ONE_OF } from '../../settings/raw.ts';
import { OF_URLS } from '../../settings/reach-check.ts';

/** A JSON Schema (draft-07), or a part of one. */
export interface JsonSchema {
  // biome-ignore lint/suspicious/noExplicitAny: a schema is looked into by key
  [keyword: string]: any;
}

/*
 * settings/cross-check.ts and reach-check.ts as JSON Schema, as far as that can say it. Not: unique names and lists,
 * placeholders of a template against the groups of its pattern, addresses of `also`.
 */

const has = (...keys: readonly string[]): JsonSchema => ({ required: keys });
const is = (key: string, value: unknown): JsonSchema => ({
  required: [key],
  properties: { [key]: { const: value } },
});
const mustNot = (...keys: readonly string[]): JsonSchema => ({
  properties: Object.fromEntries(keys.map((key) => [key, false])),
});
const exactlyOne = (keys: readonly string[]): JsonSchema => ({
  oneOf: keys.map((key) => has(key)),
});
const when = (condition: JsonSchema, rule: JsonSchema, otherwise?: JsonSchema): JsonSchema => ({
  if: condition,
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  then: rule,
  ...(otherwise && { else: otherwise }),
});

/** For a value that is one or a list of them: each keyword of an object ignores lists, and the other way round. */
const each = (key: string, rule: JsonSchema): JsonSchema => ({
  properties: { [key]: { ...rule, items: rule } },
});

const roleOfExternalId = { dependencies: { externalId: ['roleArn'] } };
const noTime = { pattern: '^(?:0{1,6}[smhd]){1,4}$' };

const selectsByName = { ...has('select'), properties: { select: has('name') } };
const holdsJobs = {
  type: 'object',
  not: has('scrapeConfig'),
  properties: { format: { enum: formats.filter(hasJobs) } },
};
const hasCluster = has(CLUSTER_LABEL);

const job: readonly JsonSchema[] = [
  {
    anyOf: [has('from'), { ...has('also'), properties: { also: { minItems: 1 }, select: false } }],
  },
  // The pattern of each source is its own or the job's.
  {
    anyOf: [
      { not: has('from') },
      selectsByName,
      { properties: { from: { items: selectsByName } } },
    ],
  },
  { anyOf: [has('job'), { ...has('name'), ...each('to', { not: holdsJobs }) }] },
  // A file has no memory of past runs.
  when(
    { not: each('to', { not: { type: 'object', ...has('file') } }) },
    { properties: { keep: noTime, guard: { properties: { per: noTime } } } },
  ),
  when(has('expect'), {
    properties: { from: { items: { properties: { labels: hasCluster } } } },
    anyOf: [
      { properties: { from: { items: has('labels') } } },
      { properties: { labels: hasCluster } },
    ],
  }),
];

const place: readonly JsonSchema[] = [
  exactlyOne(ONE_OF.place),
  when(has('scrapeConfig'), mustNot('format', 'nudge')),
  when(has('file'), mustNot('nudge')),
  when(
    { not: has('scrapeConfig'), properties: { format: { const: 'static_configs' } } },
    { properties: { create: { const: false } } },
  ),
  when(
    { ...is('create', true), anyOf: [has('scrapeConfig'), is('format', 'scrape_configs')] },
    has('template'),
    mustNot('template'),
  ),
  when({ ...has('wait'), properties: { wait: { not: noTime } } }, has('prometheus')),
  when(
    is('format', 'thanos_endpoints'),
    each('prometheus', { properties: { reload: { const: false } } }),
  ),
];

/** Rules by the path of the mapping that they are for, without the indices of lists. */
export const RULES: Readonly<Record<string, readonly JsonSchema[]>> = {
  cluster: [exactlyOne(ONE_OF.cluster)],
  'cluster.eks': [roleOfExternalId],
  jobs: job,
  'jobs.from': [
    exactlyOne(ONE_OF.from),
    when(has('records'), mustNot(...OF_ZONES), roleOfExternalId),
  ],
  'jobs.expect': [exactlyOne(ONE_OF.expect)],
  'jobs.expect.eks': [roleOfExternalId],
  'jobs.to': place,
  'jobs.to.prometheus': [
    exactlyOne(ONE_OF.server),
    when(has('service'), mustNot(...OF_URLS)),
    { not: has('bearerToken', 'basicAuth') },
  ],
  'jobs.to.prometheus.bearerToken': [exactlyOne(ONE_OF.secret)],
  'jobs.to.prometheus.basicAuth.password': [exactlyOne(ONE_OF.secret)],
};
