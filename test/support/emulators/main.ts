import { serveControl } from './control.ts';
import { startEmulators } from './emulators.ts';

/**
 * All emulators as a process of their own: prints one JSON line (an Endpoints of emulator-process.ts) and serves until it
 * is killed, or until its standard input ends where `--until-stdin-ends` is given, so that it never outlives a test.
 */
const emulators = await startEmulators();
const control = await serveControl(emulators);
const { aws, kubernetes, cluster, credentials, env } = emulators;
console.log(
  JSON.stringify({
    aws: aws.url,
    kubernetes: {
      url: kubernetes.url,
      certificateAuthority: kubernetes.certificateAuthority,
      adminToken: kubernetes.adminToken,
      kubeconfig: kubernetes.kubeconfig(),
    },
    cluster,
    credentials,
    env,
    control: control.url,
  }),
);

if (process.argv.includes('--until-stdin-ends')) {
  process.stdin.resume();
  process.stdin.once('end', async () => {
    control.close();
    await emulators.close();
  });
}
