import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Fault } from '../../support/emulators/faults.ts';
import { folderWith, run } from '../../unit/commands/run.ts';
import { rows } from './cells.ts';
import { type ObjectKind, World } from './world.ts';

// Every command, with every flag that makes it say more, where every service answers with all that it was sent.

let world: World;
beforeAll(async () => {
  world = await World.start();
  for (const kind of ['ConfigMap', 'Secret'] as const) {
    await world.reset(kind);
    world.change(kind);
  }
});
afterAll(() => world?.close());

const PASSWORD = 'hunter2-of-remote-write';
const PROMETHEUS = `http://admin:${PASSWORD}@127.0.0.1:9`;
const commands: readonly (readonly string[])[] = [
  ['plan'],
  ['plan', '--detailed-exitcode'],
  ['explain', 'p01.prometheus.internal'],
  ['doctor'],
  ['init'],
  ['policy'],
  ['render'],
  ['verify', '--prometheus', PROMETHEUS],
  ['sync', '--job', 'nobody'],
  ['sync'],
];
const answers: Record<string, (service: string) => boolean> = {
  'as it should be': () => false,
  'sts quotes': (service) => service === 'sts',
  'eks quotes': (service) => service === 'eks',
  'route53 quotes': (service) => service === 'route53',
  'kubernetes quotes': (service) => service === 'kubernetes',
};

describe.each(Object.keys(answers))('%s', (name) => {
  describe.each<ObjectKind>(['ConfigMap', 'Secret'])('%s', (kind) => {
    test.each(commands.map((command) => [command.join(' '), command] as const))(
      '%s',
      async (_, command) => {
        const folder = folderWith({ 'federation-sync.yml': world.rawSettings(kind) });
        const { faults } = world.emulators;
        faults.clear();
        faults.decide = (call): Fault | undefined =>
          answers[name]?.(call.service) ? rows['request quoted in shape'].fault(call) : undefined;
        for (const more of [[], ['--verbose'], ['--json'], ['--json', '--verbose']]) {
          const { code, stdout, stderr } = await run(folder, [...command, ...more], process.env);
          expect(code).toBeLessThanOrEqual(3);
          // A ConfigMap is what render is for.
          const shows = command[0] === 'render' && kind === 'ConfigMap';
          expect(world.secrets.in(shows ? stderr : stdout + stderr)).toEqual([]);
        }
      },
    );
  });
});
