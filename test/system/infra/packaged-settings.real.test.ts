import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { settingsFiles } from '../../../infra/aws/settings.ts';
import { settingsFromEnvironment } from '../../../src/settings/environment.ts';
import { packagedFile } from '../../../src/settings/packaged.ts';
import { startEmulators } from '../../support/emulators/emulators.ts';
import { removeFolder, temporaryFolder } from '../../support/parts/process.ts';
import { runIn } from '../bundle/build.ts';
import { createService, filesOf, type Service, type Template } from './service.ts';

const env = {
  PROMETHEUS_HOSTED_ZONE_ID: 'Z08214473FVAJ9QTLWTEC',
  CLUSTER_NAME: 'central',
  CONFIG_MAP_NAME: 'mattermost-cm-prometheus-server',
  NAME_PATTERN: '\\.prometheus\\.internal$',
  ALSO: 'C&C=mattermost-cm-prometheus-client-server.monitoring:80',
};

let service: Service;
beforeAll(async () => {
  service = await createService();
});
afterAll(() => service.remove());

/** `osls package` with these variables: the template, and the files of the zip. */
async function packaged(variables: Record<string, string>, ...args: string[]) {
  const target = join(service.folder, 'packaged');
  await service.osls(['package', '--package', target, ...args], variables);
  const template: Template = JSON.parse(
    readFileSync(join(target, 'cloudformation-template-update-stack.json'), 'utf8'),
  );
  const zip = readFileSync(join(target, 'federation-sync.zip'));
  return { template, files: filesOf(zip) };
}

describe('without a file, the environment of the deployment', () => {
  test('becomes that of the function, which reads the same settings from it', async () => {
    const { template, files } = await packaged(env);
    const { Variables } = template.Resources.SyncLambdaFunction!.Properties.Environment;
    expect(Object.keys(files)).toEqual(['index.mjs']);
    expect(Variables).toMatchObject(env);
    expect(settingsFromEnvironment(Variables)).toEqual(settingsFromEnvironment(env));
    const [{ PolicyDocument }] = template.Resources.SyncRole!.Properties.Policies;
    expect(JSON.stringify(PolicyDocument)).toContain('hostedzone/Z08214473FVAJ9QTLWTEC');
  }, 60_000);

  test('is refused by the names of its variables', async () => {
    const { NAME_PATTERN, ...less } = env;
    const more = { ...less, INSTALLATIONS_HOSTED_ZONE_ID: 'Z2' };
    const refusal = await packaged(more).catch((error: Error) => error.message);
    expect(refusal).toContain('NAME_PATTERN: missing');
    expect(refusal).toContain('INSTALLATIONS_HOSTED_ZONE_ID: found "Z2"');
  }, 60_000);

  test('is ignored where there is a file', async () => {
    const { template, files } = await packaged(
      env,
      '--param=settings=infra/federation-sync.example.yml',
    );
    expect(Object.keys(files).slice(-2)).toEqual(['federation-sync.yml', packagedFile]);
    const { Variables } = template.Resources.SyncLambdaFunction!.Properties.Environment;
    expect(Object.keys(Variables)).not.toContain('NAME_PATTERN');
  }, 60_000);
});

