import { execFile, execFileSync } from 'node:child_process';
import {
  cpSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { parse } from 'yaml';
import { caches } from '../caches.ts';
import { type Contexts, holds, interpolate, type JobStatus } from './expressions.ts';

/*
 * Runs the jobs of .github/workflows on this machine: every `run:` step in a shell as GitHub's runner would, with
 * expressions, conditions, outputs and artifacts; every `uses:` step as the stand-in of its action below. nektos/act
 * would do the same, but it fetches the actions from GitHub.
 */

const root = join(import.meta.dirname, '../../..');
const folder = join(root, '.github/workflows');

interface Step {
  readonly id?: string;
  readonly name?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly if?: string;
  readonly with?: Record<string, string>;
  readonly env?: Record<string, string>;
}

interface Job {
  readonly steps?: readonly Step[];
  readonly uses?: string;
  readonly env?: Record<string, string>;
  readonly outputs?: Record<string, string>;
  readonly environment?: string;
  readonly permissions?: Record<string, string>;
  readonly concurrency?: { readonly group: string };
}

interface Workflow {
  readonly env?: Record<string, string>;
  readonly jobs: Record<string, Job>;
}

export const readWorkflow = (name: string): Workflow =>
  parse(readFileSync(join(folder, `${name}.yml`), 'utf8'));

export const workflowNames = globSync('*.yml', { cwd: folder }).map((file) =>
  basename(file, '.yml'),
);

/** A name for a step of a workflow, such as `deploy / package / Seal`. */
export const stepName = (workflow: string, job: string, { name, run = '' }: Step): string =>
  `${workflow} / ${job} / ${name ?? run.split('\n')[0]}`;

/** All `run:` steps of all workflows. */
export const runSteps = (): string[] =>
  workflowNames.flatMap((workflow) =>
    Object.entries(readWorkflow(workflow).jobs).flatMap(([job, { steps = [] }]) =>
      steps.filter(({ run }) => run).map((step) => stepName(workflow, job, step)),
    ),
  );

export interface Options {
  /** An empty folder for workspaces and artifacts. Jobs with the same folder share artifacts. */
  readonly folder: string;
  readonly github: Readonly<Record<string, string>>;
  readonly vars?: Readonly<Record<string, string>>;
  readonly inputs?: Readonly<Record<string, string>>;
  /** Outputs of the jobs in `needs`. */
  readonly needs?: Readonly<Record<string, Record<string, string>>>;
  /** Files that the checkout has in addition, by path. */
  readonly files?: Readonly<Record<string, string>>;
  /** Environment of all steps, such as that of moto once configure-aws-credentials ran. */
  readonly env?: Readonly<Record<string, string>>;
  readonly credentials?: Readonly<Record<string, string>>;
  /** Programs that replace those of the machine, by name: the text of a bash script. */
  readonly programs?: Readonly<Record<string, string>>;
  /** Scripts to execute instead of steps that cannot be executed here, by stepName. */
  readonly instead?: Readonly<Record<string, string>>;
}

export interface Shell {
  readonly code: number;
  /** Of standard output and standard error. */
  readonly output: string;
}

export interface Ended {
  readonly result: JobStatus;
  readonly outputs: Record<string, string>;
  /** How each `run:` step ended that was executed as it is, by stepName. */
  readonly steps: Record<string, Shell>;
  readonly workspace: string;
}

/** Runs one job; throws where a stand-in finds that its action would fail. */
export async function runJob(
  workflowName: string,
  jobName: string,
  options: Options,
): Promise<Ended> {
  const workflow = readWorkflow(workflowName);
  const job = workflow.jobs[jobName];
  if (!job?.steps) throw new Error(`${workflowName}.yml has no job ${jobName} with steps`);
  const { github, vars = {}, inputs = {}, needs = {} } = options;
  mkdirSync(options.folder, { recursive: true });
  const home = mkdtempSync(join(options.folder, `${workflowName}-${jobName}-`));
  const workspace = join(home, 'workspace');
  mkdirSync(workspace);
  const output = join(home, 'output');
  const bin = standInPrograms(join(home, 'bin'), options.programs ?? {});

  const base: Contexts = {
    github,
    vars,
    inputs,
    needs: Object.fromEntries(Object.entries(needs).map(([name, outputs]) => [name, { outputs }])),
    runner: { os: 'Linux' },
  };
  const evaluated = (texts: Readonly<Record<string, string>> = {}, contexts: Contexts) =>
    Object.fromEntries(
      Object.entries(texts).map(([name, text]) => [name, interpolate(String(text), contexts)]),
    );
  const workflowEnv = evaluated(workflow.env, base);
  const jobEnv = { ...workflowEnv, ...evaluated(job.env, { ...base, env: workflowEnv }) };
  const steps: Record<string, { outputs: Record<string, string>; outcome: string }> = {};
  const ended: Record<string, Shell> = {};
  let status: JobStatus = 'success';
  let credentials: Readonly<Record<string, string>> = {};

  for (const step of job.steps) {
    const contexts = { ...base, env: jobEnv, steps, job: { status } };
    if (!holds(step.if, contexts, status)) continue;
    const given = evaluated(step.with, contexts);
    const [action = ''] = step.uses?.split('@') ?? [];
    if (step.uses) {
      if (action === 'aws-actions/configure-aws-credentials')
        credentials = credentialsOf(given, options);
      else useAction(action, given, { workspace, ...options });
      continue;
    }
    const name = stepName(workflowName, jobName, step);
    const script = options.instead?.[name];
    writeFileSync(output, '');
    const { code, output: printed } = await shell(script ?? step.run ?? '', workspace, {
      PATH: [bin, join(root, 'node_modules/.bin'), process.env.PATH].join(':'),
      HOME: home,
      ...caches,
      GITHUB_OUTPUT: output,
      ...Object.fromEntries(
        Object.entries(github).map(([key, value]) => [`GITHUB_${key.toUpperCase()}`, value]),
      ),
      ...options.env,
      ...credentials,
      ...jobEnv,
      ...evaluated(step.env, contexts),
    });
    if (script === undefined) ended[name] = { code, output: printed };
    if (code !== 0) status = 'failure';
    if (!step.id) continue;
    const lines = readFileSync(output, 'utf8').matchAll(/^([\w-]+)=(.*)$/gm);
    const outputs = Object.fromEntries([...lines].map(([, key = '', value = '']) => [key, value]));
    steps[step.id] = { outputs, outcome: code === 0 ? 'success' : 'failure' };
  }
  const outputs = evaluated(job.outputs, { ...base, steps });
  return { result: status, outputs, steps: ended, workspace };
}

/** The shell of a step that names none: `bash -e`, without pipefail. */
function shell(script: string, cwd: string, env: NodeJS.ProcessEnv): Promise<Shell> {
  return new Promise((resolve) => {
    const options = { cwd, env, maxBuffer: 64 << 20, timeout: 120_000 };
    execFile('bash', ['-e', '-c', script], options, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code ?? -1) : 0, output: `${stdout}${stderr}` }),
    );
  });
}

