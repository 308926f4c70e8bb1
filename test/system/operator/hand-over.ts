import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { findKubectl } from '../../support/parts/found.ts';
import type { KubeApiserver } from '../../support/parts/kube-apiserver.ts';
import { folderWith, run, zoneOf } from '../../unit/commands/run.ts';

const page = readFileSync(
  join(import.meta.dirname, '../../../infra/guides/scrape-config.md'),
  'utf8',
);
const section = /^## Hand-over of a list[\s\S]*?^An old Secret/m.exec(page)?.[0] ?? '';

/** The commands of infra/guides/scrape-config.md that hand over a list from another field manager, in the page's order. */
export const handOverCommands = (section.match(/^ {4,}\S.*(?:(?<=\\)\n.*)*/gm) ?? []).map((it) =>
  it.trim(),
);
const [init = '', sync = '', applyWithout = '', listManagers = '', removeEntry = ''] =
  handOverCommands;

const manifest = (list?: readonly string[]) =>
  JSON.stringify({
    apiVersion: 'monitoring.coreos.com/v1alpha1',
    kind: 'ScrapeConfig',
    metadata: { namespace: 'monitoring', name: 'federate' },
    spec: {
      metricsPath: '/federate',
      ...(list && { staticConfigs: list.map((target) => ({ targets: [target] })) }),
    },
  });
const LIST = ['a.prometheus.internal.', 'by-hand:80'];

/** @param server one with the CRD of ScrapeConfigs; called in tests and hooks only */
export function handOverTests(server: () => KubeApiserver): void {
  beforeAll(async () => {
    await server().namespace('monitoring');
  });

  /** A folder with a zone and a manifest with the list, and the list by those kubectl commands. */
  async function scene(...applies: string[]) {
    const at = folderWith({
      kubeconfig: server().kubeconfig(),
      'zone.json': zoneOf('a.prometheus.internal.', 'b.prometheus.internal.'),
      'scrapeconfig.yml': manifest(LIST),
    });
    onTestFinished(async () => {
      await server().kubectl(['delete', 'scrapeconfig', 'federate', '-n', 'monitoring']);
    });
    const env = {
      KUBECONFIG: join(at, 'kubeconfig'),
      PATH: `${dirname(findKubectl() ?? '')}${delimiter}${process.env.PATH}`,
    };
    /** What the page prints is a command of a shell; the command line itself runs in this process. */
    const execute = async (command: string) => {
      if (!command.startsWith('federation-sync ')) {
        const { stdout } = await promisify(execFile)('sh', ['-c', command], { cwd: at, env });
        return { code: 0, stdout, stderr: '' };
      }
      const [, ...args] = command.replace(/--zone \w+/, '--records zone.json').split(' ');
      return run(at, args, env);
    };
    const object = async () => {
      const path = ['get', 'scrapeconfig', 'federate', '-n', 'monitoring', '-o', 'json'];
      const { metadata, spec } = JSON.parse(
        await server().kubectl([...path, '--show-managed-fields']),
      );
      const owners = metadata.managedFields.filter(
        ({ fieldsV1 }: { fieldsV1: { 'f:spec'?: object } }) =>
          'f:staticConfigs' in (fieldsV1['f:spec'] ?? {}),
      );
      return {
        list: (spec.staticConfigs ?? []).flatMap(({ targets }: { targets: string[] }) => targets),
        owners: owners.map(({ manager }: { manager: string }) => manager).sort(),
      };
    };
    for (const command of applies) await execute(`kubectl ${command} -f scrapeconfig.yml`);
    return {
      at,
      execute,
      object,
      withoutList: () => writeFileSync(join(at, 'scrapeconfig.yml'), manifest()),
      /** A name that is new in the zone is a target after the next sync, whose list is ours alone. */
      async isOurs() {
        const names = ['a', 'b', 'c'].map((name) => `${name}.prometheus.internal.`);
        writeFileSync(join(at, 'zone.json'), JSON.stringify(zoneOf(...names)));
        expect(await execute(sync)).toMatchObject({ code: 0, stderr: '' });
        expect(await object()).toEqual({
          list: ['a.prometheus.internal.', 'by-hand:80', 'c.prometheus.internal.'],
          owners: [OURS],
        });
      },
    };
  }

  describe('a list that another field manager owns, by the commands of scrape-config.md,', () => {
    test.each([
      ['kubectl, server-side', ['apply --server-side']],
      ['kubectl, server-side since now', ['apply', 'apply --server-side']],
    ])('of %s, is handed over without the loss of a target', async (_, applies) => {
      const { at, execute, object, withoutList, isOurs } = await scene(...applies);
      writeFileSync(join(at, 'other.yml'), OTHER);
      const refused = await execute(`${sync} --config other.yml`);
      expect([refused.code, refused.stderr]).toEqual([
        1,
        expect.stringMatching(/field-owned: .* field manager kubectl owns \.spec\.staticConfigs/),
      ]);
      expect((await execute(init)).code).toBe(0);
      expect((await execute(sync)).stdout).toContain('unchanged: 0 added');
      expect(await object()).toEqual({ list: LIST, owners: ['kubectl', OURS] });
      expect((await execute('federation-sync doctor')).stdout).toContain(
        'field manager kubectl owns spec.staticConfigs too',
      );
      withoutList();
      await execute(applyWithout);
      expect(await object()).toEqual({ list: LIST, owners: [OURS] });
      await isOurs();
    });

    test('of kubectl create, which has no manifest, is handed over by its entry', async () => {
      const { execute, object, isOurs } = await scene('create');
      await execute(init);
      await execute(sync);
      const managers = (await execute(listManagers)).stdout.trim().split('\n');
      const place = managers.indexOf('kubectl-create');
      const remove = (at: number) =>
        execute(removeEntry.replaceAll('managedFields/0', `managedFields/${at}`));
      // The entry of another manager is not removed.
      await expect(remove(1 - place)).rejects.toThrow('The request is invalid');
      await remove(place);
      expect(await object()).toEqual({ list: LIST, owners: [OURS] });
      await isOurs();
    });

    test('of kubectl apply alone, is lost with its field, until the next sync', async () => {
      const { execute, object, withoutList, isOurs } = await scene('apply');
      await execute(init);
      await execute(sync);
      withoutList();
      await execute(applyWithout.replace(' --server-side', ''));
      expect(await object()).toEqual({ list: [], owners: [] });
      await isOurs();
    });
  });
}

const OURS = 'route53-federation-sync';
const OTHER = `
jobs:
  - name: federate
    from: [{ records: zone.json }]
    select: { name: 'internal$' }
    to: { scrapeConfig: { namespace: monitoring, name: federate } }
`;
