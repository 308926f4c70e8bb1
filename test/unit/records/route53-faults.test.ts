import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { Aws } from '../../../src/aws/clients.ts';
import { Fault } from '../../../src/fault.ts';
import { Route53 } from '../../../src/records/route53.ts';
import { type Aws as Emulator, startAws } from '../../support/emulators/aws.ts';
import type { CallMatch, Fault as WireFault } from '../../support/emulators/faults.ts';

const credentials = async () => ({
  accessKeyId: 'AKIAREADER',
  secretAccessKey: 'reader-secret',
  sessionToken: 'reader-session-token',
});
const LIST = 'ListResourceRecordSets';
const LOOK = 'GetHostedZone';

let aws: Emulator;
let zone: string;
let route53: Route53;
const run = { signal: new AbortController().signal };

beforeAll(async () => {
  aws = await startAws();
  vi.stubEnv('AWS_ENDPOINT_URL', aws.url);
  zone = aws.route53.createZone({ id: 'Z08214473FVAJ9QTLWTEC', name: 'internal' });
  const names = Array.from({ length: 700 }, (_, i) => `c${i}.prometheus.internal.`);
  aws.route53.upsert(
    zone,
    names.map((Name) => ({ Name, Type: 'A', TTL: 1, ResourceRecords: [{ Value: '10.0.0.1' }] })),
  );
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await aws.close();
});
beforeEach(() => open(1));
afterEach(() => {
  aws.faults.clear();
  aws.identity.allowAgain();
});

function open(maxAttempts: number): void {
  const sdk = new Aws({ credentials, maxAttempts });
  route53 = new Route53({ client: async (source) => sdk.route53(source) });
}

const listed = async (...args: Parameters<Route53['list']>) =>
  (await route53.list(...args)).recordSets;
const list = (suffix?: string) => listed({ zone }, suffix, run);
const faultOf = async (listing: Promise<unknown>): Promise<Fault> => {
  const fault = await listing.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(fault).toBeInstanceOf(Fault);
  return fault as Fault;
};

describe('the calls of a listing', () => {
  test('are one look at the zone, then pages of 300, each from where the last one ended', async () => {
    expect(await list()).toHaveLength(702);
    expect(aws.faults.calls.map(({ operation }) => operation)).toEqual([LOOK, LIST, LIST, LIST]);
    const queries = aws.faults.of(LIST).map(({ path }) => new URL(path, aws.url).searchParams);
    expect(queries.map((query) => query.get('maxitems'))).toEqual(['300', '300', '300']);
    expect(queries[0]?.has('name')).toBe(false);
    expect(queries[1]?.get('type')).toBe('A');
    expect(queries[2]?.get('name')).not.toBe(queries[1]?.get('name'));
  });

  test('go on inside a name that has more weighted record sets than a page holds', async () => {
    aws.route53.createZone({ id: 'Z1WEIGHTED', name: 'internal' });
    const sets = Array.from({ length: 650 }, (_, i) => ({
      ...({ Name: 'a.internal.', Type: 'A', TTL: 1, Weight: 1 } as const),
      SetIdentifier: `s${String(i).padStart(3, '0')}`,
    }));
    aws.route53.upsert('Z1WEIGHTED', sets);
    expect(await listed({ zone: 'Z1WEIGHTED' }, undefined, run)).toHaveLength(652);
    const queries = aws.faults.of(LIST).map(({ path }) => new URL(path, aws.url).searchParams);
    expect(queries.map((query) => query.get('identifier'))).toEqual([null, 's298', 's598']);
  });

  test('do not look at the zone again', async () => {
    await list();
    await list();
    expect(aws.faults.of(LOOK)).toHaveLength(1);
  });

  test('look again after a look that failed', async () => {
    aws.faults.on({ operation: LOOK }, { refuse: { status: 500 } });
    expect(await faultOf(list())).toMatchObject({ code: 'aws-unavailable' });
    expect(await list()).toHaveLength(702);
  });

  test('are tried again when Route 53 throttles or breaks', async () => {
    open(3);
    aws.faults.on({ operation: LIST, nth: 2 }, { refuse: { status: 400, code: 'Throttling' } });
    aws.faults.on({ operation: LIST, nth: 4 }, { refuse: { status: 503 } });
    aws.faults.on({ operation: LIST, nth: 6 }, 'reset-before');
    expect(await list()).toHaveLength(702);
  });

  test('report their progress', async () => {
    const sdk = new Aws({ credentials });
    const told: (number | undefined)[] = [];
    const progress = (_: string, recordSets: number | undefined) => told.push(recordSets);
    await new Route53({ client: async (source) => sdk.route53(source), progress }).list(
      { zone },
      undefined,
      run,
    );
    expect(told).toEqual([300, 600, 702, undefined]);
  });
});

