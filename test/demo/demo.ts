/**
 * `npm run demo`: a day of the central cluster, with nothing but Node. The function's deployable bundle runs in an
 * empty folder and is invoked by events, the built command line answers a person's questions; Route 53, EKS, the
 * Kubernetes API and Prometheus are the tests' emulators, on loopback.
 */

import { Cast } from './cast.ts';
import { startCentralCluster } from './central-cluster.ts';
import { Narrator } from './narrator.ts';
import { story } from './story.ts';

const begun = performance.now();
const narrator = new Narrator((line) => console.log(line));
const cast = await Cast.start(await startCentralCluster(), narrator);
try {
  await story(cast);
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  narrator.say();
  narrator.say(`Every step did what it says (${seconds} s).`, 'green');
} finally {
  await cast.stop();
}
