import { expect, test } from 'vitest';
import { checkReload } from '../../../../src/commands/doctor/reload-check.ts';
import { describeWith } from '../../../support/parts/available.ts';
import { startPrometheus } from '../../../support/parts/prometheus.ts';

/** What doctor finds by the flags of a server that runs with these, of a list in its own configuration. */
async function found(version: '2' | '3', more: string[]) {
  const server = await startPrometheus({ version, config: 'global: {}\n', flags: more });
  try {
    const response = await fetch(`${server.url}/api/v1/status/flags`);
    const { data: flags } = (await response.json()) as { data: Record<string, string> };
    const list = { pods: [], format: 'static_configs' } as const;
    const [by, bySync] = [false, true].map((reload) =>
      checkReload(server.url, { ...list, flags, reload }),
    );
    return `${by?.status}: ${by?.message}; with reload: true ${bySync?.status}`;
  } finally {
    await server.stop();
  }
}

const NOTHING = 'warning: nothing makes it load a new list: no flag, no reloader';

describeWith('prometheus-3', 'the flags of Prometheus 3', () => {
  test.each([
    // The test's servers have --web.enable-lifecycle.
    [[], `${NOTHING}; with reload: true ok`],
    [
      ['--config.auto-reload', '--config.auto-reload-interval=7s'],
      'ok: it reloads its configuration by itself, within 7s (--config.auto-reload); with reload: true ok',
    ],
  ])('%j', async (flags, finding) => {
    expect(await found('3', flags)).toBe(finding);
  });

  test('the feature of older versions still counts', async () => {
    expect(await found('3', ['--enable-feature=auto-reload-config'])).toMatch(/^ok: it reloads/);
  });
});

describeWith('prometheus-2', 'the flags of Prometheus 2', () => {
  test('which has no flag for it', async () => {
    expect(await found('2', [])).toBe(`${NOTHING}; with reload: true ok`);
  });
});
