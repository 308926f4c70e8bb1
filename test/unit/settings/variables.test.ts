// biome-ignore-all lint/suspicious/noTemplateCurlyInString: such texts are the subject of these tests.
import { createRequire } from 'node:module';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { settingsFromEnvironment } from '../../../src/settings/environment.ts';
import { parseSettings } from '../../../src/settings/parse.ts';
import { replacedVariables } from '../../../src/settings/variables.ts';

/** The packager's own parser: what it finds in a text, or null. */
const parse = createRequire(import.meta.url)('osls/lib/configuration/variables/parse.js') as (
  text: string,
) => { sources?: unknown }[] | null;

function oslsReplaces(text: string): boolean {
  try {
    return parse(text)?.some(({ sources }) => sources !== undefined) ?? false;
  } catch {
    return true; // packaging fails
  }
}

const inPattern = (name: string) => replacedVariables({ select: { name } });
const isRegExp = (text: string) => {
  try {
    return new RegExp(text).source !== '';
  } catch {
    return false;
  }
};

describe('a regular expression', () => {
  test.each([
    '^(?<clusterID>[^.]+)\\.prometheus\\.internal$',
    '^[^.]{1,63}\\.internal$',
    '(a|b$)|c{2}',
    '^a\\${2}\\.internal$',
    '^[$]{2}x',
    '^[$]{env:X}$',
    '^\\$[{]env:X}$',
    '^x{2,}$',
    '${2}',
    '${}',
    '${label}',
    '$',
  ])('%s is accepted, and osls leaves it alone', (pattern) => {
    expect(inPattern(pattern)).toEqual([]);
    expect(oslsReplaces(pattern)).toBe(false);
  });

  test('with anything that osls would replace is refused', () => {
    const piece = fc.constantFrom(
      ...['${', '}', '$', '{', ':', '(', ')', 'env', 'A', '\\', '.', '"', ' ', ',', '1', '^'],
    );
    const pieces = fc.array(piece, { maxLength: 4 }).map((all) => all.join(''));
    const source = fc.constantFrom('env:A', 'file(a)', 'self:a.b', 'param:', 'a-b:1, 2', 'A:b', '');
    const text = fc
      .tuple(pieces, source, pieces)
      .map(([before, variable, after]) => `${before}\${${variable}}${after}`);
    let replaced = 0;
    fc.assert(
      fc.property(text, (pattern) => {
        if (!oslsReplaces(pattern) || !isRegExp(pattern)) return;
        replaced += 1;
        expect(inPattern(pattern)).toHaveLength(1);
      }),
      { numRuns: 10_000, seed: 13 },
    );
    expect(replaced).toBeGreaterThan(1_000);
  });

  test('that is refused could not match anything with its ${', () => {
    for (const refused of ['^${env:X}', 'a${file(x)}']) {
      expect(inPattern(refused)).toHaveLength(1);
      for (const name of ['', 'a', '${env:X}', 'a${file(x)}', '{env:X}']) {
        expect(new RegExp(refused).test(name)).toBe(false);
      }
    }
  });
});

test('variables of the environment are named', () => {
  const env = {
    HOSTED_ZONE_ID: 'Z1',
    CLUSTER_NAME: 'central',
    CONFIG_MAP_NAME: 'prometheus-server',
    NAME_PATTERN: '^${env:X}$',
    PROMETHEUS_JOB_NAME: 'federate-${env:TOKEN}',
  };
  expect(() => settingsFromEnvironment(env)).toThrow(
    /^the environment: NAME_PATTERN: found .*; the environment: PROMETHEUS_JOB_NAME: found "federate-\$\{env:TOKEN\}"/,
  );
});

test('a comment may mention them', () => {
  const text = `
# \${env:X}
jobs:
  - { job: a, from: [{ zone: Z1 }], select: { name: '[.]internal$' }, to: { file: a.yml } }
`;
  expect(parseSettings(text, 'federation-sync.yml', '/').jobs).toHaveLength(1);
});