describe('a listing that breaks gives no record at all', () => {
  const second = { operation: LIST, nth: 2 };
  test.each<[string, CallMatch, WireFault, string]>([
    ['a throttled page', second, { refuse: { status: 400 } }, 'aws-throttled'],
    ['a server error', second, { refuse: { status: 500 } }, 'aws-unavailable'],
    ['a connection that is reset', second, 'reset-before', 'aws-unavailable'],
    ['an answer that is cut short', second, 'truncate', 'aws-unavailable'],
    ["a proxy's page", second, 'html', 'aws-unavailable'],
    ['an answer that is nothing', second, 'garbage', 'aws-unavailable'],
    ['no permission half way', second, { refuse: { status: 403 } }, 'zone-forbidden'],
    ['a zone that goes half way', second, { refuse: { status: 404 } }, 'zone-missing'],
    ["a proxy's page instead of the zone", { operation: LOOK }, 'html', 'aws-unavailable'],
    ['a cut answer about the zone', { operation: LOOK }, 'truncate', 'aws-unavailable'],
  ])('%s', async (_, match, fault, code) => {
    aws.faults.on(match, fault);
    expect(await faultOf(list())).toMatchObject({ code });
  });

  test('a cursor that goes in a circle', async () => {
    const [first] = await pagesAsSent();
    aws.faults.on({ operation: LIST, times: 9 }, { status: 200, body: first ?? '' });
    expect(await faultOf(list())).toMatchObject({ code: 'listing-inconsistent', retryable: true });
    expect(aws.faults.of(LIST).length).toBeLessThan(4);
  });

  test('a page that says that more follows, but not where', async () => {
    const [first = ''] = await pagesAsSent();
    const body = first.replace(/<NextRecord\w+>[^<]*<\/NextRecord\w+>/g, '');
    aws.faults.on({ operation: LIST }, { status: 200, body });
    expect(await faultOf(list())).toMatchObject({ code: 'listing-inconsistent' });
  });

  test('a run whose time ends', async () => {
    const over = new AbortController();
    aws.faults.on({ operation: LIST, nth: 2 }, 'hang');
    aws.faults.before({ operation: LIST, nth: 2 }, () => over.abort());
    const listing = route53.list({ zone }, undefined, over);
    expect(await faultOf(listing)).toMatchObject({
      code: 'deadline',
      message: expect.stringContaining(zone),
    });
  });

  test('a server that is not there', async () => {
    vi.stubEnv('AWS_ENDPOINT_URL', 'http://127.0.0.1:1');
    open(1);
    const fault = await faultOf(list());
    vi.stubEnv('AWS_ENDPOINT_URL', aws.url);
    expect(fault).toMatchObject({ code: 'aws-unavailable', retryable: true });
  });
});

/** The pages' bodies as the emulator sends them. */
async function pagesAsSent(): Promise<string[]> {
  const bodies: string[] = [];
  const change = (response: { status: number; body?: string | Buffer }) => {
    bodies.push(String(response.body));
    return response;
  };
  aws.faults.on({ operation: LIST, times: 9 }, { change });
  await list();
  aws.faults.clear();
  return bodies;
}

describe('a caller who may not', () => {
  test.each([LOOK, LIST])('%s names the permission and the resource', async (operation) => {
    aws.identity.deny(`route53:${operation}`);
    const fault = await faultOf(list());
    expect(fault).toMatchObject({ code: 'zone-forbidden', retryable: false });
    expect(fault.message).toContain(`route53:${operation}`);
    expect(fault.message).toContain(zone);
  });

  test.each([
    ['ExpiredToken', 403],
    ['InvalidClientTokenId', 403],
    ['SignatureDoesNotMatch', 403],
    ['MissingAuthenticationToken', 403],
  ])('%s is about the credentials', async (code, status) => {
    const message = 'The canonical string was reader-session-token';
    aws.faults.on({ operation: LOOK }, { refuse: { status, code, message } });
    const fault = await faultOf(list());
    expect(fault).toMatchObject({ code: 'aws-credentials' });
    expect(fault.message).toContain(code);
    expect(`${fault.message} ${fault.remedy}`).not.toContain('reader-');
  });

  test('has no credentials at all', async () => {
    const sdk = new Aws({
      credentials: async () => {
        throw Object.assign(new Error('none'), { name: 'CredentialsProviderError' });
      },
    });
    route53 = new Route53({ client: async (source) => sdk.route53(source) });
    expect(await faultOf(list())).toMatchObject({ code: 'aws-credentials' });
  });
});

describe("another account's zone", () => {
  const roleArn = 'arn:aws:iam::222222222222:role/reader';
  const externalId = 'federation-sync';
  const theirs = { zone: 'Z0THEIRS', roleArn, externalId };
  beforeAll(() => {
    aws.identity.addRole({ arn: roleArn, externalId });
    for (const id of ['Z0THEIRS', 'Z1THEIRS']) {
      aws.route53.createZone({ id, name: 'their.internal', account: '222222222222' });
    }
  });

  test('is read with one session of its role, however many zones it has', async () => {
    expect(await listed(theirs, undefined, run)).toHaveLength(2);
    expect(await listed({ ...theirs, zone: 'Z1THEIRS' }, undefined, run)).toHaveLength(2);
    expect(aws.faults.of('AssumeRole')).toHaveLength(1);
    const [, look] = aws.faults.calls;
    expect(look?.accessKeyId).toMatch(/^ASIA/);
  });

  test('is not read without the role', async () => {
    expect(await faultOf(route53.list({ zone: 'Z0THEIRS' }, undefined, run))).toMatchObject({
      code: 'zone-forbidden',
    });
  });

  test('needs the external id', async () => {
    const fault = await faultOf(route53.list({ zone: 'Z0THEIRS', roleArn }, undefined, run));
    expect(fault).toMatchObject({ code: 'role-forbidden' });
    expect(fault.message).toContain(roleArn);
  });
});
