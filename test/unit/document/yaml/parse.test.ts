import { expect, test } from 'vitest';
import { parseYaml } from '../../../../src/document/yaml/parse.ts';
import type { FaultCode } from '../../../../src/fault.ts';

const MIB = 1024 * 1024;

test.each<[what: string, text: string, code: FaultCode, message: string]>([
  [
    'one character too many',
    '#'.repeat(4 * MIB + 1),
    'document-limits',
    'The document is larger than 4194304 characters.',
  ],
  [
    'one level too many',
    `a:\n  ${'['.repeat(100)}`,
    'document-limits',
    'The document is nested deeper than 100 levels (line 2, column 101).',
  ],
  [
    'an alias without an anchor',
    '- &a b\n- [*a, *b]',
    'document-broken',
    'The document is not valid YAML: unknown alias (line 2, column 8).',
  ],
  [
    'an alias without an anchor, on a line further left than YAML wants',
    'a: [\n*b]',
    'document-broken',
    'The document is not valid YAML: unknown alias (line 2, column 1).',
  ],
])('%s is refused', (_, text, code, message) => {
  expect(() => parseYaml(text)).toThrow(expect.objectContaining({ code, message }));
});

test('as many characters and levels as there may be', () => {
  expect(parseYaml('#'.repeat(4 * MIB)).root).toBeUndefined();
  expect(parseYaml('['.repeat(99) + ']'.repeat(99)).events).toHaveLength(200);
});
