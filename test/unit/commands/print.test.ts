import { expect, test } from 'vitest';
import { outcomeLines } from '../../../src/commands/print.ts';
import { Fault } from '../../../src/fault.ts';
import { emptyOutcome, type Outcome } from '../../../src/report.ts';
import { World } from '../../support/fakes/world.ts';

const plain = (_: unknown, text: string) => text;
const [job] = new World().jobs();
const list = { job: job!, place: job!.to[0]! };
const b = { address: 'b:1', labels: {}, origins: [] };
const outcome = (more: Partial<Outcome>): Outcome => ({
  ...emptyOutcome(list, 'written'),
  pending: true,
  records: 1,
  targets: [b],
  difference: { added: [b], removed: [], changed: [] },
  ...more,
});
const last = (more: Partial<Outcome>) => outcomeLines(outcome(more), plain).at(-1)?.trim();

test.each<[string, Partial<Outcome>]>([
  ['written: 1 added, 0 removed, 0 changed; 1 record set, 1 target, 0 skipped', {}],
  [
    'written: 1 added, 0 removed, 0 changed; 1 record set, 1 target, 0 skipped, 2 conflicts',
    { conflicts: 2 },
  ],
  [
    'failed: nothing was written; 1 to add, 0 to remove, 0 to change; 1 record set, 1 target, 0 skipped',
    { status: 'failed', fault: new Fault('kubernetes-forbidden', 'x') },
  ],
  [
    'failed: unknown whether it was written; 1 to add, 0 to remove, 0 to change; 1 record set, 1 target, 0 skipped',
    { status: 'failed', fault: new Fault('write-unknown', 'x') },
  ],
  [
    'refused: 1 added, 0 removed, 0 changed, 1 removal withheld; 1 record set, 1 target, 0 skipped',
    { status: 'refused', withheld: [b], fault: new Fault('guard-max-removed', 'x') },
  ],
])('%s', (text, more) => {
  expect(last(more)).toBe(text);
});

test('what was not written is not among the changes', () => {
  const lines = outcomeLines(outcome({ status: 'failed', withheld: [b] }), plain);
  expect(lines.filter((line) => /^ {2}[+!]/.test(line))).toEqual([]);
});
