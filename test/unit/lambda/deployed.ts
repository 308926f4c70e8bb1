import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Context } from 'aws-lambda';
import { onTestFinished, vi } from 'vitest';
import type { Report } from '../../../src/report.ts';

type Answer = Report & {
  batchItemFailures?: { itemIdentifier: string }[];
  /** Of a scheduled run. */
  coverage?: object;
  verified?: { agrees: boolean; jobs: readonly object[] };
};

/** The handler in a container of its own: loaded again, so that nothing of an earlier test is warm. */
export interface Deployed {
  invoke(event: unknown, remainingMs?: number): Promise<Answer>;
  /** What it fails with. */
  fails(event: unknown, remainingMs?: number): Promise<Error>;
  /** All log lines so far that are JSON, the metrics among them. */
  logs(): Record<string, unknown>[];
  /** Everything printed. */
  output(): string;
  rewrite(settings: string | object): void;
}

/** `settings` undefined: no file, all is in the environment. */
export async function deploy(
  settings: string | object | undefined,
  env: Readonly<Record<string, string>>,
): Promise<Deployed> {
  const folder = mkdtempSync(join(tmpdir(), 'federation-sync-lambda-'));
  const file = join(folder, 'federation-sync.yml');
  const rewrite = (content: string | object) =>
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  if (settings !== undefined) {
    rewrite(settings);
    vi.stubEnv('FEDERATION_SYNC_CONFIG', file);
  }
  const level = { POWERTOOLS_LOG_LEVEL: 'INFO' };
  for (const [name, value] of Object.entries({ ...level, ...env })) vi.stubEnv(name, value);
  let printed = '';
  const keep = (chunk: string | Uint8Array) => {
    printed += String(chunk);
    return true;
  };
  const spies = [process.stdout, process.stderr].map((stream) =>
    vi.spyOn(stream, 'write').mockImplementation(keep as typeof stream.write),
  );
  onTestFinished(() => {
    for (const spy of spies) spy.mockRestore();
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
  });
  vi.resetModules();
  const { handler } = await import('../../../src/lambda.ts');
  const contextOf = (remainingMs: number) => {
    const end = Date.now() + remainingMs;
    return {
      awsRequestId: crypto.randomUUID(),
      functionName: 'federation-sync',
      functionVersion: '$LATEST',
      invokedFunctionArn: 'arn:aws:lambda:eu-west-1:123456789012:function:federation-sync',
      memoryLimitInMB: '128',
      getRemainingTimeInMillis: () => end - Date.now(),
    } as Context;
  };
  const invoke = (event: unknown, remainingMs = 30_000) =>
    handler(JSON.parse(JSON.stringify(event ?? null)), contextOf(remainingMs)) as Promise<Answer>;
  return {
    invoke,
    async fails(event, remainingMs) {
      const answer = await invoke(event, remainingMs).catch((error: Error) => error);
      if (!(answer instanceof Error)) throw new Error(`answered ${JSON.stringify(answer)}`);
      return answer;
    },
    logs: () =>
      printed
        .split('\n')
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line)),
    output: () => printed,
    rewrite,
  };
}
