import { settingsSchema } from '../../src/commands/schema/json-schema.ts';
import { type JsonSchema, RULES } from '../../src/commands/schema/rules.ts';
import { table } from './sections.ts';

/*
 * The reference of the settings, from the JSON Schema that `federation-sync schema` prints: a table for each mapping that
 * has a heading of its own, in which deeper keys are `eks.region`.
 */

/** Mappings with a heading of their own, by path, without the indices of lists. */
const HEADINGS: Readonly<Record<string, string>> = {
  '': '',
  cluster: 'cluster',
  jobs: 'jobs',
  'jobs.from': 'jobs: from',
  'jobs.select': 'jobs: select',
  'jobs.also': 'jobs: also',
  'jobs.expect': 'jobs: expect',
  'jobs.guard': 'jobs: guard',
  'jobs.to': 'jobs: to',
  'jobs.to.prometheus': 'jobs: to: prometheus',
};

/** The same keys as those of the job. */
const ELSEWHERE: Readonly<Record<string, string>> = { 'jobs.from.select': 'jobs.select' };

export function settingsReference(): string {
  const { definitions, ...schema } = settingsSchema();
  const parts: string[] = [];
  const mapping = (path: string, shape: JsonSchema) => {
    const heading = HEADINGS[path];
    const rows = rowsOf(shape, path, '');
    if (heading) parts.push(`### ${heading}`);
    if (heading) parts.push(`${shape.description}${ruleOf(path)}`);
    parts.push(table(['key', 'value, and what it means'], rows));
  };
  const rowsOf = (shape: JsonSchema, path: string, prefix: string): string[][] =>
    Object.entries<JsonSchema>(shape.properties).flatMap(([key, value]) => {
      const at = path === '' ? key : `${path}.${key}`;
      const whole = resolved(value);
      const inner = whole.items ? resolved(whole.items) : whole;
      const name = `\`${prefix}${key}\``;
      const required = shape.required?.includes(key) ? 'required; ' : '';
      const link = ELSEWHERE[at] ?? (at in HEADINGS ? at : undefined);
      const keys = inner.properties !== undefined && link === undefined;
      const kind = link === undefined ? kindOf(whole) : linkTo(link, value);
      const meaning = meaningOf(value) + (link === undefined ? ruleOf(at) : '');
      // Two columns: three are towers on a phone.
      const row = [name, `${required}${kind}${examplesOf(value)}.<br>${meaning}`];
      if (at in HEADINGS) later.push([at, { ...inner, description: value.description }]);
      return keys ? [row, ...rowsOf(inner, at, `${prefix}${key}.`)] : [row];
    });
  /** A list of mappings, or one of them, where the schema has both: the mapping. */
  const resolved = (shape: JsonSchema): JsonSchema => {
    if (shape.$ref) return resolved(definitions[shape.$ref.replace('#/definitions/', '')]);
    const found = shape.anyOf?.map(resolved).find((one: JsonSchema) => one.properties);
    return found ?? shape;
  };
  const later: [string, JsonSchema][] = [];
  mapping('', schema);
  for (let next = later.shift(); next !== undefined; next = later.shift()) mapping(...next);
  return parts.join('\n\n');
}

function linkTo(path: string, shape: JsonSchema): string {
  const anchor = (HEADINGS[path] ?? '').replaceAll(':', '').replaceAll(' ', '-');
  const kind = shape.items
    ? 'a list of mappings'
    : shape.anyOf
      ? 'a mapping, or a list of them'
      : 'a mapping';
  return `${kind}: [${HEADINGS[path]}](#${anchor})`;
}

const DURATION = /\[smhd\]/;

function kindOf({ type, enum: values, const: only, ...shape }: JsonSchema): string {
  if (shape.anyOf) return [...new Set(shape.anyOf.map(kindOf))].join(' or ');
  if (only !== undefined) return code(only);
  if (values) return values.map(code).join(', ');
  if (type === 'array') return shape.items.properties ? 'a list of mappings' : 'a list of text';
  if (type === 'object') return shape.properties ? 'a mapping' : 'a mapping of text';
  if (type === 'boolean') return 'true or false';
  if (type === 'integer') return 'a number';
  return DURATION.test(shape.pattern ?? '') ? 'a time' : 'text';
}

function examplesOf({ examples, enum: values }: JsonSchema): string {
  return examples && !values ? `, such as ${examples.map(code).join(', ')}` : '';
}

function meaningOf({ description, default: byDefault }: JsonSchema): string {
  return `${description}${byDefault === undefined ? '' : ` Default: ${code(byDefault)}.`}`;
}

/** Of a mapping in which exactly one of several keys must be there. */
function ruleOf(path: string): string {
  const one = RULES[path]?.find((rule) => rule.oneOf)?.oneOf;
  if (one === undefined) return '';
  return ` Exactly one of ${one.map(({ required }: JsonSchema) => code(required[0])).join(', ')}.`;
}

/** A value as it is written in YAML's flow style. */
function code(value: unknown): string {
  return `\`${flow(value)}\``;
}

function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(([key, one]) => `${key}: ${flow(one)}`);
    return `{ ${entries.join(', ')} }`;
  }
  const text = String(value);
  return typeof value === 'string' && /^[{[^*&!%@]|: /.test(text) ? `'${text}'` : text;
}
