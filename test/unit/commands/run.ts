import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { onTestFinished } from 'vitest';
import { main } from '../../../src/commands/main.ts';

/** What a call of the command line came to. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** stdout of a call with --json. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into it as they like
  readonly json: any;
}

/** Calls the command line in this process, in that folder. The SDK's own variables are the process's. */
export async function run(
  folder: string,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>> = {},
): Promise<Ended> {
  const [stdout, stderr] = [collector(), collector()];
  const code = await main(args, { env, folder, stdout: stdout.stream, stderr: stderr.stream });
  return {
    code,
    stdout: stdout.text(),
    stderr: stderr.text(),
    get json() {
      return JSON.parse(stdout.text());
    },
  };
}

function collector() {
  const chunks: string[] = [];
  const stream = new Writable({
    write(chunk, _, done) {
      chunks.push(String(chunk));
      done();
    },
  });
  return { stream, text: () => chunks.join('') };
}

/** A folder with these files, gone when the test is over. An object is written as JSON. */
export function folderWith(files: Readonly<Record<string, string | object>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'federation-sync-command-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(
      join(folder, name),
      typeof content === 'string' ? content : JSON.stringify(content, null, 2),
    );
  }
  return folder;
}

/** What `aws route53 list-resource-record-sets` prints, of `NAME TYPE [IDENTIFIER]` each. */
export function zoneOf(...records: readonly string[]): object {
  return {
    ResourceRecordSets: records.map((record) => {
      const [Name, Type = 'CNAME', SetIdentifier] = record.split(' ');
      return { Name, Type, ...(SetIdentifier !== undefined && { SetIdentifier }) };
    }),
  };
}

/** A prometheus.yml whose job federate has these targets, as `ADDRESS name=value …`. */
export function prometheusYml(...targets: readonly string[]): string {
  const groups = targets.map((target) => {
    const [address, ...labels] = target.split(' ');
    const lines = labels.map((label) => {
      const [name, value] = label.split('=');
      return `\n          ${name}: ${value}`;
    });
    const block = lines.length > 0 ? `\n        labels:${lines.join('')}` : '';
    return `      - targets: ['${address}']${block}\n`;
  });
  return `global:
  scrape_interval: 15s
scrape_configs:
  - job_name: prometheus
    static_configs:
      - targets: [localhost:9090]
  - job_name: federate
    honor_labels: true
    metrics_path: /federate
    static_configs:${groups.length > 0 ? `\n${groups.join('')}` : ' []\n'}`;
}
