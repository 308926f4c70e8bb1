import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { describeWith } from '../../support/parts/available.ts';
import { findPrometheus } from '../../support/parts/found.ts';

const folder = join(import.meta.dirname, '../../../infra/prometheus');

describe.each(['2', '3'] as const)('with promtool %s', (version) => {
  describeWith(`prometheus-${version}`, 'the rules', () => {
    const promtool = (...args: string[]) =>
      promisify(execFile)(findPrometheus(version)!.promtool, args, { cwd: folder });

    test('are rules', async () => {
      await promtool('check', 'rules', 'alerts.yml', 'leaf-rules.yml');
    });

    test('alert of what they should, and of nothing else', async () => {
      const files = ['alerts.test.yml', 'alerts-7d.test.yml'];
      const { stdout } = await promtool('test', 'rules', ...files);
      expect(stdout.match(/SUCCESS/g)).toHaveLength(files.length);
    });
  });
});
