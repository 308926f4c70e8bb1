import { expect, test } from 'vitest';
import { Fault } from '../../../src/fault.ts';
import type { Job, Source } from '../../../src/job.ts';
import { Listings } from '../../../src/records/listings.ts';
import type { Records } from '../../../src/records/records.ts';
import { checkSettings } from '../../../src/settings/parse.ts';

const run = { signal: new AbortController().signal };

interface From {
  readonly zone?: string;
  readonly records?: string;
  readonly name?: string;
  readonly roleArn?: string;
}

function jobOf(...from: From[]): Job {
  const raw = {
    jobs: [
      {
        name: 'job',
        from: from.map(({ name = '\\.prometheus\\.internal$', ...source }) => ({
          ...source,
          select: { name },
        })),
        to: { file: 'targets.json', format: 'file_sd' },
      },
    ],
  };
  return checkSettings(raw, 'test', '/').jobs[0] as Job;
}

/** Remembers what was asked, and whether two were asked at once. */
function recorder(broken: string[] = []) {
  const asked: [Source, string | undefined][] = [];
  const seen = { most: 0, now: 0 };
  const records: Records = {
    async list(source, suffix) {
      asked.push([source, suffix]);
      seen.now += 1;
      seen.most = Math.max(seen.most, seen.now);
      await new Promise((resolve) => setTimeout(resolve, 2));
      seen.now -= 1;
      const id = 'zone' in source ? source.zone : source.records;
      if (broken.includes(id)) throw new Fault('zone-missing', id);
      return { recordSets: [{ name: `${id}.`, type: 'A' }], pages: 1 };
    },
  };
  return { asked, seen, records };
}

test('a zone is read once, however many jobs and entries use it', async () => {
  const { asked, records } = recorder();
  const jobs = [
    jobOf({ zone: 'Z1' }, { zone: 'Z1', name: '\\.thanos\\.internal$' }),
    jobOf({ zone: 'Z1' }),
  ];
  const listings = new Listings(records, jobs, run);
  for (const job of jobs) await listings.of(job);
  expect(asked).toEqual([[{ zone: 'Z1' }, 'internal']]);
});

test('a zone is listed from the suffix of its own patterns, independent of other zones', async () => {
  const { asked, records } = recorder();
  const jobs = [
    jobOf({ zone: 'Z1' }, { zone: 'Z2', name: '\\.example$' }),
    jobOf({ zone: 'Z3', name: '.' }),
  ];
  const listings = new Listings(records, jobs, run);
  for (const job of jobs) await listings.of(job);
  expect(asked).toEqual([
    [{ zone: 'Z1' }, 'prometheus.internal'],
    [{ zone: 'Z2' }, 'example'],
    [{ zone: 'Z3' }, undefined],
  ]);
});

test('zones are read one after the other, also when jobs ask at once', async () => {
  const { seen, records, asked } = recorder();
  const jobs = [jobOf({ zone: 'Z1' }, { zone: 'Z2' }), jobOf({ zone: 'Z3' }, { zone: 'Z1' })];
  const listings = new Listings(records, jobs, run);
  const [first, second] = await Promise.all(jobs.map((job) => listings.of(job)));
  expect(first?.flat().map(({ name }) => name)).toEqual(['Z1.', 'Z2.']);
  expect(second?.flat().map(({ name }) => name)).toEqual(['Z3.', 'Z1.']);
  expect(seen.most).toBe(1);
  expect(asked).toHaveLength(3);
});

test('one zone by two roles is two sources', async () => {
  const { asked, records } = recorder();
  const roleArn = 'arn:aws:iam::111122223333:role/reader';
  const job = jobOf({ zone: 'Z1' }, { zone: 'Z1', roleArn });
  await new Listings(records, [job], run).of(job);
  expect(asked).toHaveLength(2);
});

test('a pattern without a suffix lists the whole zone', async () => {
  const { asked, records } = recorder();
  const jobs = [jobOf({ zone: 'Z1' }), jobOf({ zone: 'Z1', name: 'prometheus' })];
  await new Listings(records, jobs, run).of(jobs[0] as Job);
  expect(asked).toEqual([[{ zone: 'Z1' }, undefined]]);
});

test('a zone that cannot be read fails the jobs that use it, each time, and no other', async () => {
  const { asked, records } = recorder(['Z1']);
  const jobs = [
    jobOf({ zone: 'Z1' }),
    jobOf({ zone: 'Z2' }),
    jobOf({ zone: 'Z2' }, { zone: 'Z1' }),
  ];
  const listings = new Listings(records, jobs, run);
  await expect(listings.of(jobs[0] as Job)).rejects.toMatchObject({ code: 'zone-missing' });
  expect(await listings.of(jobs[1] as Job)).toHaveLength(1);
  await expect(listings.of(jobs[2] as Job)).rejects.toMatchObject({ code: 'zone-missing' });
  expect(asked).toHaveLength(2);
});

test('after a conflict everything is read again', async () => {
  const { asked, records } = recorder();
  const job = jobOf({ zone: 'Z1' });
  const listings = new Listings(records, [job], run);
  await listings.of(job);
  await listings.again().of(job);
  expect(asked).toHaveLength(2);
});

test('a fault of the preparation is the listing’s, and is not requested twice', async () => {
  const { asked, records } = recorder();
  const prepared: Source[] = [];
  const refusing: Records = {
    ...records,
    async prepare(source) {
      prepared.push(source);
      if ('zone' in source && source.zone === 'Z1') throw new Fault('zone-forbidden', source.zone);
    },
  };
  const jobs = [jobOf({ zone: 'Z1' }), jobOf({ zone: 'Z2' }), jobOf({ zone: 'Z2' })];
  const listings = new Listings(refusing, jobs, run);
  await listings.prepare();
  expect(prepared).toEqual([{ zone: 'Z1' }, { zone: 'Z2' }]);
  expect(asked).toEqual([]);
  await expect(listings.of(jobs[0] as Job)).rejects.toMatchObject({ code: 'zone-forbidden' });
  expect(await listings.of(jobs[1] as Job)).toHaveLength(1);
  expect(prepared).toHaveLength(2);
});
