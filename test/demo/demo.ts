/**
 * `npm run demo`: the main job with nothing but Node. The function's deployable bundle runs in an empty folder
 * and is woken by events; Route 53, STS, EKS and the Kubernetes API are the tests' emulators, on loopback.
 */
import assert from 'node:assert/strict';
import { styleText } from 'node:util';
import type { Coverage } from '../../src/lambda-coverage.ts';
import type { JobReport, Report } from '../../src/report.ts';
import { SETTINGS, startWorld, ZONE } from './central-cluster.ts';
import { batchEvent, changeEvent } from './events.ts';
import { deploy } from './function.ts';

const say = (text = '') => console.log(text);
const range = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);

const begun = performance.now();
const world = await startWorld();
const lambda = await deploy(SETTINGS, world.env);

/** Hands the function an event and says what it did, in the managed list and on the wire. */
async function step(
  title: string,
  event: unknown,
): Promise<{ report?: Report; error?: string; calls: string[] }> {
  say(`\n${styleText('bold', title)}`);
  const callsBefore = [world.aws.faults.calls.length, world.kubernetes.faults.calls.length];
  const before = world.configMap();
  const answer = await lambda.invoke(event);
  const calls = [
    ...world.aws.faults.calls.slice(callsBefore[0]),
    ...world.kubernetes.faults.calls.slice(callsBefore[1]),
  ].map(({ operation }) => operation);
  if ('error' in answer) {
    say(`  the invocation fails, so retries and alarms see it:\n    ${answer.error}`);
  } else {
    for (const job of answer.response.jobs) sayJob(job);
  }
  const after = world.configMap();
  say(`  calls: ${calls.join(', ')}`);
  say(
    `  ConfigMap: ${after.version === before.version ? 'not touched' : `version ${before.version} -> ${after.version}`}`,
  );
  return 'error' in answer ? { error: answer.error, calls } : { report: answer.response, calls };
}

/** Asks which clusters are not monitored; those that are lost, with the step. */
async function covered(title: string): Promise<string[]> {
  say(`\n${styleText('bold', title)}`);
  const answer = await lambda.invoke({ action: 'coverage' });
  assert('response' in answer, 'coverage is found out');
  const { clusters } = answer.response as unknown as Coverage;
  const lost = clusters.filter((one) => one.lost !== null);
  for (const { cluster, lost: rung, reason, remedy } of lost) {
    say(styleText('red', `    ${cluster} lost at ${rung}: ${reason}`));
    say(`    -> ${remedy}`);
  }
  say(`  ${clusters.length} clusters expected, ${clusters.length - lost.length} covered`);
  return lost.map(({ cluster, lost: rung }) => `${cluster} ${rung}`);
}

function sayJob({ status, added, removed, withheld, targets, error }: JobReport): void {
  const some = (sign: string, names: readonly string[]) =>
    names.length > 4
      ? [`${sign} ${names.slice(0, 2).join(', ')} … ${names.at(-1)}`]
      : names.map((name) => `${sign} ${name}`);
  for (const line of some('+', added)) say(styleText('green', `    ${line}`));
  for (const line of some('-', removed)) say(styleText('red', `    ${line}`));
  const kept = withheld.length > 0 ? `, ${withheld.length} removals withheld` : '';
  say(
    `  ${status}: ${added.length} added, ${removed.length} removed${kept}, ${targets} targets wanted`,
  );
  if (error) say(styleText('yellow', `    ${error.code}: ${error.message}\n    ${error.remedy}`));
}

/** The list in prometheus.yml. */
function sayList(): void {
  const { text } = world.configMap();
  for (const line of text.slice(text.indexOf('    static_configs:')).trimEnd().split('\n')) {
    say(styleText('dim', `  | ${line}`));
  }
}

const jobOf = (report: Report | undefined): JobReport => {
  const job = report?.jobs[0];
  assert(job, 'the function reports one job');
  return job;
};

try {
  say(
    `A private zone ${ZONE} (example.com), the central cluster, and its Prometheus federation server,`,
  );
  say(
    'whose prometheus.yml in the ConfigMap monitoring/prometheus-server begins as in the article:',
  );
  sayList();

  world.register(1, 2);
  const first = await step('1. Two clusters are registered; a full sync by hand: {}', {});
  assert.equal(jobOf(first.report).status, 'written');
  assert.match(
    world.configMap().text,
    /- prometheus2\.example\.com\.\n {8}labels:\n {10}clusterID: cluster2\n/,
  );
  assert.match(
    world.configMap().text,
    /'\{__name__=~"job:\.\*"\}'/,
    'everything else is unchanged',
  );
  sayList();

  world.register(3);
  const appears = await step(
    '2. A cluster appears: Route 53 -> CloudTrail -> EventBridge wakes the function',
    changeEvent(),
  );
  assert.deepEqual(jobOf(appears.report).added, ['prometheus3.example.com.']);

  world.deregister(1);
  const goes = await step('3. Another goes', changeEvent());
  assert.deepEqual(jobOf(goes.report).removed, ['prometheus1.example.com.']);

  world.register(...range(4, 23));
  const burst = await step(
    '4. A burst: 20 clusters at once; the queue makes one run of 20 events',
    batchEvent(20),
  );
  assert.equal(jobOf(burst.report).added.length, 20);
  assert.deepEqual(burst.calls, ['ListResourceRecordSets', 'get configmaps', 'patch configmaps']);

  const whole = world.configMap();
  world.aws.identity.deny('route53:ListResourceRecordSets');
  world.register(24);
  const unreadable = await step(
    '5. The zone cannot be read: nothing changes, an unreadable zone is not an empty one',
    changeEvent(),
  );
  assert.match(unreadable.error ?? '', /^zone-forbidden: /);
  assert.deepEqual(world.configMap(), whole);
  world.aws.identity.allowAgain();

  world.deregister(...range(4, 24));
  const mass = await step('6. Somebody empties the zone by mistake: refused', changeEvent());
  assert.equal(jobOf(mass.report).status, 'refused');
  assert.equal(jobOf(mass.report).error?.code, 'guard-max-removed');
  assert.deepEqual(world.configMap(), whole);

  world.register(...range(4, 23));
  const nothing = await step(
    '7. The records are back; a full resync finds nothing to do, and writes nothing',
    {},
  );
  assert.equal(jobOf(nothing.report).status, 'unchanged');
  assert.deepEqual(nothing.calls, ['ListResourceRecordSets', 'get configmaps', 'get configmaps']);
  assert.deepEqual(world.configMap(), whole);

  world.exist(2, 3, ...range(4, 23), 25);
  const lost = await covered(
    '8. Cluster 25 exists, and never registered: {"action": "coverage"} names it, and what to do',
  );
  assert.deepEqual(lost, ['cluster25 record']);

  world.register(25);
  await step('9. It registers', changeEvent());
  assert.deepEqual(await covered('10. {"action": "coverage"} again'), []);

  const logs = lambda.takeLogs().filter(({ message }) => message === 'sync');
  say('\nWhat the function logged of the last run:');
  say(styleText('dim', `  ${JSON.stringify(logs.at(-1))}`));
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  say(`\n${styleText('green', `Every step did what it says (${seconds} s).`)}`);
} finally {
  await lambda.remove();
  await world.close();
}
