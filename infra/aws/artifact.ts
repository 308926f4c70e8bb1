import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { example, settingsPath } from './settings.ts';
import { zip } from './zip.ts';

interface Serverless {
  readonly serviceDir: string;
  readonly service: {
    package: { artifact?: string };
    readonly custom: { readonly settings: string };
  };
}

/** An osls plugin: packages only the bundle and the settings, both at the root of the zip. */
export class Artifact {
  readonly hooks: Record<string, () => void>;

  constructor(serverless: Serverless) {
    const { serviceDir, service } = serverless;
    // Called in the hooks: parameters are not yet resolved when the plugin is constructed.
    const settings = () => settingsPath(serviceDir, service.custom.settings);
    const pack = () => {
      const artifact = join(serviceDir, '.serverless', 'federation-sync.zip');
      mkdirSync(join(serviceDir, '.serverless'), { recursive: true });
      writeFileSync(
        artifact,
        zip({
          'index.mjs': readFileSync(join(serviceDir, 'dist/index.mjs')),
          'federation-sync.yml': readFileSync(join(serviceDir, settings())),
        }),
      );
      service.package.artifact = artifact;
    };
    const refuseExample = () => {
      if (settings() !== example) return;
      throw new Error(
        `There are no settings to deploy. Copy ${example} to federation-sync.yml and adapt it.`,
      );
    };
    this.hooks = {
      'before:package:createDeploymentArtifacts': pack,
      'before:package:function:package': pack,
      'before:deploy:deploy': refuseExample,
      'before:deploy:function:initialize': refuseExample,
    };
  }
}
