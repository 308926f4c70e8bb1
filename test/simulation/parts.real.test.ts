import { Agent } from 'node:https';
import { ListResourceRecordSetsCommand } from '@aws-sdk/client-route-53';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { exchange } from '../../src/http.ts';
import { describeWith } from '../support/parts/available.ts';
import { type KubeApiserver, startKubeApiserver } from '../support/parts/kube-apiserver.ts';
import { type Moto, startMoto } from '../support/parts/moto.ts';
import { clientOf, create, createZone } from '../unit/records/contract.ts';
import { between, chance, oneOf } from './chance.ts';
import { Cluster } from './cluster.ts';
import { Time } from './time.ts';
import { Zone } from './zone.ts';

/*
 * The simulated parts answer what the real ones answer, over sequences that no person chose: else a simulation on them
 * would prove nothing.
 */

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly body?: object;
}

describeWith('kube-apiserver', 'the simulated API server', () => {
  let real: KubeApiserver;
  const agent = new Agent({ keepAlive: true });

  beforeAll(async () => {
    real = await startKubeApiserver();
    await real.namespace('m');
  });
  afterAll(async () => {
    agent.destroy();
    await real?.stop();
  });

  async function ask({ method, path, body }: Sent): Promise<{ status: number; body: unknown }> {
    const patch = 'application/merge-patch+json';
    const headers = {
      authorization: `Bearer ${real.adminToken}`,
      'content-type': method === 'PATCH' ? patch : 'application/json',
    };
    const { status, bytes } = await exchange({
      method,
      url: new URL(`${real.url}${path}`),
      options: { ca: real.certificateAuthority, headers, agent },
      body: body && JSON.stringify(body),
      connectMs: 5_000,
      answerMs: 5_000,
      signal: new AbortController().signal,
    });
    return { status, body: JSON.parse(bytes.toString()) };
  }

  test.each(['ConfigMap', 'Secret'] as const)('answers as the real one does: %s', async (kind) => {
    for (let seed = 0; seed < 12; seed++) {
      const name = `central-${seed}`;
      const simulated = new Cluster(kind, name);
      const versions = { real: [] as string[], simulated: [] as string[] };
      for (let step = 0; step < 30; step++) {
        const what = oneOf(STEPS, seed, step, kind) ?? 'get';
        if (what === 'delete') {
          await ask({ method: 'DELETE', path: simulated.path });
          simulated.put(undefined);
          continue;
        }
        const sent = requestOf(what, simulated.path, kind, name, [seed, step]);
        const at = between(0, versions.real.length + 1, seed, step, 'version');
        const theirs = await ask(withVersion(sent, versions.real.at(-at)));
        const request = withVersion(sent, versions.simulated.at(-at));
        const body = request.body && JSON.stringify(request.body);
        const ours = simulated.handle({ ...request, body }, () => undefined);
        const seen = { status: ours.status, body: JSON.parse(ours.bytes.toString()) };
        const about = `${what}, step ${step} of ${seed}`;
        expect(told(seen), about).toEqual(told(theirs));
        if (ours.status >= 300) continue;
        versions.real.push(versionOf(theirs.body));
        versions.simulated.push(versionOf(seen.body));
        // The version changed in both, or in neither.
        const isNew = (list: readonly string[]) => list.at(-1) !== list.at(-2);
        expect(isNew(versions.simulated), about).toBe(isNew(versions.real));
      }
    }
  });
});

const STEPS = { get: 0.15, create: 0.15, patch: 0.5, 'patch without a version': 0.1, delete: 0.1 };

function requestOf(
  what: string,
  path: string,
  kind: string,
  name: string,
  keys: readonly number[],
): Sent {
  const pick = <T>(values: readonly T[], about: string) =>
    values[between(0, values.length, ...keys, about)] as T;
  const value = Buffer.from(pick(['a', 'b', 'c'], 'value')).toString('base64');
  const annotations = {
    ...(chance(...keys, 'mine') < 0.5 && { mine: pick(['1', '2'], 'mine is') }),
    ...(chance(...keys, 'gone') < 0.4 && { gone: pick(['x', null], 'gone is') }),
  };
  if (what === 'get') return { method: 'GET', path };
  const data = { [pick(['one', 'two'], 'key')]: value };
  if (what === 'create') {
    const given = Object.entries(annotations).filter(([, text]) => text !== null);
    const metadata = {
      name,
      namespace: 'm',
      labels: { of: 'us' },
      annotations: Object.fromEntries(given),
    };
    return {
      method: 'POST',
      path: path.replace(/\/[^/]+$/, ''),
      body: { apiVersion: 'v1', kind, metadata, data },
    };
  }
  const metadata = { annotations, ...(what === 'patch' && { resourceVersion: '' }) };
  return {
    method: 'PATCH',
    path,
    body: { metadata, ...(chance(...keys, 'data') < 0.7 && { data }) },
  };
}

