import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { parseSettings } from '../../../../src/settings/parse.ts';
import { type Emulators, startEmulators } from '../../../support/emulators/emulators.ts';
import { folderWith, prometheusYml, run, zoneOf } from '../run.ts';
import { serve } from './central.ts';

let emulators: Emulators;

beforeEach(async () => {
  emulators = await startEmulators();
  for (const [name, value] of Object.entries(emulators.env)) vi.stubEnv(name, value);
  emulators.aws.route53.createZone({ id: 'Z1', name: 'prometheus.internal' });
  emulators.aws.eks.deleteCluster('central', { region: 'eu-west-1' });
  return async () => {
    vi.unstubAllEnvs();
    await emulators.close();
  };
});

const FLAGS = ['--zone', 'Z1', '--file', 'prometheus.yml'];
const ids = (...numbers: number[]) => numbers.map((n) => `eu-${n}`);
const target = (id: string) => `${id}.prometheus.internal. clusterID=${id}`;

/** A folder with a list of these ids; the zone has their names, and those of `more`. */
function installed(listed: readonly string[], more: readonly string[] = [], ...also: string[]) {
  for (const id of [...listed, ...more]) {
    const Name = `${id}.prometheus.internal`;
    emulators.aws.route53.upsert('Z1', [
      { Name, Type: 'CNAME' },
      { Name, Type: 'TXT', ResourceRecords: [{ Value: '"heritage=external-dns"' }] },
    ]);
  }
  return folderWith({ 'prometheus.yml': prometheusYml(...listed.map(target), ...also) });
}

function clusters(names: readonly string[], region = 'eu-west-1') {
  for (const name of names) emulators.aws.eks.putCluster({ name, region });
}

async function init(folder: string, flags: readonly string[] = FLAGS) {
  const { code, json } = await run(folder, ['init', '--json', ...flags]);
  const settings = readFileSync(`${folder}/federation-sync.yml`, 'utf8');
  const [job] = parseSettings(settings, 'x.yml', '/').jobs;
  const notes: string[] = json.notes;
  return { code, settings, expected: job?.expect, notes };
}

describe('expect is proposed', () => {
  test('where the names of EKS clusters are the ids of the zone, and coverage works with it', async () => {
    const folder = installed(ids(1, 2, 3));
    clusters([...ids(1, 2, 3), 'new-1']);
    // Not a target, as external-dns writes it.
    const Name = 'new-1.prometheus.internal';
    emulators.aws.route53.upsert('Z1', [
      { Name, Type: 'TXT', ResourceRecords: [{ Value: '"x"' }] },
    ]);
    const { code, settings, expected } = await init(folder);
    expect(code).toBe(0);
    expect(expected).toEqual([{ eks: { region: 'eu-west-1', connected: false } }]);
    expect(settings).toContain(
      `    # 3 of 4 EKS clusters of eu-west-1 have a name in the zone; missing: new-1
    expect:
      - eks: { region: eu-west-1 }
    to:
`,
    );
    const coverage = await run(folder, ['coverage']);
    expect(coverage.code).toBe(2);
    expect(coverage.stdout).toContain('4 clusters expected, 3 covered, 1 not; 0 orphaned');
  });

  test('with a pattern where they have a common prefix or suffix', async () => {
    const folder = installed(ids(1, 2, 3));
    clusters([...ids(1, 2, 3, 4).map((id) => `prod-${id}-k8s`), 'sandbox']);
    const { settings, expected, notes } = await init(folder);
    const name = '^prod-(?<clusterID>.+)-k8s$';
    expect(expected).toEqual([{ eks: { region: 'eu-west-1', name, connected: false } }]);
    expect(settings).toContain(
      `    # 3 of 5 EKS clusters of eu-west-1 have a name in the zone; missing: prod-eu-4-k8s
    # Not expected, since the pattern does not match: sandbox
    expect:
      - eks: { region: eu-west-1, name: '${name}' }
`,
    );
    expect(notes).toEqual([
      'expect: 3 of 5 EKS clusters of eu-west-1 have a name in the zone; missing: prod-eu-4-k8s',
      'expect: Not expected, since the pattern does not match: sandbox',
    ]);
    const { stdout } = await run(folder, ['coverage']);
    expect(stdout).toContain('4 clusters expected, 3 covered, 1 not; 0 orphaned');
  });

  test('with at most five missing names, and with the targets of no EKS cluster here', async () => {
    const folder = installed([...ids(1, 2, 3, 4, 5, 6, 7, 8), 'us-1']);
    clusters(ids(...Array.from({ length: 16 }, (_, n) => n + 1)));
    const { settings } = await init(folder);
    expect(settings).toContain(
      `    # 8 of 16 EKS clusters of eu-west-1 have a name in the zone; missing: eu-10, eu-11, eu-12, eu-13, eu-14 and 3 more
    # Not an EKS cluster of eu-west-1: us-1
    # If it exists elsewhere, add that to expect, or coverage reports it as orphaned.
`,
    );
    const { stdout } = await run(folder, ['coverage']);
    expect(stdout).toContain('16 clusters expected, 8 covered, 8 not; 1 orphaned');
  });

  test('where names are excluded, too: coverage shows them', async () => {
    const folder = installed(ids(1, 2), ids(3, 4, 5));
    clusters(ids(1, 2, 3, 4, 5));
    const { settings } = await init(folder);
    expect(settings).toContain('# 5 of 5 EKS clusters of eu-west-1 have a name in the zone\n');
    const { stdout } = await run(folder, ['coverage']);
    expect(stdout).toMatch(/selected +eu-3/);
  });

  test('where a target without a record is one of the clusters', async () => {
    const folder = installed(ids(1, 2), [], 'prometheus-server:80 clusterID=central');
    clusters(['central', ...ids(1, 2)]);
    const { settings } = await init(folder);
    expect(settings).toContain(
      '# 3 of 3 EKS clusters of eu-west-1 have a name in the zone, or a target in also\n',
    );
    const { code } = await run(folder, ['coverage']);
    expect(code).toBe(0);
  });

  test('in the Region of the cluster that the settings name', async () => {
    installed(ids(1, 2));
    const { url: endpoint, certificateAuthority } = emulators.kubernetes;
    emulators.aws.eks.putCluster({
      ...{ name: 'central', region: 'eu-west-1', endpoint, certificateAuthority },
    });
    clusters(ids(1, 2));
    clusters(['a', 'b', 'c'], 'us-east-1');
    vi.stubEnv('AWS_REGION', 'us-east-1');
    serve(emulators, prometheusYml(...ids(1, 2).map(target)));
    const { stdout } = await run(
      folderWith({}),
      ['init', '-', '--zone', 'Z1', '--configmap', 'prometheus-server', '--cluster', 'central'],
      { AWS_REGION: 'eu-west-1' },
    );
    expect(stdout).toContain(`missing: central
    expect:
      - eks: { region: eu-west-1 }
`);
  });
});