function standInPrograms(bin: string, programs: Readonly<Record<string, string>>): string {
  mkdirSync(bin, { recursive: true });
  for (const [name, text] of Object.entries(programs))
    writeFileSync(join(bin, name), `#!/usr/bin/env bash\nset -euo pipefail\n${text}\n`, {
      mode: 0o755,
    });
  return bin;
}

function credentialsOf(given: Record<string, string>, { credentials }: Options) {
  for (const input of ['role-to-assume', 'aws-region'])
    if (!given[input]) throw new Error(`configure-aws-credentials: ${input} is empty`);
  if (!credentials) throw new Error('configure-aws-credentials: the test has no credentials');
  return {
    ...credentials,
    AWS_REGION: given['aws-region']!,
    AWS_DEFAULT_REGION: given['aws-region']!,
  };
}

/** What an action does as far as later steps can see it. An action without a stand-in fails. */
function useAction(
  action: string,
  given: Readonly<Record<string, string>>,
  { workspace, folder, files = {} }: Options & { readonly workspace: string },
): void {
  const artifact = join(folder, 'artifacts', given.name ?? '');
  const found = (patterns = '') =>
    patterns
      .split('\n')
      .filter(Boolean)
      .flatMap((pattern) => {
        const paths = globSync(pattern.trim(), { cwd: workspace });
        if (paths.length === 0) throw new Error(`${action}: ${pattern} matches no file`);
        return paths;
      });
  switch (action) {
    case 'actions/checkout':
      checkOut(workspace, files);
      break;
    case 'actions/setup-node':
    case 'actions/cache':
      break;
    case 'actions/upload-artifact':
      mkdirSync(artifact, { recursive: true });
      for (const path of found(given.path)) {
        const from = join(workspace, path);
        // A folder's content is at the root of the artifact.
        const to = statSync(from).isDirectory() ? artifact : join(artifact, basename(path));
        cpSync(from, to, { recursive: true });
      }
      break;
    case 'actions/download-artifact':
      cpSync(artifact, join(workspace, given.path ?? '.'), { recursive: true });
      break;
    case 'actions/attest':
      if (given['sbom-path']) JSON.parse(readFileSync(join(workspace, given['sbom-path']), 'utf8'));
      if (given['subject-path']) found(given['subject-path']);
      else if (
        !given['subject-name'] ||
        !/^sha256:[0-9a-f]{64}$/.test(given['subject-digest'] ?? '')
      )
        throw new Error(`${action}: no subject`);
      break;
    default:
      throw new Error(`${action} has no stand-in`);
  }
}

function checkOut(workspace: string, files: Readonly<Record<string, string>>): void {
  const listed = execFileSync(
    'git',
    ['ls-files', '-z', '--cached', '--others', '--exclude-standard'],
    {
      cwd: root,
      encoding: 'utf8',
    },
  );
  for (const name of listed.split('\0').filter(Boolean)) {
    const from = join(root, name);
    try {
      cpSync(from, join(workspace, name));
    } catch (error) {
      // Deleted, but not yet committed.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  // What `npm ci` would install.
  symlinkSync(join(root, 'node_modules'), join(workspace, 'node_modules'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(workspace, name), text);
}
