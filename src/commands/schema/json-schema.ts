import * as z from 'zod/mini';
import { SettingsFile } from '../../settings/schema.ts';
import { DYNAMIC, OSLS, PLACEHOLDER } from '../../settings/variables.ts';
import { version } from '../version.ts';
import { DESCRIPTIONS, type Description } from './descriptions.ts';
import { type JsonSchema, RULES } from './rules.ts';

/** Identifies the schema; it is in the package and need not be reachable. */
export const SCHEMA_ID = 'urn:route53-federation-sync:settings';

type Keys = Readonly<Record<string, Description & { readonly keys?: Keys }>>;

/** Where a part of the schema is: the keys of its path, and the parts that several places refer to. */
interface At {
  readonly path: string;
  readonly definitions: Record<string, JsonSchema>;
}

/**
 * The JSON Schema of federation-sync.yml: the shapes that validate the settings (settings/schema.ts), with their
 * descriptions, the rules across keys, and the short forms that parse.ts accepts.
 *
 * Draft-07, because that is what all versions of yaml-language-server (README: "Supports JSON Schema 7 and below" up to
 * 1.19) and JetBrains' editors read. No keyword outside that draft, so that strict validators accept it, too.
 */
export function settingsSchema(): JsonSchema {
  const { $schema, ...shape } = z.toJSONSchema(SettingsFile, {
    target: 'draft-07',
    io: 'input',
    unrepresentable: 'any',
  });
  const definitions = {};
  return {
    $schema,
    $id: SCHEMA_ID,
    $comment: `route53-federation-sync ${version}`,
    title: 'federation-sync.yml',
    description: 'Settings of route53-federation-sync.',
    ...mapping(shape, DESCRIPTIONS as Keys, { path: '', definitions }),
    definitions,
  };
}

/** The schema as a file. */
export function schemaText(): string {
  return `${JSON.stringify(settingsSchema(), null, 2)}\n`;
}

/** A mapping, with what its keys mean and the rules across them. */
function mapping(shape: JsonSchema, keys: Keys, { path, definitions }: At): JsonSchema {
  const properties = Object.entries<JsonSchema>(shape.properties).map(([key, value]) => {
    const { about, keys: inner, ...shown } = keys[key] ?? { about: '' };
    const at = { path: path === '' ? key : `${path}.${key}`, definitions };
    return [key, { description: about, ...shown, ...short(deeper(value, inner, at), at) }];
  });
  const rules = RULES[path];
  return {
    ...shape,
    properties: Object.fromEntries(properties),
    ...(rules && { allOf: rules }),
  };
}

function deeper(shape: JsonSchema, keys: Keys | undefined, at: At): JsonSchema {
  if (keys === undefined) return withoutVariables(shape, at.path);
  if (shape.type === 'array') return { ...shape, items: mapping(shape.items, keys, at) };
  return mapping(shape, keys, at);
}

/** `to` and `prometheus` may be one instead of a list, and a server may be its URL (parse.ts, withLists). */
function short(shape: JsonSchema, { path, definitions }: At): JsonSchema {
  if (path === 'jobs.to') {
    definitions.place = shape.items;
    const place = { $ref: '#/definitions/place' };
    return { anyOf: [place, { ...shape, items: place }] };
  }
  if (path === 'jobs.to.prometheus') {
    const { type, pattern, not } = shape.items.properties.url;
    definitions.server = { anyOf: [{ type, pattern, not }, shape.items] };
    const server = { $ref: '#/definitions/server' };
    return { anyOf: [server, { ...shape, items: server }] };
  }
  return shape;
}

/** Text that osls or CloudFormation would replace is refused (settings/variables.ts). */
function withoutVariables(shape: JsonSchema, path: string): JsonSchema {
  if (shape.type === 'string' && shape.enum === undefined) {
    const replaced = /\bselect\b/.test(path) ? OSLS : PLACEHOLDER;
    return { ...shape, not: { pattern: `${replaced.source}|${DYNAMIC.source}` } };
  }
  const { items, additionalProperties, anyOf } = shape;
  const inner = (one: JsonSchema) => withoutVariables(one, path);
  return {
    ...shape,
    ...(items && { items: inner(items) }),
    ...(additionalProperties && { additionalProperties: inner(additionalProperties) }),
    ...(anyOf && { anyOf: anyOf.map(inner) }),
  };
}
