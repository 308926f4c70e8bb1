import fc from 'fast-check';
import { test } from 'vitest';
import { generate, generateWanted } from './generate.ts';
import { checkPromises } from './promises.ts';

test('whatever the document, only the list changes, and another parser agrees', () => {
  const bytes = (maxLength: number) => fc.uint8Array({ maxLength, size: 'max' });
  fc.assert(
    fc.property(bytes(500), bytes(30), (document, wanted) => {
      checkPromises(generate(document), generateWanted(wanted));
    }),
    { numRuns: 1000 },
  );
});
