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

/** A plugin of osls: packs the bundle and the settings, both at the zip's root, and nothing else. */
export class Artifact {
  readonly hooks: Record<string, () => void>;

  constructor(serverless: Serverless) {
    const { serviceDir, service } = serverless;
    // Read in the hooks: parameters are not resolved yet when a plugin is made.
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
        `Nothing to deploy: copy ${example} to federation-sync.yml and make it yours.`,
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
