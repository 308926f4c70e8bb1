import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deploymentOutput, type Live, readLive } from '../deploy/live.ts';
import { artifactFiles } from './artifact-files.ts';
import { settingsPath, whyNotDeployed } from './settings.ts';
import { zip } from './zip.ts';

interface Template {
  readonly Resources: Record<string, { Type: string; Properties?: { Protocol?: string } }>;
  Outputs?: Record<string, { Description?: string; Value: unknown }>;
}

interface Serverless {
  readonly serviceDir: string;
  readonly classes: { readonly Error: new (message: string) => Error };
  readonly service: {
    package: { artifact?: string };
    readonly custom: { readonly settings: string };
    readonly provider: {
      readonly compiledCloudFormationTemplate: Template;
      readonly deploymentBucketObject: { maxPreviousDeploymentArtifacts: number };
    };
  };
  getProvider(name: 'aws'): { getStage(): string; getAwsSdkV3Config(): Promise<object> };
}

/**
 * An osls plugin: packages only the bundle, the settings and the files that they name; and adds to `deploy` what
 * it needs where the newest upload is not what runs.
 */
export class Artifact {
  readonly hooks: Record<string, () => void | Promise<void>>;
  readonly #serverless: Serverless;
  readonly #options: { force?: boolean };
  #live: Live | undefined;

  constructor(serverless: Serverless, options: { force?: boolean }) {
    this.#serverless = serverless;
    this.#options = options;
    this.hooks = {
      'before:package:createDeploymentArtifacts': () => this.#pack(),
      'before:package:function:package': () => this.#pack(),
      'after:aws:package:finalize:mergeCustomProviderResources': () => this.#addDigest(),
      'before:deploy:deploy': () => this.#refuseSettings(),
      'before:deploy:function:initialize': () => this.#refuseSettings(),
      'before:aws:deploy:deploy:checkForChanges': () => this.#compareWithLive(),
      'before:aws:deploy:finalize:cleanup': () => this.#keepLive(),
      'after:deploy:finalize': () => this.#warnOfSilence(),
    };
  }

  get #stage(): string {
    return this.#serverless.getProvider('aws').getStage();
  }

  /** Called in the hooks: parameters are not yet resolved when the plugin is constructed. */
  get #settings(): string {
    const { serviceDir, service } = this.#serverless;
    return settingsPath(serviceDir, service.custom.settings, this.#stage);
  }

  #pack(): void {
    const { serviceDir, service } = this.#serverless;
    const artifact = join(serviceDir, '.serverless', 'federation-sync.zip');
    mkdirSync(join(serviceDir, '.serverless'), { recursive: true });
    writeFileSync(artifact, zip(artifactFiles(serviceDir, this.#settings)));
    service.package.artifact = artifact;
  }

  /** The digest of template and code. The code's place in the bucket is left out: it is new with every upload. */
  #addDigest(): void {
    const { package: packaged, provider } = this.#serverless.service;
    const template = provider.compiledCloudFormationTemplate;
    const digest = createHash('sha256')
      .update(JSON.stringify(template, (key, value) => (key === 'S3Key' ? undefined : value)))
      .update(readFileSync(packaged.artifact ?? ''))
      .digest('hex');
    template.Outputs = {
      ...template.Outputs,
      [deploymentOutput]: {
        Description: 'SHA-256 of what is deployed; infra/deploy/live.ts finds its upload',
        Value: digest,
      },
    };
  }

  #refuseSettings(): void {
    const { service, classes } = this.#serverless;
    const why = whyNotDeployed(this.#settings, service.custom.settings, this.#stage);
    if (why) throw new classes.Error(why);
  }

  /**
   * osls compares with the newest upload. After a rollback, or an update that failed, that is not what runs: it
   * would report "No changes to deploy" and leave the old function in place.
   */
  async #compareWithLive(): Promise<void> {
    const aws = this.#serverless.getProvider('aws');
    this.#live = await readLive(this.#stage, await aws.getAwsSdkV3Config());
    const { Outputs } = this.#serverless.service.provider.compiledCloudFormationTemplate;
    if (this.#live?.deployment !== Outputs?.[deploymentOutput]?.Value) this.#options.force = true;
  }

  /** Uploads that were never live or were rejected must not displace the one that a rollback returns to. */
  #keepLive(): void {
    const { uploads = [], upload } = this.#live ?? {};
    if (!upload) return;
    const bucket = this.#serverless.service.provider.deploymentBucketObject;
    // The upload of this deployment is one more.
    const needed = uploads.length - uploads.indexOf(upload) + 1;
    bucket.maxPreviousDeploymentArtifacts = Math.max(bucket.maxPreviousDeploymentArtifacts, needed);
  }

  #warnOfSilence(): void {
    const { Resources } = this.#serverless.service.provider.compiledCloudFormationTemplate;
    const types = Object.values(Resources).map(({ Type }) => Type);
    const subscribed = ['AWS::SNS::Subscription', 'AWS::Events::ApiDestination'];
    if (types.some((type) => subscribed.includes(type))) return;
    process.stderr.write(
      `Warning: nobody is notified of the alarms of stage ${this.#stage}. Set --param="email=ADDRESS" or --param="webhook=…", or subscribe to the topic federation-sync-${this.#stage}-alarms by hand.\n`,
    );
  }
}
