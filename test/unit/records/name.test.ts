import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hostOf, orderKey, textOf } from '../../../src/records/name.ts';
import { canonicalName, nameOrder } from '../../support/emulators/aws/record-name.ts';

describe('the name of a record set', () => {
  test.each([
    ['prometheus1.example.com.', 'prometheus1.example.com'],
    ['prometheus1.example.com', 'prometheus1.example.com'],
    ['Prometheus1.Example.COM.', 'prometheus1.example.com'],
    ['\\052.prometheus.internal.', '*.prometheus.internal'],
    ['\\052', '*'],
    ['a\\040b.internal.', 'a b.internal'],
    // A dot inside a label and a backslash would say something else once they are decoded.
    ['a\\056b.internal.', 'a\\056b.internal'],
    ['a\\134b.internal.', 'a\\134b.internal'],
    // An octet is not a Unicode letter: only ASCII is folded.
    ['\\304.internal.', '\u00c4.internal'],
    ['\\101.internal.', 'a.internal'],
    // No octal escape: more than an octet, or no octal digits.
    ['\\777.internal.', '\\777.internal'],
    ['\\09a.internal.', '\\09a.internal'],
    ['.', ''],
    ['', ''],
  ])('%j is %j', (name, host) => {
    expect(hostOf(name)).toBe(host);
  });

  test('is the same however Route 53 would write it', () => {
    const label = fc.string({
      minLength: 1,
      maxLength: 8,
      unit: fc.constantFrom(...'aZ09-_*! '),
    });
    fc.assert(
      fc.property(fc.array(label, { minLength: 1, maxLength: 4 }), (labels) => {
        const name = labels.join('.');
        expect(hostOf(canonicalName(name))).toBe(hostOf(`${name}.`));
      }),
    );
  });
});

describe('the text of a name', () => {
  test.each([
    ['m\\303\\274nchen.internal.', 'münchen.internal'],
    ['\\052.internal.', '*.internal'],
    // Latin-1 is not UTF-8.
    ['m\\374nchen.internal.', 'münchen.internal'],
    ['münchen.internal.', 'münchen.internal'],
    ['東京.internal.', '東京.internal'],
    ['a.internal.', 'a.internal'],
  ])('%j is %j', (name, text) => {
    expect(textOf(hostOf(name))).toBe(text);
  });
});

describe('the order of names', () => {
  test('is that of the labels reversed, with the final dot', () => {
    expect(orderKey('a.prometheus.internal')).toBe('internal.prometheus.a.');
    expect(orderKey('prometheus-2.internal') < orderKey('a.prometheus.internal')).toBe(true);
  });

  test('keeps the names under one suffix together', () => {
    const label = fc.string({ minLength: 1, maxLength: 4, unit: fc.constantFrom(...'ab-_*0') });
    const names = fc.array(fc.array(label, { minLength: 1, maxLength: 3 }), { minLength: 1 });
    fc.assert(
      fc.property(names, (all) => {
        const hosts = [...new Set(all.map((labels) => [...labels, 'x'].join('.')))];
        const sorted = hosts.toSorted((a, b) => (orderKey(a) < orderKey(b) ? -1 : 1));
        const inside = sorted.map((host) => host === 'a.x' || host.endsWith('.a.x'));
        const edges = inside.filter((is, i) => is !== (inside[i - 1] ?? false)).length;
        expect(edges).toBeLessThanOrEqual(2);
      }),
    );
  });

  test("is the emulator's own", () => {
    const label = fc.string({ minLength: 1, maxLength: 4, unit: fc.constantFrom(...'ab-_*0') });
    const name = fc.array(label, { minLength: 1, maxLength: 3 }).map((it) => it.join('.'));
    fc.assert(
      fc.property(name, name, (a, b) => {
        expect(orderKey(hostOf(a)) < orderKey(hostOf(b))).toBe(nameOrder(a) < nameOrder(b));
      }),
    );
  });
});
