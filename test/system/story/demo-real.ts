import { reasonToSkip } from '../../support/parts/part-names.ts';
import { addCluster, type Chapter, deleteCluster, figures, nodesSeen } from './story.ts';
import { objects, startWorld, storyParts, type World } from './world.ts';

/*
 * npm run demo:real: the story for a person, on real parts. It writes nowhere but into temporary folders.
 */

const reason = reasonToSkip(storyParts);
if (reason) {
  console.error(reason);
  process.exit(1);
}

const say = (line = '') => console.log(line);
const tell = ({ report, ...chapter }: Chapter) => {
  for (const job of report.jobs) {
    const names = [...job.added.map((it) => `+${it}`), ...job.removed.map((it) => `-${it}`)];
    say(`   ${job.status} ${job.to}  ${names.join(' ')}`);
  }
  for (const line of figures({ report, ...chapter })) say(`   ${line}`);
};

async function show(world: World): Promise<void> {
  const [server] = world.servers;
  if (!server) return;
  const nodes = Object.entries(await nodesSeen(server, server.reload)).sort();
  const text = nodes.map(([clusterID, count]) => `${clusterID} ${count}`).join(', ');
  say(`   job:nodes:count at the federation server: ${text}`);
}

say('Starting kube-apiserver, moto, named, seven Prometheus servers and the Lambda runtime …');
const world = await startWorld();
process.once('SIGINT', () => process.exit(130));
try {
  const [first, , third] = world.leaves;
  say('\n1. Two clusters are in the zone and in prometheus.yml. A sync finds nothing to do there,');
  say('   and fills the still empty list that Prometheus reads by file_sd.');
  for (const { status, to } of (await world.function.wake({})).jobs) say(`   ${status} ${to}`);

  say(`\n2. ${third.name} is registered: seconds until the first sample of ${third.clusterID}`);
  tell(await addCluster(world, third));
  await show(world);

  say(`\n3. ${first.name} is deleted: seconds until its target is gone`);
  tell(await deleteCluster(world, first));

  say('\n4. What kubectl reads of prometheus.yml now:\n');
  say(await world.cluster.read(objects.prometheus));
  say(
    'A kubelet adds a minute or two to each of these times, EventBridge and the batch window about one.',
  );
} finally {
  await world.stop();
}
