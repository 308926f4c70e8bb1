import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import type { JobReport } from '../../src/report.ts';
import type { Cast } from './cast.ts';
import { batchEvent, changeEvent, scheduledEvent } from './events.ts';

const range = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);

/** @throws AssertionError where a step does not do what its title says */
export async function story(cast: Cast): Promise<void> {
  const { narrator } = cast;
  narrator.say(
    'A private zone, example.com, and a central cluster, whose Prometheus federates the others.',
  );
  narrator.say(
    '> what others do   $ what you run   + - changed lines of the ConfigMap   (seconds)',
  );
  await appears(cast);
  await goes(cast);
  await massRemoval(cast);
  await editedByHand(cast);
  await lateEvent(cast);
  await unreadable(cast);
  await neverRegistered(cast);
}

async function appears(cast: Cast): Promise<void> {
  cast.narrator.scene(
    'Two clusters are in the zone, and not in the list: the first sync adds them.',
  );
  cast.cluster.register(1, 2);
  await cast.run(0, 'sync');
  assert.match(
    cast.cluster.text(),
    /- prometheus2\.example\.com\.\n {8}labels:\n {10}clusterID: cluster2\n/,
  );

  cast.narrator.scene('A cluster appears. Nobody does anything else: it is scraped.');
  cast.narrator.happens(
    'Route 53: UPSERT prometheus3.example.com; CloudTrail, EventBridge -> the function',
  );
  cast.cluster.register(3);
  const { added } = await cast.invoke(changeEvent());
  assert.deepEqual(added, ['prometheus3.example.com.']);
  assert.match(await cast.run(0, 'verify'), /scraped\s+prometheus3\.example\.com\./);
}

async function goes(cast: Cast): Promise<void> {
  cast.narrator.scene(
    'Its name goes. The target is kept for a while (keep: 1s here), in case it returns; then dropped.',
  );
  cast.narrator.happens(
    'Route 53: DELETE prometheus3.example.com; CloudTrail, EventBridge -> the function',
  );
  cast.cluster.deregister(3);
  const first = await cast.invoke(changeEvent());
  assert.equal(first.kept.length, 1);
  await keepIsOver(first);
  cast.narrator.happens('Seconds later: the schedule -> the function');
  const { removed } = await cast.invoke(scheduledEvent());
  assert.deepEqual(removed, ['prometheus3.example.com.']);
}

async function massRemoval(cast: Cast): Promise<void> {
  const { cluster, narrator } = cast;
  narrator.scene('20 clusters appear at once: the queue makes one run of 20 events.');
  narrator.happens('Route 53: 20 x UPSERT; CloudTrail, EventBridge, SQS -> the function');
  cluster.register(...range(4, 23));
  const { added } = await cast.invoke(batchEvent(20));
  assert.equal(added.length, 20);

  narrator.scene('Somebody empties the zone by mistake. The mass removal is refused.');
  narrator.happens('Route 53: 20 x DELETE; CloudTrail, EventBridge, SQS -> the function');
  const whole = cluster.text();
  cluster.deregister(...range(4, 23));
  await keepIsOver(await cast.invoke(batchEvent(20)));
  narrator.happens('Seconds later: the schedule -> the function');
  const { status, error } = await cast.invoke(scheduledEvent());
  assert.equal(status, 'refused');
  assert.equal(error?.code, 'guard-max-removed');
  assert.equal(cluster.text(), whole);
  narrator.happens('The records are restored; CloudTrail, EventBridge, SQS -> the function');
  cluster.register(...range(4, 23));
  await cast.invoke(batchEvent(20));
  assert.equal(cluster.text(), whole);
}

async function editedByHand(cast: Cast): Promise<void> {
  const { cluster, narrator } = cast;
  narrator.scene(
    'Somebody edits the ConfigMap by hand. Only the list is ours: the rest stays theirs.',
  );
  narrator.happens(
    'kubectl edit configmap prometheus-server: an interval, and cluster 2 out of the list',
  );
  const before = cluster.text();
  cluster.edit((text) =>
    text
      .replace('scrape_interval: 15s', 'scrape_interval: 30s  # slower')
      .replace(/ {6}- targets:\n {8}- prometheus2\.example\.com\.\n.*\n.*\n/, ''),
  );
  narrator.changed(before, cluster.text());
  narrator.happens('The schedule -> the function');
  const { added } = await cast.invoke(scheduledEvent());
  assert.deepEqual(added, ['prometheus2.example.com.']);
  assert.match(cluster.text(), /scrape_interval: 30s {2}# slower/);
}

async function lateEvent(cast: Cast): Promise<void> {
  cast.narrator.scene(
    'The event of step 2 arrives again, late. An event is only a signal to look again.',
  );
  cast.narrator.happens(
    'CloudTrail, EventBridge: UPSERT prometheus3.example.com, 10 minutes ago -> the function',
  );
  const eventTime = new Date(Date.now() - 600_000).toISOString();
  const { status } = await cast.invoke(changeEvent({ eventTime }));
  assert.equal(status, 'unchanged');
  assert.doesNotMatch(cast.cluster.text(), /prometheus3\./);
}

async function unreadable(cast: Cast): Promise<void> {
  cast.narrator.scene(
    'The zone cannot be read. That is not an empty zone: retries and alarms see a failure.',
  );
  cast.narrator.happens('IAM: Deny route53:ListResourceRecordSets; the schedule -> the function');
  cast.cluster.aws.identity.deny('route53:ListResourceRecordSets');
  assert.equal(await cast.invokeInVain(scheduledEvent()), 'zone-forbidden');
  cast.cluster.aws.identity.allowAgain();
}

async function neverRegistered(cast: Cast): Promise<void> {
  cast.narrator.scene(
    'Cluster 25 exists, and never registered. No alert for targets can miss it; this does:',
  );
  cast.cluster.exist(1, 2, ...range(4, 23), 25);
  assert.match(await cast.run(2, 'coverage'), /cluster25/);
}

/** Returns when a run no longer keeps what this one kept. The times in the object are in seconds, rounded up. */
async function keepIsOver({ kept }: JobReport): Promise<void> {
  const last = Math.max(...kept.map(({ until }) => Date.parse(until)));
  await setTimeout(Math.max(0, last + 1_000 - Date.now()) + 50);
}
