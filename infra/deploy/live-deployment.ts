import { nameOf, readLive } from './live.ts';

/*
 * node infra/deploy/live-deployment.ts STAGE
 *
 * Prints the timestamp of the deployment that runs, for `osls rollback --timestamp`; nothing if there is none.
 */
const stage = process.argv[2];
if (!stage) throw new Error('Usage: node infra/deploy/live-deployment.ts STAGE');

try {
  const live = await readLive(stage);
  if (live?.upload) console.log(live.upload);
  else if (live?.code)
    console.error(
      `The code of function ${nameOf(stage)} (SHA-256 ${live.code}) is not one of its ${live.uploads.length} uploads: there is no deployment to return to.`,
    );
  else console.error(`Nothing is deployed to stage ${stage} yet.`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
