import { connect } from '../../../src/connect.ts';
import { kubernetesRole } from '../../../src/kubernetes-policy.ts';
import type { Outcome } from '../../../src/report.ts';
import { checkSettings } from '../../../src/settings/parse.ts';
import { sync } from '../../../src/sync.ts';
import { type Aws, startAws } from '../../support/emulators/aws.ts';
import { cname } from '../../support/emulators/record-sets.ts';
import { type KubeApiserver, startKubeApiserver } from '../../support/parts/kube-apiserver.ts';
import { Admin, type ContractServer } from '../../unit/objects/contract.ts';
import { quickRetries } from '../faults/quick-retries.ts';

export const NAMESPACE = 'monitoring';
export const NAME = 'prometheus-server';
const PLACE = { namespace: NAMESPACE, name: NAME };
const SYNCER = { name: 'syncer', token: 'syncer-token', groups: ['federation-sync'] };

/** What a person keeps in git, and applies again and again: without a single target. */
export const MANIFEST_TEXT = `# from git
global:
  scrape_interval: 15s
scrape_configs:
  - job_name: other # edit 0
    static_configs: [{targets: [localhost:9090]}]
  - job_name: federate
    honor_labels: true
    static_configs: []
  - job_name: blackbox
    metrics_path: /probe
    static_configs: []
`;
const MANIFEST = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: PLACE,
  data: { 'prometheus.yml': MANIFEST_TEXT },
};
export const JOBS = ['federate', 'blackbox', 'leaves'] as const;
export type JobName = (typeof JOBS)[number];

/** A zone per job, and three lists in two documents of one ConfigMap on a real API server. */
export class Scene {
  readonly aws: Aws;
  readonly server: KubeApiserver;
  readonly admin: Admin;
  readonly contract: ContractServer;
  readonly #zones: Record<JobName, string>;
  readonly #kubeconfig: string;
  readonly #env = { ...process.env };
  #clusters = 0;

  static async start(): Promise<Scene> {
    const server = await startKubeApiserver({ users: [SYNCER] });
    const scene = new Scene(await startAws(), server);
    await server.namespace(NAMESPACE);
    // Exactly what `federation-sync policy` prints.
    await server.apply(kubernetesRole(scene.settings()));
    await scene.applyManifest();
    const path = `/api/v1/namespaces/${NAMESPACE}/configmaps/${NAME}`;
    await scene.admin.patch(path, { data: { 'leaves.json': '[]', 'alerts.yml': 'edit 0' } });
    return scene;
  }

  private constructor(aws: Aws, server: KubeApiserver) {
    this.aws = aws;
    this.server = server;
    this.contract = { ...server, syncerToken: SYNCER.token };
    this.admin = new Admin(this.contract);
    this.#kubeconfig = server.kubeconfigFile({ token: SYNCER.token });
    const zone = (name: string) => aws.route53.createZone({ name: `${name}.internal` });
    this.#zones = {
      federate: zone('federate'),
      blackbox: zone('blackbox'),
      leaves: zone('leaves'),
    };
    Object.assign(process.env, {
      AWS_ENDPOINT_URL: aws.url,
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'AKIA1',
      AWS_SECRET_ACCESS_KEY: 'secret',
    });
  }

  async close(): Promise<void> {
    process.env = this.#env;
    await this.aws.close();
    await this.server.stop();
  }

  settings() {
    const guard = { maxRemoved: '100%', minTargets: 0 };
    const job = (name: JobName, to: object) => ({
      name,
      from: [{ zone: this.#zones[name] }],
      select: { name: `\\.${name}\\.internal$` },
      guard,
      to,
    });
    const prometheus = { configMap: { ...PLACE, key: 'prometheus.yml' } };
    const raw = {
      cluster: { kubeconfig: { path: this.#kubeconfig } },
      jobs: [
        { ...job('federate', prometheus), job: 'federate' },
        { ...job('blackbox', prometheus), job: 'blackbox' },
        job('leaves', { configMap: { ...PLACE, key: 'leaves.json' }, format: 'file_sd' }),
      ],
    };
    return checkSettings(raw, 'settings', '/');
  }

  /**
   * A cluster comes, the oldest goes: no state of a zone is ever there twice. (Else a run that finds what it wants
   * leaves no version to refuse an older run by; see sync.ts.)
   */
  change(name: JobName): void {
    this.#clusters += 1;
    const { route53 } = this.aws;
    const zone = this.#zones[name];
    route53.upsert(zone, [cname(`c${String(this.#clusters).padStart(5, '0')}.${name}.internal`)]);
    const there = route53.records(zone).filter(({ Type }) => Type === 'CNAME');
    if (there.length > 6) route53.delete(zone, there.slice(0, 1));
  }

  /** The names that a job's list must hold. */
  wanted(name: JobName): string[] {
    const records = this.aws.route53.records(this.#zones[name]);
    return records.filter(({ Type }) => Type === 'CNAME').map(({ Name }) => Name);
  }

  /** One run with connections of its own, as another process would make it. */
  async sync(names: readonly JobName[]): Promise<Outcome[]> {
    const settings = this.settings();
    const connection = connect(settings, { env: process.env, retryStrategy: quickRetries(5) });
    try {
      return await sync(
        settings.jobs.filter(({ name }) => (names as readonly string[]).includes(name)),
        connection,
        { signal: AbortSignal.timeout(60_000), pauseMs: 20 },
      );
    } finally {
      connection.kubernetes().close();
    }
  }

  /** The same until nothing is left that a queue would deliver again. */
  async syncAsQueue(
    names: readonly JobName[],
  ): Promise<{ outcomes: Outcome[]; deliveries: number }> {
    for (let deliveries = 1; ; deliveries++) {
      const outcomes = await this.sync(names);
      const again = outcomes.some(({ fault }) => fault?.retryable);
      if (!again || deliveries === 20) return { outcomes, deliveries };
    }
  }

  applyManifest(): Promise<string> {
    return this.server.apply(MANIFEST);
  }
}