describe('expect is not proposed', () => {
  test.each([
    ['one name could be a coincidence', ['eu-1'], '1 of 1 EKS cluster of eu-west-1 has'],
    ['less than half', ['eu-1', 'eu-2', 'a', 'b', 'c'], '2 of 5 EKS clusters of eu-west-1 have'],
    ['none', ['a', 'b'], '0 of 2 EKS clusters of eu-west-1 have'],
  ])('where too few line up: %s', async (_, names, share) => {
    const folder = installed(ids(1, 2, 3));
    clusters(names);
    const { code, settings, expected, notes } = await init(folder);
    expect([code, expected]).toEqual([0, []]);
    expect(settings).not.toContain('expect');
    expect(notes).toEqual([
      `expect is not proposed: ${share} a name in the zone; needed: half of them, and at least 2`,
    ]);
  });

  test('where eks:ListClusters is denied, which is no error', async () => {
    emulators.aws.identity.deny('eks:ListClusters');
    const { code, expected, notes } = await init(installed(ids(1, 2)));
    expect([code, expected]).toEqual([0, []]);
    expect(notes).toEqual(['expect is not proposed: eks:ListClusters is denied']);
  });

  test('where the list has no label to compare with', async () => {
    clusters(ids(1, 2));
    emulators.aws.route53.upsert('Z1', [{ Name: 'eu-1.prometheus.internal', Type: 'A' }]);
    const list = prometheusYml('eu-1.prometheus.internal. site=eu-1');
    const { code, notes } = await init(folderWith({ 'prometheus.yml': list }));
    expect(code).toBe(0);
    expect(notes).toEqual([
      'expect is not proposed: not all targets have a label clusterID to compare with',
    ]);
  });

  test('where the account has no EKS clusters: no note either', async () => {
    const { code, expected, notes } = await init(installed(ids(1, 2)));
    expect([code, expected, notes]).toEqual([0, [], []]);
  });

  test('from an export of a zone: AWS is not called', async () => {
    clusters(ids(1, 2));
    const folder = folderWith({
      'zone.json': zoneOf(...ids(1, 2).map((id) => `${id}.prometheus.internal. A`)),
      'prometheus.yml': prometheusYml(...ids(1, 2).map(target)),
    });
    const { expected } = await init(folder, ['--records', 'zone.json', '--file', 'prometheus.yml']);
    expect(expected).toEqual([]);
    expect(emulators.faults.calls).toEqual([]);
  });
});

test('the report for people has the share', async () => {
  const folder = installed(ids(1, 2));
  clusters(ids(1, 2, 3));
  const { stdout } = await run(folder, ['init', ...FLAGS]);
  expect(stdout).toContain(
    '    0 excluded, 0 in also\n    expect: 2 of 3 EKS clusters of eu-west-1 have a name in the zone; missing: eu-3\n',
  );
});
