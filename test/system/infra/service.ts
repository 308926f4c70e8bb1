import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { crc32, inflateRawSync } from 'node:zlib';
import { caches } from '../../support/caches.ts';

const root = join(import.meta.dirname, '../../..');
const bin = join(root, 'node_modules/.bin');

export interface Template {
  readonly Resources: Record<string, Resource>;
  readonly Outputs: Record<string, unknown>;
}

export interface Resource {
  readonly Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: a template's shape is CloudFormation's to check, not ours.
  readonly Properties: any;
  readonly DependsOn?: unknown;
}

/** A copy of what a deployment is made from, so that concurrent runs share nothing. */
export interface Service {
  readonly folder: string;
  /** Runs osls there, with no credentials but those given; throws with all that it printed. */
  osls(args: readonly string[], env?: Record<string, string>): Promise<string>;
  /** `osls package`, and the template it would deploy. */
  package(args?: readonly string[]): Promise<{ template: Template; file: string; zip: string }>;
  remove(): void;
}

/** @param settings text of federation-sync.yml; without it there is only the example */
export async function createService(settings?: string): Promise<Service> {
  const folder = await mkdtemp(join(tmpdir(), 'service-'));
  for (const part of ['serverless.yml', 'package.json', 'infra', 'src'])
    cpSync(join(root, part), join(folder, part), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  mkdirSync(join(folder, 'dist/function'), { recursive: true });
  for (const name of ['index.mjs', 'function', 'function.meta.json']) {
    cpSync(join(root, 'dist', name), join(folder, 'dist', name), { recursive: true });
  }
  if (settings !== undefined) writeFileSync(join(folder, 'federation-sync.yml'), settings);

  const osls: Service['osls'] = async (args, env = {}) => {
    const options = {
      cwd: folder,
      // Nothing of the machine's AWS settings: packaging takes none, and moto's come with `env`.
      env: {
        PATH: `${bin}:${process.env.PATH}`,
        HOME: folder,
        ...caches,
        SLS_AWS_MONITORING_FREQUENCY: '200',
        ...env,
      },
      timeout: 60_000,
      maxBuffer: 16 * 1024 * 1024,
    };
    const { stdout, stderr } = await promisify(execFile)(join(bin, 'osls'), args, options).catch(
      (error) => {
        throw new Error(`osls ${args.join(' ')}\n${error.stdout}${error.stderr}`);
      },
    );
    return `${stdout}${stderr}`;
  };
  let packages = 0;
  return {
    folder,
    osls,
    async package(args = []) {
      packages += 1;
      const target = join(folder, `package-${packages}`);
      await osls(['package', '--package', target, ...args]);
      const file = join(target, 'cloudformation-template-update-stack.json');
      return {
        template: JSON.parse(readFileSync(file, 'utf8')),
        file,
        zip: join(target, 'federation-sync.zip'),
      };
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** The template's resources of that type, by logical id. */
export function ofType(template: Template, type: string): Record<string, Resource> {
  return Object.fromEntries(
    Object.entries(template.Resources).filter(([, resource]) => resource.Type === type),
  );
}

/** Settings with all that decides how the function is deployed: two accounts, a Secret, a second job. */
export const settingsOfTwoAccounts = `
cluster:
  eks: { name: central, region: eu-west-1 }
jobs:
  - job: federate
    from:
      - zone: Z08214473FVAJ9QTLWTEC
      - zone: Z0148189XUB3LLEJKXPR
        roleArn: arn:aws:iam::222222222222:role/federation-sync-prod-reader-123456789012-eu-west-1
        externalId: federation-sync
    select: { name: '\\.prometheus\\.internal$' }
    expect:
      - eks: { region: eu-west-1 }
    to:
      - configMap: { namespace: monitoring, name: prometheus-server, key: prometheus.yml }
        prometheus: { service: { namespace: monitoring, name: prometheus-server, port: 80 } }
  - name: probes
    job: blackbox
    from: [{ zone: /hostedzone/Z3M3LMPEXAMPLE, public: true }]
    select: { name: '\\.cloud\\.example\\.com$' }
    to:
      - secret: { namespace: monitoring, name: additional-scrape-configs, key: blackbox.yaml }
        format: scrape_configs
`;

/** What a zip's directory lists, unpacked; faults of a file's checksum or length are thrown. */
export function filesOf(zip: Buffer): Record<string, string> {
  const files: Record<string, string> = {};
  let at = zip.readUInt32LE(zip.length - 6);
  while (zip.readUInt32LE(at) === 0x02014b50) {
    const [checksum, packed, length] = [16, 20, 24].map((field) => zip.readUInt32LE(at + field));
    const nameEnd = at + 46 + zip.readUInt16LE(at + 28);
    const name = zip.toString('utf8', at + 46, nameEnd);
    const local = zip.readUInt32LE(at + 42);
    const data = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    const content = inflateRawSync(zip.subarray(data, data + packed!));
    if (crc32(content) !== checksum || content.length !== length)
      throw new Error(`${name} is broken`);
    files[name] = content.toString();
    at = nameEnd + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return files;
}
