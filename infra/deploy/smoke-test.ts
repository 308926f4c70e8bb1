import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { JobReport, Report } from '../../src/report.ts';
import { nameOf } from './live.ts';

/*
 * node infra/deploy/smoke-test.ts STAGE
 *
 * Invokes the function with {"action":"plan"}: it reads the zones and the cluster like a sync, but writes nothing.
 * Exits with 1 unless every list is as wanted or would be written, and prints why.
 */

/** The function's answer in lines, each flat, so that none can be a command to the workflow's runner. */
export interface Verdict {
  readonly passed: boolean;
  readonly lines: readonly string[];
}

/** @param functionError of the invocation: set if the function ended with an error, which is then the payload */
export function verdictOf(functionError: string | undefined, payload: string): Verdict {
  const answer = parse(payload);
  if (functionError) {
    const { errorType = functionError, errorMessage = payload } = answer ?? {};
    return { passed: false, lines: [flat(`The function failed: ${errorType}: ${errorMessage}`)] };
  }
  const jobs = answer?.jobs;
  if (!Array.isArray(jobs) || jobs.length === 0)
    return { passed: false, lines: [flat(`The function's answer has no jobs: ${payload}`)] };
  return {
    passed: jobs.every(({ status }) => status === 'planned' || status === 'unchanged'),
    lines: jobs.map((job) => flat(lineOf(job))),
  };
}

type Answer = Partial<Report> & { errorType?: string; errorMessage?: string };

function parse(payload: string): Answer | undefined {
  try {
    return JSON.parse(payload);
  } catch {
    return undefined;
  }
}

function lineOf({ name, to, status, targets, added, removed, withheld, error }: JobReport): string {
  const about = `${name} (${to}): ${status}`;
  if (status === 'paused')
    return `${about}: a sync would write nothing. Remove the annotation route53-federation-sync/paused from the object, then deploy again.`;
  if (error)
    return `${about}: ${error.code}: ${error.message} ${error.remedy}${
      withheld?.length ? ` It would remove: ${withheld.join(', ')}` : ''
    }`;
  return `${about}: ${targets} targets, ${added?.length ?? 0} to add, ${removed?.length ?? 0} to remove`;
}

const flat = (text: string) => text.replace(/[\s\p{Cc}\p{Cf}]+/gu, ' ').trim();

async function main(stage: string | undefined): Promise<void> {
  if (!stage) throw new Error('Usage: node infra/deploy/smoke-test.ts STAGE');
  const { FunctionError, Payload } = await new LambdaClient().send(
    new InvokeCommand({ FunctionName: nameOf(stage), Payload: '{"action":"plan"}' }),
  );
  const { passed, lines } = verdictOf(FunctionError, Payload?.transformToString() ?? '');
  for (const line of lines) (passed ? console.log : console.error)(line);
  if (!passed) process.exitCode = 1;
}

if (import.meta.main) await main(process.argv[2]);
