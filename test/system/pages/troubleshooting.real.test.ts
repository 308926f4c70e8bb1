import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { CreateHostedZoneCommand, Route53Client } from '@aws-sdk/client-route-53';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { eventPattern } from '../../../infra/aws/event-pattern.ts';
import { describeWith } from '../../support/parts/available.ts';
import { type Moto, startMoto } from '../../support/parts/moto.ts';
import { type Named, startNamed } from '../../support/parts/named.ts';
import { removeFolder, temporaryFolder } from '../../support/parts/process.ts';
import { folderWith, prometheusYml, run, zoneOf } from '../../unit/commands/run.ts';
import { inProcess } from '../acceptance/cli.ts';
import { root, session, withOutputs } from './outputs.ts';
import { type Scene, startScene } from './scene.ts';

/* The symptoms of troubleshooting.md that need EventBridge, SQS and CloudTrail, or a DNS server. */

const PAGE = 'infra/reference/troubleshooting.md';
const RULE = 'federation-sync-prod-changes-1';

describeWith('moto', 'troubleshooting', () => {
  let moto: Moto;
  beforeAll(async () => {
    moto = await startMoto();
    for (const [name, value] of Object.entries(moto.env)) vi.stubEnv(name, value);
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await moto?.stop();
  });

  test('without a rule in us-east-1 and a trail, the page has what doctor prints', async () => {
    const { HostedZone } = await new Route53Client({}).send(
      new CreateHostedZoneCommand({
        Name: 'prometheus.internal',
        CallerReference: '1',
        HostedZoneConfig: { PrivateZone: true },
        VPC: { VPCRegion: 'eu-west-1', VPCId: 'vpc-0a1b2c3d' },
      }),
    );
    const zone = (HostedZone?.Id ?? '').replace('/hostedzone/', '');
    const events = new EventBridgeClient({ region: 'eu-west-1' });
    const EventPattern = JSON.stringify(eventPattern([zone]));
    await events.send(new PutRuleCommand({ Name: RULE, EventPattern }));
    const Arn = 'arn:aws:sqs:eu-west-1:123456789012:federation-sync-prod';
    await events.send(new PutTargetsCommand({ Rule: RULE, Targets: [{ Id: '1', Arn }] }));
    const folder = folderWith({
      'federation-sync.yml': String.raw`
jobs:
  - job: federate
    from: [{ zone: ${zone} }]
    select: { name: '\.prometheus\.internal$' }
    to: { file: prometheus.yml }
`,
      'zone.json': zoneOf(),
      'prometheus.yml': prometheusYml(),
    });
    const { stdout, stderr } = await run(folder, ['doctor']);
    const text = session("doctor | grep -A 1 'event path'", {
      stdout: withNext(stdout, /event path/)
        .replaceAll(zone, 'Z08214473FVAJ9QTLWTEC')
        .replaceAll(/(?<=arn:aws:\w+::)123456789012/g, '111111111111'),
      stderr,
    });
    await expect(withOutputs(PAGE, new Map([['no events', text]]))).toMatchFileSnapshot(
      `${root}/${PAGE}`,
    );
  });
});

describeWith('named', 'troubleshooting', () => {
  let named: Named;
  let scene: Scene;
  let folder: string;
  beforeAll(async () => {
    folder = temporaryFolder('resolver');
    scene = await startScene(folder);
    named = await startNamed({
      zone: 'prometheus.internal',
      records: ['eu-1', 'eu-2'].map((label, i) => ({
        ...{ name: `${label}.prometheus.internal`, type: 'A', value: `10.0.${i + 1}.10` },
      })),
    });
  });
  afterAll(async () => {
    await named?.stop();
    await scene?.emulators.close();
    removeFolder(folder);
  });

  test('with a resolver that does not have a new name, the page has what verify prints', async () => {
    scene.reset();
    scene.zone('eu-1', 'eu-2', 'eu-3');
    scene.list('eu-1', 'eu-2', 'eu-3');
    const target = 'eu-3.prometheus.internal.';
    scene.server.down.set(target, `dial tcp: lookup ${target}: no such host`);
    const args = ['verify', '--resolver', named.address];
    const ended = await inProcess(folder, args, scene.emulators.env);
    expect(ended.code).toBe(2);
    const text = session('verify --resolver 169.254.169.253', ended);
    await expect(withOutputs(PAGE, new Map([['does not resolve', text]]))).toMatchFileSnapshot(
      `${root}/${PAGE}`,
    );
  });
});

/** As `grep -A 1`: the lines that match, each with the next. */
function withNext(text: string, pattern: RegExp): string {
  const lines = text.split('\n');
  return lines
    .filter((line, at) => pattern.test(line) || pattern.test(lines[at - 1] ?? ''))
    .join('\n');
}