describe('a template', () => {
  const secret = `secret: { namespace: monitoring, name: scrape, key: scrape.yaml }
        format: scrape_configs`;
  const scrapeConfig = 'scrapeConfig: { namespace: monitoring, name: bind }';
  const place = (to: string, template: string) => `
      - ${to}
        create: true
        template: ${template}`;
  const settings = (...places: string[]) => `cluster: { eks: { name: central } }
jobs:
  - job: bind
    also: [{ targets: ['10.0.0.2:9119'] }]
    to: ${places.join('')}
`;
  const write = (name: string, text: string) => {
    mkdirSync(join(service.folder, 'conf/t'), { recursive: true });
    writeFileSync(join(service.folder, 'conf', name), text);
  };
  const filesWith = (template: string, to = secret) => {
    write('prod.yml', settings(place(to, template)));
    return settingsFiles(service.folder, 'conf/prod.yml');
  };
  const resource = 'apiVersion: monitoring.coreos.com/v1alpha1\nkind: ScrapeConfig\n';

  test('is in the zip where the settings name it, and the function creates the object from it', async () => {
    const templates = {
      't/bind.yml': '- job_name: bind\n',
      't/scrape-config.yml': `${resource}spec: { metricsPath: /bind }\n`,
    };
    for (const [name, text] of Object.entries(templates)) write(name, text);
    const places = [place(secret, 't/bind.yml'), place(scrapeConfig, 't/scrape-config.yml')];
    write('prod.yml', settings(...places));
    const { files } = await packaged({}, '--param=settings=conf/prod.yml');
    const own = ['federation-sync.yml', packagedFile];
    expect(Object.keys(files).slice(-4)).toEqual([...own, ...Object.keys(templates)]);
    expect(files).toMatchObject(templates);

    const task = temporaryFolder('task');
    const emulators = await startEmulators();
    onTestFinished(async () => {
      removeFolder(task);
      await emulators.close();
    });
    emulators.addAccessEntry(emulators.credentials.arn, { groups: ['system:masters'] });
    emulators.kubernetes.put({ kind: 'Namespace', metadata: { name: 'monitoring' } });
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(task, name)), { recursive: true });
      writeFileSync(join(task, name), text);
    }
    const { answer, error } = await runIn(task, emulators.env, { action: 'sync' });
    expect(error).toBeUndefined();
    expect(answer).toMatchObject({ jobs: [{ status: 'written' }, { status: 'written' }] });
    const created = (kind: string, name: string) =>
      emulators.kubernetes.get(kind, 'monitoring', name);
    expect(created('ScrapeConfig', 'bind')).toMatchObject({
      spec: { metricsPath: '/bind', staticConfigs: [{ targets: ['10.0.0.2:9119'] }] },
    });
    const { data } = created('Secret', 'scrape') as { data?: Record<string, string> };
    expect(Buffer.from(data?.['scrape.yaml'] ?? '', 'base64').toString()).toContain(
      '10.0.0.2:9119',
    );
  }, 60_000);

  test('is refused where it is missing, elsewhere, of another kind, or lacks the job', () => {
    writeFileSync(join(service.folder, 'conf-template'), '');
    expect(() => filesWith('none.yml')).toThrow(/cannot read the template \(ENOENT\)/);
    expect(() => filesWith('../conf-template')).toThrow(/cannot be packaged/);
    expect(() => filesWith('index.mjs')).toThrow(/cannot be packaged/);
    write('other.yml', '- job_name: other\n');
    expect(() => filesWith('other.yml')).toThrow(/other\.yml: job-missing: .*it has other/);
    expect(() => filesWith('other.yml', scrapeConfig)).toThrow(
      /other\.yml: document-format: .* must be a ScrapeConfig/,
    );
  });
});

describe('a list of clusters', () => {
  const settings = (file: string) => `cluster: { eks: { name: central } }
jobs:
  - job: federate
    from: [{ zone: Z08214473FVAJ9QTLWTEC }]
    select: { name: '\\.prometheus\\.internal$' }
    expect: [{ file: ${file} }]
    to: { configMap: { namespace: monitoring, name: prometheus-server, key: prometheus.yml } }
`;
  const write = (name: string, text: string) => {
    mkdirSync(join(service.folder, 'expected/lists'), { recursive: true });
    writeFileSync(join(service.folder, 'expected', name), text);
  };
  const filesWith = (file: string) => {
    write('prod.yml', settings(file));
    return settingsFiles(service.folder, 'expected/prod.yml');
  };

  test('is in the zip at the path that the settings name, where the function finds it', async () => {
    write('lists/clusters.txt', '# ours\nprod-1\n');
    filesWith('lists/clusters.txt');
    const { files } = await packaged({}, '--param=settings=expected/prod.yml');
    expect(Object.keys(files)).toContain('lists/clusters.txt');
    expect(files['lists/clusters.txt']).toBe('# ours\nprod-1\n');
    const { settings: packed } = JSON.parse(files[packagedFile]!);
    const [job] = packed.jobs;
    expect(job!.expect).toEqual([{ file: '/var/task/lists/clusters.txt' }]);
  }, 60_000);

  test('is refused where it is missing, elsewhere, or names no cluster', () => {
    expect(() => filesWith('none.txt')).toThrow(/cannot read the list of clusters \(ENOENT\)/);
    writeFileSync(join(service.folder, 'outside.txt'), 'prod-1\n');
    expect(() => filesWith('../outside.txt')).toThrow(/cannot be packaged/);
    for (const empty of ['', '\n', '# prod-1\n  # prod-2\n']) {
      write('empty.txt', empty);
      expect(() => filesWith('empty.txt'), empty).toThrow(/empty\.txt names no clusters/);
    }
  });
});
