import { expect } from 'vitest';
import { describeWith } from '../../support/parts/available.ts';
import { startMoto } from '../../support/parts/moto.ts';
import { promtool } from '../../support/parts/prometheus.ts';
import { spawned } from './cli.ts';
import { syncsAMixedZone } from './scenario.ts';

describeWith(['moto', 'prometheus-2', 'prometheus-3'], 'a mixed zone of moto', () => {
  syncsAMixedZone(startMoto, spawned, async (text) => {
    // The rules that the configuration names are not on this machine.
    const config = text.replace('/etc/config/rules', '/dev/null');
    for (const version of ['2', '3'] as const) {
      expect(await promtool(version, 'config', config)).toMatchObject({ ok: true });
    }
  });
});
