import { setTimeout } from 'node:timers/promises';
import { scheduledEvent } from '../../demo/events.ts';
import { Narrator } from '../../demo/narrator.ts';
import { reasonToSkip } from '../../support/parts/part-names.ts';
import { type Chapter, figures, nodesSeen, untilGone, untilSeen } from './story.ts';
import { objects, startWorld, storyParts, type World } from './world.ts';

/*
 * npm run demo:real: the same day on real parts, with seconds until the real servers scrape. It writes only to temporary
 * folders.
 */

const reason = reasonToSkip(storyParts);
if (reason) {
  console.error(reason);
  process.exit(1);
}

const narrator = new Narrator((line) => console.log(line));
narrator.say(
  'Starting kube-apiserver, moto, named, seven Prometheus servers and the Lambda runtime …',
);
const world = await startWorld('2s');
process.once('SIGINT', () => process.exit(130));
try {
  await story(world);
} finally {
  await world.stop();
}

async function story({ zone, leaves, cluster }: World): Promise<void> {
  const [, second, third] = leaves;
  narrator.scene(
    'Two clusters are in the zone and in prometheus.yml: a sync finds nothing to do there,',
  );
  narrator.say('and fills the still empty list that Prometheus reads by file_sd.', 'bold', '   ');
  await invoke(scheduledEvent());

  narrator.scene(
    `A cluster appears: the name of ${third.clusterID} is registered, and it is scraped.`,
  );
  narrator.happens(`Route 53: UPSERT ${hostOf(third)}; its event -> the function`);
  const appeared = await zone.register(third);
  await arrive(() => untilSeen(world, third, appeared));

  narrator.scene('Its name goes. The target is kept for a while (keep: 2s here), then dropped.');
  narrator.happens(`Route 53: DELETE ${hostOf(third)}; its event -> the function`);
  await invoke(await zone.deregister(third));
  await keepIsOver();
  narrator.happens('Seconds later: the schedule -> the function');
  await arrive(() => untilGone(world, third, scheduledEvent()));

  narrator.scene(
    'Six more clusters appear. Then somebody deletes their names by mistake: refused.',
  );
  const more = [4, 5, 6, 7, 8, 9].map((n) => ({
    name: `prometheus${n}.example.com.`,
    host: second.host,
  }));
  narrator.happens('Route 53: 6 x UPSERT; the events -> the function');
  await invoke(await lastOf(more, zone.register));
  narrator.happens('Route 53: 6 x DELETE; the events -> the function');
  await invoke(await lastOf(more, zone.deregister));
  await keepIsOver();
  narrator.happens('Seconds later: the schedule -> the function');
  await invoke(scheduledEvent());
  narrator.happens('The records are restored; the events -> the function');
  await invoke(await lastOf(more, zone.register));

  narrator.scene(
    'Somebody edits the ConfigMap by hand. Only the list is ours: the rest stays theirs.',
  );
  narrator.command(`kubectl patch configmap ${objects.prometheus.name} …`);
  const before = await cluster.read(objects.prometheus);
  const edited = before
    .replace('evaluation_interval: 5s', 'evaluation_interval: 10s')
    .replace(/ {6}- targets:\n.*prometheus1\.example\.com\.\n.*\n.*\n/, '');
  const { namespace, name, key } = objects.prometheus;
  const patch = JSON.stringify({ data: { [key]: edited } });
  await cluster.kube.kubectl(['patch', 'configmap', name, '-n', namespace, '-p', patch]);
  narrator.changed(before, await cluster.read(objects.prometheus));
  narrator.happens('The schedule -> the function');
  await invoke(scheduledEvent());

  narrator.scene(
    'The event of step 2 arrives again, late. An event is only a signal to look again.',
  );
  narrator.happens(`UPSERT ${hostOf(third)} -> the function`);
  await invoke(appeared);

  narrator.say();
  narrator.say(
    'A kubelet adds up to 90 s to each of these times, unless the pods are nudged; EventBridge and the batch window add about one.',
  );
}

/** The event of the last of several changes; one run for all of them, as after the queue's batch window. */
async function lastOf<T>(all: readonly T[], change: (one: T) => Promise<object>): Promise<object> {
  let event = {};
  for (const one of all) event = await change(one);
  return event;
}

/** The function gets the event; prints what it changed in prometheus.yml, and its report. */
async function invoke(event: object): Promise<void> {
  await shown(async () => {
    const begun = performance.now();
    const report = await world.function.wake(event);
    return { report, answered: (performance.now() - begun) / 1000 };
  });
}

/** The same, then the seconds until every server shows it. */
async function arrive(chapter: () => Promise<Chapter>): Promise<void> {
  const told = await shown(chapter);
  for (const line of figures(told)) narrator.say(line, undefined, '   ');
  const [server] = world.servers;
  const nodes = server ? Object.entries(await nodesSeen(server, server.reload)).sort() : [];
  const text = nodes.map(([clusterID, count]) => `${clusterID} ${count}`).join(', ');
  narrator.say(`job:nodes:count at the federation server: ${text}`, undefined, '   ');
}

async function shown<T extends Pick<Chapter, 'report' | 'answered'>>(
  work: () => Promise<T>,
): Promise<T> {
  const before = await world.cluster.read(objects.prometheus);
  const done = await work();
  narrator.changed(before, await world.cluster.read(objects.prometheus));
  for (const job of done.report.jobs) narrator.job(job, `${done.answered.toFixed(2)} s`, job.name);
  return done;
}

/** The 2 s of `keep`; the times in the object are in seconds, rounded up. */
function keepIsOver(): Promise<void> {
  return setTimeout(3_100);
}

/** Without the final dot. */
function hostOf({ name }: { readonly name: string }): string {
  return name.replace(/\.$/, '');
}
