import { execFile } from 'node:child_process';
import { appendFileSync, cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import manifest from '../../../package.json' with { type: 'json' };
import { describeWith } from '../../support/parts/available.ts';
import { aws } from '../../support/parts/aws.ts';
import { type Moto, startMoto } from '../../support/parts/moto.ts';
import { removeFolder, temporaryFolder } from '../../support/parts/process.ts';
import { interpolate } from '../../support/workflows/expressions.ts';
import {
  type Ended,
  type Options,
  readWorkflow,
  runJob,
  runSteps,
} from '../../support/workflows/workflow.ts';
import { settingsOfTwoAccounts } from './service.ts';

/** Steps of the workflows that no test executes as they are, each with the reason. */
const cannotRunHere: Record<string, string> = {
  'audit / osv / Download osv-scanner':
    'needs GitHub; only its refusal of a file with another hash is executed',
  'audit / osv / Scan the lockfile': 'needs osv-scanner and the service osv.dev',
  'ci / build / Install': 'needs the package registry; this checkout was installed by npm ci',
  'ci / test / Test': 'runs all tests, this one included',
  'deploy / deploy / Install': 'needs the package registry',
  'deploy / package / Install': 'needs the package registry',
};

const install = Object.fromEntries(
  Object.keys(cannotRunHere)
    .filter((name) => name.endsWith('/ Install'))
    .map((name) => [name, 'test -d node_modules/osls']),
);

const github = {
  repository: 'Example/Federation-Sync',
  repository_owner: 'Example',
  server_url: 'https://github.com',
  actor: 'somebody',
  ref: `refs/tags/v${manifest.version}`,
  ref_name: `v${manifest.version}`,
  event_name: 'push',
  run_id: '1',
};
const DIGEST = `sha256:${'a1'.repeat(32)}`;

/** Stand-ins, each of which checks what it is given and appends its call to $CALLS. */
const programs = {
  sudo: 'echo "sudo $*" >> "$CALLS"',
  docker: `
    echo "docker $*" >> "$CALLS"
    case "$*" in
      'build '*) test -f infra/kubernetes/Dockerfile && test -f dist/cli.mjs && test -f dist/cli-main-*.mjs ;;
      save*) echo "the images" > "$3" ;;
      load*) grep --quiet "the images" "$3" ;;
      login*) grep --quiet "^the token$" ;;
      *inspect*) echo ${DIGEST} ;;
    esac`,
  gh: `
    echo "gh $*" >> "$CALLS"
    while [ "$1" != --notes-file ]; do shift; done
    cat "$2" >> "$CALLS"
    shift 2
    for file; do test -f "$file"; done`,
};

const executed = new Map<string, boolean>();
let folder: string;
/** The outputs of ci.yml. */
let ci: Record<string, string>;
const calls = () => readFileSync(join(folder, 'calls'), 'utf8');

async function run(workflow: string, job: string, options: Partial<Options> = {}): Promise<Ended> {
  const ended = await runJob(workflow, job, {
    folder,
    github,
    programs,
    ...options,
    env: { CALLS: join(folder, 'calls'), npm_config_update_notifier: 'false', ...options.env },
    instead: { ...install, ...options.instead },
  });
  for (const [name, { code }] of Object.entries(ended.steps))
    executed.set(name, executed.get(name) || code === 0);
  return ended;
}

/** The output of the steps that failed, so that an assertion shows it. */
const failures = ({ steps }: Ended) => Object.entries(steps).filter(([, { code }]) => code !== 0);

vi.setConfig({ testTimeout: 240_000 });
beforeAll(() => {
  folder = temporaryFolder('workflows');
  writeFileSync(join(folder, 'calls'), '');
});
afterAll(() => folder && removeFolder(folder));

describe('ci.yml', () => {
  test('builds, tests and packs the same files', async () => {
    const build = await run('ci', 'build');
    expect(failures(build)).toEqual([]);
    expect(build.outputs.sha256).toMatch(/^[0-9a-f]{64}$/);
    const needs = { build: build.outputs };
    // Of all that .ci/run does, the build decides whether the artifact is verified.
    const tested = await run('ci', 'test', {
      needs,
      instead: { 'ci / test / Test': 'npm run build' },
    });
    expect(failures(tested)).toEqual([]);
    const image = await run('ci', 'image', { needs });
    expect(failures(image)).toEqual([]);
    expect(calls()).toContain('docker run --rm --read-only --user 1000 federation-sync:amd64');
    ci = { sha256: build.outputs.sha256!, 'image-sha256': image.outputs.sha256! };
  });

  test('fails where the tested build is not the artifact', async () => {
    const { result, steps } = await run('ci', 'test', {
      needs: { build: { sha256: ci.sha256! } },
      instead: { 'ci / test / Test': 'npm run build && echo "// changed" >> dist/index.mjs' },
    });
    expect(result).toBe('failure');
    expect(failures({ steps } as Ended).map(([name]) => name)).toEqual([
      'ci / test / Verify that the tested build is the artifact',
    ]);
  });

  test('packs the repository that publishes, and the Node.js that is required', async () => {
    const artifact = join(folder, 'artifacts/dist');
    const [tarball] = readdirSync(artifact).filter((name) => name.endsWith('.tgz'));
    const unpack = async (file: string) =>
      (await promisify(execFile)('tar', ['-xzOf', join(artifact, tarball!), `package/${file}`]))
        .stdout;
    expect(JSON.parse(await unpack('package.json'))).toMatchObject({
      name: manifest.name,
      repository: { type: 'git', url: 'git+https://github.com/Example/Federation-Sync.git' },
      engines: { node: '>=24' },
    });
    expect(await unpack('dist/cli.mjs')).toBe(readFileSync(join(artifact, 'cli.mjs'), 'utf8'));
  });
});

describe('audit.yml', () => {
  test('refuses an osv-scanner with another hash', async () => {
    const { steps } = await run('audit', 'osv', {
      programs: { curl: 'while [ "$1" != --output ]; do shift; done; echo changed > "$2"' },
      instead: { 'audit / osv / Scan the lockfile': 'true' },
    });
    const { code, output } = steps['audit / osv / Download osv-scanner']!;
    expect(code).not.toBe(0);
    expect(output).toContain('osv-scanner: FAILED');
  });
});

describeWith(['moto', 'aws'], 'deploy.yml', () => {
  let moto: Moto;
  /** The packaging of the first deployment. */
  let first: Ended;
  beforeAll(async () => {
    moto = await startMoto();
    // Without a container, moto answers an invocation with what it is given here.
    await post('config', { lambda: { use_docker: false } });
    const job = { name: 'federate', to: 'configmap/a/b:c', status: 'unchanged', targets: 2 };
    const answer = { action: 'plan', jobs: [{ ...job, added: [], removed: [] }] };
    await post('static/lambda-simple/response', {
      results: Array.from({ length: 2 }, () => JSON.stringify(answer)),
      region: 'eu-central-1',
    });
  });
  afterAll(() => moto?.stop());

  const post = (path: string, body: object) =>
    fetch(`${moto.endpoint}/moto-api/${path}`, { method: 'POST', body: JSON.stringify(body) });
  const pack = (environment: string, settings: string, at: string) =>
    run('deploy', 'package', {
      folder: at,
      inputs: environment ? { environment } : {},
      needs: { ci },
      vars: { PARAMS_PROD: 'region=eu-central-1\r\nemail=ops@example.com\n' },
      files: { 'federation-sync.yml': settings },
    });
  const deploy = (outputs: Record<string, string>, settings: string, at: string, more = {}) =>
    run('deploy', 'deploy', {
      folder: at,
      needs: { package: outputs },
      vars: { DEPLOY_ROLE: 'arn:aws:iam::111111111111:role/deploy-federation-sync' },
      files: { 'federation-sync.yml': settings },
      env: { SLS_AWS_MONITORING_FREQUENCY: '200' },
      credentials: moto.env,
      ...more,
    });
  /** The patterns of the rules, which name the zones. */
  async function patterns(): Promise<string> {
    const region = ['--region', 'eu-central-1'];
    const { Rules } = JSON.parse(await aws(['events', 'list-rules', ...region], moto.env));
    return JSON.stringify(Rules.map((one: { EventPattern?: string }) => one.EventPattern));
  }
  /** A folder for one run of the workflow, with the artifacts of ci.yml. */
  function runFolder(name: string): string {
    const at = join(folder, name);
    cpSync(join(folder, 'artifacts'), join(at, 'artifacts'), { recursive: true });
    return at;
  }

  test('packages without credentials, deploys only that package, and returns to the one before', async () => {
    const at = runFolder('first');
    first = await pack('', settingsOfTwoAccounts, at);
    expect(failures(first)).toEqual([]);
    expect(first.outputs).toMatchObject({ stage: 'prod', region: 'eu-central-1' });
    const deployed = await deploy(first.outputs, settingsOfTwoAccounts, at);
    expect(failures(deployed)).toEqual([]);
    const before = await patterns();
    expect(before).toContain('Z3M3LMPEXAMPLE');

    const second = runFolder('second');
    const changed = settingsOfTwoAccounts.replace('Z3M3LMPEXAMPLE', 'Z5NEWER');
    const next = await pack('production', changed, second);
    const failed = await deploy(next.outputs, changed, second, {
      instead: { 'deploy / deploy / Smoke test': 'exit 1' },
    });
    expect(failures(failed)).toEqual([]);
    expect(failed.result).toBe('failure');
    expect(Object.keys(failed.steps)).toContain(
      'deploy / deploy / Roll back to the previous deployment',
    );
    const template = readFileSync(
      join(second, 'artifacts/packaged/package/cloudformation-template-update-stack.json'),
      'utf8',
    );
    expect(template).toContain('Z5NEWER');
    expect(template).toContain('ops@example.com');
    expect(await patterns()).toBe(before);
  });

  test('deploys nothing that was changed after it was packaged', async () => {
    const at = runFolder('changed');
    cpSync(join(folder, 'first/artifacts/packaged'), join(at, 'artifacts/packaged'), {
      recursive: true,
    });
    appendFileSync(join(at, 'artifacts/packaged/args'), '--param\nemail=attacker@example.com\n');
    const ended = await deploy(first.outputs, settingsOfTwoAccounts, at);
    expect(failures(ended).map(([name]) => name)).toEqual([
      'deploy / deploy / Verify the artifact',
    ]);
    expect(Object.keys(ended.steps)).not.toContain('deploy / deploy / Deploy');
  });

  test('refuses an environment that cannot be the name of a stage', async () => {
    const { result, steps } = await pack('under_score', settingsOfTwoAccounts, runFolder('name'));
    expect(result).toBe('failure');
    expect(steps['deploy / package / Choose the stage']!.output).toMatch(/^::error::/);
  });

  test.each([
    ['production', 'prod'],
    ['Production', 'prod'],
    ['prod', 'prod'],
    ['prod-eu', 'prod-eu'],
  ])('environment %s is in the concurrency group of stage %s', async (environment, stage) => {
    const others = runSteps().filter(
      (name) => name.startsWith('deploy / package / ') && !name.endsWith('Choose the stage'),
    );
    const { outputs } = await run('deploy', 'package', {
      folder: runFolder(`group-${environment}`),
      inputs: { environment },
      needs: { ci },
      instead: Object.fromEntries(others.map((name) => [name, 'mkdir -p packaged'])),
    });
    const { group } = readWorkflow('deploy').jobs.deploy!.concurrency!;
    expect(interpolate(group, { needs: { package: { outputs } } })).toBe(`deploy-${stage}`);
  });
});

describe('release.yml', () => {
  const needs = () => ({
    ci,
    npm: {},
    attest: {},
    notes: {},
    image: { name: 'ghcr.io/example/federation-sync', digest: DIGEST },
  });

  test('has the notes of the version, and refuses a tag of another one', async () => {
    const notes = await run('release', 'notes');
    expect(failures(notes)).toEqual([]);
    expect(readFileSync(join(folder, 'artifacts/notes/notes.md'), 'utf8')).toContain(
      'First release',
    );
    const other = { ...github, ref_name: 'v99.0.0' };
    const refused = await run('release', 'notes', {
      folder: join(folder, 'other-tag'),
      github: other,
    });
    expect(refused.result).toBe('failure');
  });

  test('publishes the tested package, as far as a registry of our own accepts it', async () => {
    const asked: string[] = [];
    const registry = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      response.writeHead(404, { 'content-type': 'application/json' }).end('{}');
    });
    await new Promise<void>((resolve) => registry.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = registry.address() as AddressInfo;
      const ended = await run('release', 'npm', {
        needs: needs(),
        // Provenance is signed by Sigstore; a dry run stops before.
        env: {
          npm_config_registry: `http://127.0.0.1:${port}/`,
          npm_config_dry_run: 'true',
        },
      });
      expect(failures(ended)).toEqual([]);
      const { output } = ended.steps['release / npm / Publish']!;
      expect(output).toContain(`${manifest.name}@${manifest.version}`);
      expect(output).toMatch(/dist\/cli-main-\w+\.mjs/);
    } finally {
      registry.close();
    }
  });

  test('attests bundle, zip, package and image, and pushes both platforms', async () => {
    expect(failures(await run('release', 'attest', { needs: needs() }))).toEqual([]);
    const image = await run('release', 'image', {
      needs: needs(),
      github: { ...github, token: 'the token' },
    });
    expect(failures(image)).toEqual([]);
    expect(image.outputs).toEqual({ name: 'ghcr.io/example/federation-sync', digest: DIGEST });
    for (const platform of ['amd64', 'arm64'])
      expect(calls()).toContain(
        `docker push ghcr.io/example/federation-sync:${manifest.version}-${platform}\n`,
      );
  });

  test('creates the release with the notes, the image by digest, and every file', async () => {
    const ended = await run('release', 'release', { needs: needs() });
    expect(failures(ended)).toEqual([]);
    expect(calls()).toContain(`Image: \`ghcr.io/example/federation-sync@${DIGEST}\``);
    const [created = ''] = calls().match(/^gh release create .*/m) ?? [];
    const built = readdirSync(join(folder, 'artifacts/dist'), { withFileTypes: true });
    // Its folder is what deploy.yml packages.
    for (const { name } of built.filter((one) => one.isFile()))
      if (!/^cli|meta\.json$/.test(name)) expect(created).toContain(`dist/${name}`);
  });
});

test('every step of every workflow was executed above, or is in the list of those that cannot be', () => {
  const passed = [...executed].filter(([, succeeded]) => succeeded).map(([name]) => name);
  expect([...passed, ...Object.keys(cannotRunHere)].sort()).toEqual(runSteps().sort());
});
