import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RecordSet } from '../../../src/records/record-set.ts';
import { checkSettings } from '../../../src/settings/parse.ts';
import { sync } from '../../../src/sync.ts';
import { Store } from '../../support/fakes/store.ts';
import { configMap, summarize } from '../../support/fakes/world.ts';
import { generate } from '../document/generate.ts';
import { readIndependently } from '../document/read-independently.ts';

const PLACE = configMap('monitoring/prometheus:prometheus.yml');
const signal = new AbortController().signal;

/** A job that owns the list of a generated document, and lets everything go. */
function jobOf(format: string, job: string) {
  return checkSettings(
    {
      jobs: [
        {
          name: 'generated',
          job,
          from: [{ zone: 'Z1' }, { zone: 'Z2', labels: { clusterID: '{label}', zone: '{zone}' } }],
          select: { name: '^(?<env>[a-z*]+)[0-9]*\\.' },
          target: '{host}:9090',
          labels: { clusterID: '{label}', env: '{env}' },
          also: [{ targets: ['central:80'], labels: { clusterID: '0123' } }],
          guard: { maxRemoved: '100%', minTargets: 0, adopt: 'replace' },
          to: {
            configMap: { namespace: 'monitoring', name: 'prometheus', key: 'prometheus.yml' },
            format,
          },
        },
      ],
    },
    'test',
    '/',
  ).jobs;
}

const record = fc
  .tuple(
    fc.constantFrom('a1', 'a2', 'yes', 'null', 'B3', '\\052', 'c', '12e4', 'x\\040y', 'no-'),
    fc.constantFrom('internal', 'prometheus.internal'),
    fc.constantFrom('A', 'AAAA', 'CNAME', 'TXT'),
    fc.constantFrom(undefined, 'blue', 'green'),
  )
  .map(
    ([label, zone, type, setIdentifier]): RecordSet => ({
      name: `${label}.${zone}.`,
      type,
      ...(setIdentifier && { setIdentifier }),
    }),
  );
const listing = fc.array(record, { maxLength: 12 });
const shuffled = (all: readonly RecordSet[]) =>
  fc.shuffledSubarray([...all], { minLength: all.length });

test('over any document and any records, only the list changes, once, in any order of records', async () => {
  const bytes = fc.uint8Array({ maxLength: 400, size: 'max' });
  const records = fc
    .tuple(listing, listing)
    .chain(([one, two]) =>
      fc.tuple(fc.constant([one, two]), fc.tuple(shuffled(one), shuffled(two))),
    );
  const property = fc.asyncProperty(bytes, records, async (seed, [listed, reordered]) => {
    const document = generate(seed);
    const jobs = jobOf(document.format, document.job);
    const run = async (text: string, [one, two]: readonly RecordSet[][], managed?: string[]) => {
      const objects = new Store();
      objects.put(PLACE, text, managed && { managed });
      const list = async (source: object) => ({
        recordSets: ('zone' in source && source.zone === 'Z1' ? one : two) ?? [],
        pages: 1,
      });
      const outcomes = await sync(jobs, { objects, records: { list } }, { signal });
      return { text: objects.text(PLACE) ?? '', writes: objects.writes(), outcomes };
    };

    const first = await run(document.text, listed);
    const [outcome] = first.outcomes;
    expect(['generated written', 'generated unchanged']).toContain(summarize(first.outcomes)[0]);
    // Byte for byte around the list, and by another parser's reading of it.
    const { before, after } = document;
    if (before !== undefined && after !== undefined) {
      expect(first.text.startsWith(before)).toBe(true);
      expect(first.text.endsWith(after)).toBe(true);
    }
    const bare = document.format === 'scrape_configs';
    const was = readIndependently(document.text, document.job, bare);
    const is = readIndependently(first.text, document.job, bare);
    expect(is.rest).toEqual(was.rest);
    const plain = (targets: readonly { address: string; labels: object }[]) =>
      targets.map(({ address, labels }) => [address, Object.entries(labels).sort()]).sort();
    expect(plain(is.targets)).toEqual(plain(outcome?.targets ?? []));

    const second = await run(first.text, listed, ['generated']);
    expect(summarize(second.outcomes)).toEqual(['generated unchanged']);
    expect(second).toMatchObject({ text: first.text, writes: 0 });

    expect((await run(document.text, reordered)).text).toBe(first.text);
  });
  await fc.assert(property, { numRuns: 150 });
});
