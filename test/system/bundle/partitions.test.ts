import { build, type Plugin } from 'esbuild';
import { expect, test } from 'vitest';
import { onlyPatternsOfRegions } from '../../../infra/bundle/plugins.ts';
import { root } from './build.ts';

interface Sdk {
  partition(region: string): Record<string, unknown>;
  /** All that the SDK knows by name. */
  readonly regions: readonly string[];
}

const folder = '@aws-sdk/core/dist-es/submodules/client/util-endpoints/lib/aws';

async function sdk(plugins: Plugin[]): Promise<Sdk> {
  const { outputFiles } = await build({
    stdin: {
      contents: `
        export { partition } from './node_modules/${folder}/partition.js';
        import { partitionsInfo } from './node_modules/${folder}/partitions.js';
        export const regions = partitionsInfo.partitions.flatMap(({ regions }) => Object.keys(regions));`,
      resolveDir: root,
    },
    ...{ bundle: true, format: 'esm', platform: 'node', write: false, plugins },
  });
  return import(`data:text/javascript,${encodeURIComponent(outputFiles[0]?.text ?? '')}`);
}

test('a Region is in the same partition as in the SDK, whether it is known by name or not', async () => {
  const whole = await sdk([]);
  const ours = await sdk([onlyPatternsOfRegions]);
  expect(whole.regions.length).toBeGreaterThan(40);
  expect(ours.regions.length).toBeLessThan(10);
  for (const region of [...whole.regions, 'eu-west-99', 'cn-east-9', 'us-gov-south-1', 'moon-1']) {
    const { description: _, ...expected } = whole.partition(region);
    expect(ours.partition(region), region).toEqual(expected);
  }
});
