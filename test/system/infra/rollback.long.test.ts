import { execFile } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import { zip as zipOf } from '../../../infra/aws/zip.ts';
import { caches } from '../../support/caches.ts';
import { describeWith } from '../../support/parts/available.ts';
import { aws } from '../../support/parts/aws.ts';
import { type Moto, startMoto } from '../../support/parts/moto.ts';
import { createService, type Service, settingsOfTwoAccounts } from './service.ts';

// Some twenty processes, each of which a busy machine starts in seconds.
vi.setConfig({ testTimeout: 240_000 });

const run = promisify(execFile);
const workflow = parse(
  readFileSync(join(import.meta.dirname, '../../../.github/workflows/deploy.yml'), 'utf8'),
);
const steps: { name?: string; run?: string }[] = [
  ...workflow.jobs.package.steps,
  ...workflow.jobs.deploy.steps,
];

/** The workflow's own steps, in the order of a bad week; moto stands where AWS would. */
describeWith(['moto', 'aws'], 'the workflow', () => {
  let moto: Moto;
  let service: Service;
  let front: Server;
  let env: Record<string, string>;

  beforeAll(async () => {
    moto = await startMoto();
    front = await startFront(moto.endpoint);
    const { port } = front.address() as AddressInfo;
    env = { ...moto.env, AWS_ENDPOINT_URL: `http://127.0.0.1:${port}` };
  });
  afterAll(async () => {
    front.close();
    await moto.stop();
  });
  beforeEach(async () => {
    await moto.reset();
    service = await createService(settingsOfTwoAccounts);
  });
  afterEach(() => service.remove());

  /** Runs a step's own script as the runner does: `bash -e`. */
  async function step(name: string, given: Record<string, string> = {}) {
    const output = join(service.folder, 'output');
    writeFileSync(output, '');
    const { run: script } = steps.find((one) => one.name === name)!;
    const { stdout, stderr, failed } = await run('bash', ['-e', '-c', script!], {
      cwd: service.folder,
      env: {
        PATH: process.env.PATH,
        HOME: service.folder,
        ...caches,
        SLS_AWS_MONITORING_FREQUENCY: '200',
        ...env,
        ...{ STAGE: 'prod', GITHUB_OUTPUT: output, PARAMS: 'email=ops@example.com' },
        ...given,
      },
    }).then(
      (printed) => ({ ...printed, failed: false }),
      (error) => ({ stdout: error.stdout, stderr: error.stderr, failed: true }),
    );
    const outputs = readFileSync(output, 'utf8').matchAll(/^(\w+)=(.*)$/gm);
    return {
      printed: `${stdout}${stderr}`,
      failed,
      outputs: Object.fromEntries([...outputs].map(([, key, value]) => [key, value])),
    };
  }
  async function succeeds(name: string, given?: Record<string, string>) {
    const result = await step(name, given);
    expect(result.failed, result.printed).toBe(false);
    return result;
  }
  /** Both jobs: each run of the workflow makes its own package. */
  async function deploy() {
    rmSync(join(service.folder, 'packaged'), { recursive: true, force: true });
    await succeeds('Package');
    return step('Deploy');
  }
  async function deploys() {
    const result = await deploy();
    expect(result.failed, result.printed).toBe(false);
    return result;
  }
  const recorded = async () => (await succeeds('Record the current deployment')).outputs.timestamp;
  const rollBack = (timestamp: string | undefined) =>
    succeeds('Roll back to the previous deployment', { TIMESTAMP: timestamp! });

  /** What the function, which moto does not run, answers to the next invocation. */
  async function answerWith(job: object) {
    const shared = {
      name: 'federate',
      to: 'configmap/a/b:c',
      targets: 2,
      added: [],
      removed: [],
    };
    const results = [JSON.stringify({ jobs: [{ ...shared, ...job }] })];
    const response = await fetch(`${moto.endpoint}/moto-api/static/lambda-simple/response`, {
      method: 'POST',
      body: JSON.stringify({ results, region: 'eu-west-1' }),
    });
    expect(response.status).toBe(201);
  }
  const settingsWith = (zone: string) =>
    writeFileSync(
      join(service.folder, 'federation-sync.yml'),
      settingsOfTwoAccounts.replace('Z3M3LMPEXAMPLE', zone),
    );
  /** The zone of `settingsWith`, as it is deployed. */
  async function deployedZone(): Promise<string> {
    const rule = ['events', 'describe-rule', '--name', 'federation-sync-prod-changes-1'];
    const { EventPattern } = JSON.parse(await aws(rule, env));
    return /"(Z\dZONE)"/.exec(EventPattern)![1]!;
  }
  const serverless = () => join(service.folder, 'serverless.yml');

  beforeEach(async () => {
    await fetch(`${moto.endpoint}/moto-api/config`, {
      method: 'POST',
      body: JSON.stringify({ lambda: { use_docker: false } }),
    });
    // Uploads are kept because a rollback may need them, not because the limit is far away.
    const text = readFileSync(serverless(), 'utf8');
    writeFileSync(serverless(), text.replace('DeploymentArtifacts: 10', 'DeploymentArtifacts: 1'));
  });

  test('changes nothing the second time, and goes back to the one before when told to', async () => {
    const rule = async () => {
      const name = ['--name', 'federation-sync-prod-changes-1'];
      return JSON.parse(await aws(['events', 'describe-rule', ...name], env)).EventPattern;
    };
    const args = ['deploy', '--region', 'eu-west-1'];
    expect(await service.osls(args, env)).toMatch(/Warning: nobody is notified .*-prod-alarms/);
    const before = await rule();
    expect(await service.osls(args, env)).toContain('No changes to deploy');

    const settings = join(service.folder, 'federation-sync.yml');
    writeFileSync(settings, settingsOfTwoAccounts.replace('Z3M3LMPEXAMPLE', 'Z5NEWER'));
    // From a package that was made earlier, as the pipeline does.
    const email = '--param=email=ops@example.com';
    await service.osls(['package', '--package', 'made', '--region', 'eu-west-1', email]);
    const packaged = await service.osls([...args, '--package', 'made', email], env);
    expect(packaged).not.toContain('nobody is notified');
    expect(await rule()).toContain('Z5NEWER');

    const list = await service.osls(['deploy', 'list', '--region', 'eu-west-1'], env);
    const [first] = list.match(/(?<=Timestamp: )\d+/g)!;
    await service.osls(['rollback', '--timestamp', first!, '--region', 'eu-west-1'], env);
    expect(await rule()).toBe(before);
  });

  test('goes back to what ran before, also after a rollback and after a failed update', async () => {
    expect(await recorded()).toBe('');
    settingsWith('Z1ZONE');
    await deploys();
    await answerWith({ status: 'planned', added: ['b.'] });
    expect((await succeeds('Smoke test')).printed).toContain('1 to add');
    const first = await recorded();
    expect(first).toMatch(/^\d+$/);

    settingsWith('Z2ZONE');
    await deploys();
    expect(await deployedZone()).toBe('Z2ZONE');
    await answerWith({
      status: 'refused',
      withheld: ['a.'],
      error: { code: 'guard-removals', message: 'Too many.', remedy: 'Look.' },
    });
    const refused = await step('Smoke test');
    expect(refused.failed).toBe(true);
    expect(refused.printed).toContain('refused: guard-removals: Too many. Look.');
    await rollBack(first);
    expect(await deployedZone()).toBe('Z1ZONE');

    // The newest upload is the rejected one: it is neither what runs nor, deployed again, "no changes".
    expect(await recorded()).toBe(first);
    const again = await deploys();
    expect(again.printed).not.toContain('No changes');
    expect(await deployedZone()).toBe('Z2ZONE');
    await answerWith({ status: 'paused' });
    const paused = await step('Smoke test');
    expect(paused.failed).toBe(true);
    expect(paused.printed).toContain('paused: a sync would write nothing');
    await rollBack(first);
    expect(await deployedZone()).toBe('Z1ZONE');

    settingsWith('Z3ZONE');
    const valid = readFileSync(serverless(), 'utf8');
    writeFileSync(serverless(), valid.replace('AWS::SNS::Topic', 'AWS::SNS::Topics'));
    expect((await deploy()).failed).toBe(true);
    writeFileSync(serverless(), valid);
    expect(await recorded()).toBe(first);

    settingsWith('Z4ZONE');
    await deploys();
    await rollBack(first);
    expect(await deployedZone()).toBe('Z1ZONE');
    // What runs already: nothing to do, which is no failure.
    await rollBack(first);
    settingsWith('Z1ZONE');
    await deploys();
    expect(await deployedZone()).toBe('Z1ZONE');

    const zip = join(service.folder, 'by-hand.zip');
    writeFileSync(zip, zipOf({ 'index.mjs': Buffer.from('export {};') }));
    const args = ['--function-name', 'federation-sync-prod', '--zip-file', `fileb://${zip}`];
    await aws(['lambda', 'update-function-code', ...args], env);
    const { outputs, printed } = await succeeds('Record the current deployment');
    expect(outputs.timestamp).toBe('');
    expect(printed).toContain('is not one of its');
  });
});

/**
 * A proxy for moto, which leaves a function's LastModified as it was created. AWS changes it with every
 * update, and osls decides by it whether to compare with the newest upload at all.
 */
async function startFront(endpoint: string): Promise<Server> {
  const server = createServer((incoming, outgoing) => {
    const { method, headers, url = '' } = incoming;
    const onwards = request(`${endpoint}${url}`, { method, headers }, async (answer) => {
      const chunks: Buffer[] = [];
      for await (const chunk of answer) chunks.push(chunk);
      let body = Buffer.concat(chunks);
      if (method === 'GET' && /\/functions\/[\w-]+$/.test(url)) {
        const now = `"LastModified": "${new Date().toISOString()}"`;
        body = Buffer.from(body.toString().replace(/"LastModified": "[^"]*"/, now));
      }
      const { 'transfer-encoding': _, ...rest } = answer.headers;
      outgoing.writeHead(answer.statusCode ?? 502, { ...rest, 'content-length': body.length });
      outgoing.end(method === 'HEAD' ? undefined : body);
    });
    onwards.on('error', (error) => outgoing.destroy(error));
    incoming.pipe(onwards);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return server;
}
