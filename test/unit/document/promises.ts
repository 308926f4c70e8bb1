import { deepStrictEqual, ok, strictEqual } from 'node:assert';
import { openList } from '../../../src/document/document.ts';
import type { Target } from '../../../src/target.ts';
import type { Generated } from './generate.ts';
import { readIndependently } from './read-independently.ts';

/**
 * What must hold for any document and any targets: our reading is right, only the list changes, it then says
 * what was wanted, writing again changes nothing, and another parser agrees with all of it.
 */
export function checkPromises(document: Generated, wanted: readonly Target[]): void {
  const { text, job, format, untidy } = document;
  const targets = document.targets.map(withoutEmpty);
  const bare = format === 'scrape_configs';
  const list = openList(text, { format, job });
  deepStrictEqual(list.targets.map(plain), targets.map(plain));
  const before = readIndependently(text, job, bare);
  deepStrictEqual(before.targets.map(plain), targets.map(plain));
  if (!untidy) {
    strictEqual(list.write(targets), text);
    strictEqual(list.write([...targets].reverse()), text);
  }

  const written = list.write(wanted);
  const after = readIndependently(written, job, bare);
  deepStrictEqual(after.rest, before.rest);
  checkBytes(document, written);
  const again = openList(written, { format, job });
  if (written !== text) {
    deepStrictEqual(after.targets.map(plain), wanted.map(plain));
    deepStrictEqual(again.targets.map(plain), wanted.map(plain));
  }
  strictEqual(again.write(wanted), written);
  strictEqual(again.write([...wanted].reverse()), written);
}

/** As a value that compares: labels in order of their names. */
const plain = ({ address, labels }: Target) => [address, Object.entries(labels).sort()];

/** Prometheus ignores an empty label. */
const withoutEmpty = ({ address, labels }: Target): Target => ({
  address,
  labels: Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== '')),
});

function checkBytes({ text, before, after, keeps }: Generated, written: string): void {
  if (before === undefined || after === undefined) {
    let start = 0;
    while (start < text.length && text[start] === written[start]) start++;
    ok(written.endsWith(text.slice(start)), 'one insertion');
    return;
  }
  ok(written.startsWith(before), 'the text before the list');
  ok(written.endsWith(after), 'the text after the list');
  const inside = written.slice(before.length, written.length - after.length);
  let at = 0;
  for (const comment of keeps) {
    at = inside.indexOf(comment, at);
    ok(at >= 0, `the comment ${comment}`);
    at += comment.length;
  }
}
