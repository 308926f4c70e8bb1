import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { settingsSchema } from '../../../../src/commands/schema/json-schema.ts';
import type { Fault } from '../../../../src/fault.ts';
import { checkSettings } from '../../../../src/settings/parse.ts';
import { badSettings } from '../../settings/bad-settings.ts';
import { goodSettings } from '../../settings/good-settings.ts';
import { settingsWith, VALUES } from '../../settings/values.ts';
import { anySettings, wellShapedSettings } from './settings.ts';
import { accepts, formats } from './validator.ts';

const root = join(import.meta.dirname, '../../../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const yaml = (text: string) => parse(text, { merge: true, maxAliasCount: -1 });

/** Faults of our own validation. */
function faultsOf(raw: unknown): readonly string[] {
  try {
    checkSettings(raw, 'f', '/');
    return [];
  } catch (error) {
    return (error as Fault).details;
  }
}

const UNIQUE = 'a name or a list that occurs twice; JSON Schema compares whole items only';
const PLACEHOLDERS = 'names in a template against the groups of a pattern';
const YAML = 'not one YAML document: an editor reports that without a schema';

/** What the schema cannot express, and the faults that belong to it. */
const INEXPRESSIBLE: Readonly<Record<string, RegExp>> = {
  [UNIQUE]: /expected another (?:name|list): /,
  [PLACEHOLDERS]: /in braces, not \{|expected other group names: /,
  'the address of a target of also': /expected a target, such as host:9090 \(/,
};

/** Fixtures that the schema accepts, and why. */
const ACCEPTED: Readonly<Record<string, string>> = {
  'group-names': PLACEHOLDERS,
  'names-twice': UNIQUE,
  'one-document-of-two-formats': UNIQUE,
  'one-file-by-two-names': UNIQUE,
  'one-list-of-two-jobs': UNIQUE,
  'one-list-twice-in-a-job': UNIQUE,
  template: PLACEHOLDERS,
  'template-of-from': PLACEHOLDERS,
};
const UNREADABLE: Readonly<Record<string, string>> = {
  'key-twice': YAML,
  'not-yaml': YAML,
  'several-documents': YAML,
};

describe.each(Object.keys(badSettings))('%s.bad.yml', (name) => {
  const text = read(`test/unit/settings/fixtures/${name}.bad.yml`);
  if (name in UNREADABLE) {
    test('is not readable as YAML', () => {
      expect(() => yaml(text)).toThrow();
    });
  } else {
    test(name in ACCEPTED ? 'is beyond the schema' : 'is refused by the schema, too', () => {
      expect(accepts(yaml(text))).toBe(name in ACCEPTED);
    });
  }
});

describe('settings that are right', () => {
  const infra = readdirSync(join(root, 'infra'))
    .filter((name) => name.endsWith('.yml') && !name.endsWith('-template.yml'))
    .map((name) => [`infra/${name}`, read(`infra/${name}`)] as const);
  const documented = readdirSync(join(root, 'infra'), { recursive: true, encoding: 'utf8' })
    .map((path) => `infra/${path}`)
    .concat('README.md')
    .filter((path) => path.endsWith('.md'))
    .flatMap((path) =>
      [...read(path).matchAll(/^( *)```yaml\n([\s\S]*?)^ *```$/gm)]
        .filter(([, , block = '']) => /^ *jobs:$/m.test(block))
        .map(([, , block = ''], i) => [`${path}, ${i + 1}`, block] as const),
    );
  const inConfigMaps = ['cronjob.yaml'].flatMap((name) =>
    parseAllDocuments(read(`infra/kubernetes/${name}`)).flatMap((document) => {
      const text = document.toJS().data?.['federation-sync.yml'];
      return text === undefined ? [] : [[`infra/kubernetes/${name}`, text] as const];
    }),
  );
  const all = [...infra, ...documented, ...inConfigMaps, ...Object.entries(goodSettings)];

  test('are found in infra, the pages and the manifests', () => {
    expect([infra.length, documented.length, inConfigMaps.length]).toEqual([6, 4, 1]);
  });

  test.each(all)('of %s are accepted by both', (_, text) => {
    const raw = yaml(text);
    expect(faultsOf(raw)).toEqual([]);
    accepts(raw);
    expect(accepts.errors).toBeNull();
  });
});

describe('each value is accepted by the schema where our validation accepts it', () => {
  test.each(
    VALUES.flatMap(([path, good, bad]) =>
      [...good, ...bad].map((value) => [path.join('.'), value, path] as const),
    ),
  )('%s: %j', (_, value, path) => {
    const raw = settingsWith(path, value);
    expect(accepts(raw)).toBe(faultsOf(raw).length === 0);
  });
});

describe('the schema and our validation agree', () => {
  const expressible = (fault: string) =>
    !Object.values(INEXPRESSIBLE).some((kind) => kind.test(fault));
  const agree = (raw: unknown) => {
    const faults = faultsOf(raw).filter(expressible);
    expect({ accepted: accepts(raw), faults }).toMatchObject({ accepted: faults.length === 0 });
  };

  test('on settings with any faults', () => {
    fc.assert(fc.property(anySettings, agree), { numRuns: 500 });
  });

  test('on rules across keys', () => {
    const verdicts: boolean[] = [];
    fc.assert(
      fc.property(wellShapedSettings, (raw) => {
        agree(raw);
        verdicts.push(accepts(raw));
      }),
      { numRuns: 500 },
    );
    const accepted = verdicts.filter(Boolean).length / verdicts.length;
    expect(accepted).toBeGreaterThan(0);
    expect(accepted).toBeLessThan(0.9);
  });
});

/** The schemas of all keys, at any depth. */
// biome-ignore lint/suspicious/noExplicitAny: a schema is looked into by key
function keysOf(schema: any, path = ''): [string, any][] {
  const { properties = {}, items, anyOf = [], definitions = {} } = schema;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  const own = Object.entries<any>(properties).filter(([, value]) => typeof value === 'object');
  return [
    ...own.map(([key, value]): [string, unknown] => [`${path}.${key}`, value]),
    ...own.flatMap(([key, value]) => keysOf(value, `${path}.${key}`)),
    ...[items ?? [], anyOf].flat().flatMap((one) => keysOf(one, path)),
    ...Object.entries(definitions).flatMap(([key, value]) => keysOf(value, `${path}#${key}`)),
  ];
}

const keys = keysOf(settingsSchema());

test('every key has a description', () => {
  expect(keys.length).toBeGreaterThanOrEqual(90);
  for (const [path, { description }] of keys) expect(description, path).toMatch(/^[A-Zsw].*\.$/);
});

test('every example is a value that its key accepts', () => {
  const ajv = new Ajv({ strict: false, formats });
  ajv.addSchema(settingsSchema());
  const definitions = settingsSchema().definitions;
  const given = keys.filter(([, { examples }]) => examples);
  expect(given.length).toBeGreaterThan(50);
  for (const [path, schema] of given) {
    const validate = ajv.compile({ ...schema, definitions });
    for (const example of schema.examples) expect(validate(example), path).toBe(true);
  }
});

test('every default is what validation sets where the key is missing', () => {
  const withDefaults = (schema: object) =>
    new Ajv({ strict: false, formats, useDefaults: true }).compile(schema);
  const { definitions, properties } = settingsSchema();
  const raw = () => ({
    jobs: [
      {
        job: 'federate',
        from: [{ zone: 'Z1' }],
        select: { name: 'x' },
        expect: [{ eks: {} }],
        guard: {},
        to: {
          configMap: { namespace: 'a', name: 'b', key: 'c' },
          prometheus: { url: 'http://a' },
        },
      },
    ],
  });
  const filled = raw();
  // A validator fills in nothing below anyOf, so a place and a server are validated by themselves.
  const { anyOf, ...job } = properties.jobs.items;
  const [, server] = definitions.server.anyOf;
  const [{ to }] = filled.jobs as [ReturnType<typeof raw>['jobs'][number]];
  expect(withDefaults({ ...job, definitions })(filled.jobs[0])).toBe(true);
  expect(withDefaults({ ...definitions.place, definitions })(to)).toBe(true);
  expect(withDefaults(server)(to.prometheus)).toBe(true);
  expect(filled.jobs[0]).toMatchObject({ keep: '0s', guard: { maxRemoved: '20%' } });
  expect(to).toMatchObject({ format: 'static_configs', prometheus: { reload: false } });
  expect(checkSettings(filled, 'f', '/')).toEqual(checkSettings(raw(), 'f', '/'));
});