/** With a version of the object that was seen before, or with none if none was. */
function withVersion(sent: Sent, version: string | undefined): Sent {
  const { metadata, ...rest } = (sent.body ?? {}) as { metadata?: { resourceVersion?: string } };
  if (metadata?.resourceVersion === undefined) return sent;
  const { resourceVersion: _, ...others } = metadata;
  return {
    ...sent,
    body: { ...rest, metadata: { ...others, ...(version && { resourceVersion: version }) } },
  };
}

const versionOf = (body: unknown) =>
  (body as { metadata: { resourceVersion: string } }).metadata.resourceVersion;

/** What the product reads of an answer. */
function told({ status, body }: { status: number; body: unknown }) {
  const { kind, reason, metadata, data } = body as Record<string, unknown>;
  if (status >= 300) return { status, kind, reason };
  const { name, namespace, labels, annotations = {} } = metadata as Record<string, unknown>;
  return { status, kind, name, namespace, labels: labels ?? {}, annotations, data: data ?? {} };
}

describeWith('moto', 'the simulated zone', () => {
  let moto: Moto;
  beforeAll(async () => {
    moto = await startMoto();
  });
  afterAll(() => moto?.stop());

  test('has the pages of a real one', async () => {
    const client = clientOf(moto.endpoint);
    for (let seed = 0; seed < 6; seed++) {
      const id = await createZone(client, `p${seed}.internal`);
      const size = between(1, 5, seed, 'size');
      const zone = new Zone('Z1', `p${seed}.internal`, new Time(0), size);
      for (let i = 0; i < between(1, 14, seed, 'hosts'); i++) {
        const deep = chance(seed, i) < 0.3 ? 'x.' : '';
        zone.set(`${deep}c${i}.p${seed}.internal`, chance(seed, i, 'type') < 0.5 ? 'A' : 'CNAME');
      }
      const records = zone.hosts.map((host) => ({ host, type: zone.typeOf(host) }));
      const value = { A: '10.0.0.1', CNAME: 'elsewhere.example.com' };
      const sets = records.map(({ host, type }) => ({
        Name: `${host}.`,
        Type: type,
        TTL: 60,
        ResourceRecords: [{ Value: value[type] }],
      }));
      await create(client, id, sets);
      const simulated = zone.client(async (_, answer) => answer());
      // From the first name on: the zone's own NS and SOA are not simulated.
      let start: object | undefined = await firstOf(simulated);
      while (start) {
        const command = (more: object) =>
          new ListResourceRecordSetsCommand({ HostedZoneId: id, ...start, ...more });
        const [ours, theirs] = [
          await simulated.send(command({})),
          await client.send(command({ MaxItems: size })),
        ];
        expect(page(ours)).toEqual(page(theirs));
        const { NextRecordName, NextRecordType } = ours;
        start = NextRecordName
          ? { StartRecordName: NextRecordName, StartRecordType: NextRecordType }
          : undefined;
      }
    }
  });
});

type Page = Awaited<ReturnType<typeof listed>>;
const listed = async (client: ReturnType<typeof clientOf>) =>
  client.send(new ListResourceRecordSetsCommand({ HostedZoneId: 'Z1' }));

async function firstOf(client: ReturnType<typeof clientOf>) {
  const [first] = (await listed(client)).ResourceRecordSets ?? [];
  return { StartRecordName: first?.Name, StartRecordType: first?.Type };
}

const page = ({ ResourceRecordSets, IsTruncated, NextRecordName, NextRecordType }: Page) => ({
  sets: ResourceRecordSets?.map(({ Name, Type }) => `${Name} ${Type}`),
  IsTruncated,
  NextRecordName,
  NextRecordType,
});
