import { BaseSequencer, type TestSpecification } from 'vitest/node';

/*
 * vitest starts with the files that took longest, as far as it knows: after an installation it goes by their sizes. These
 * are small and take half a minute or more, and would be the last ones, each with the other cores idle. Some mostly wait:
 * they are in between, so that at any time about two of four workers compute.
 */
const slow = [
  'system/faults/matrix.long',
  'system/node/cron-job.long',
  'simulation/planted.long',
  'unit/document/fuzz.long',
  'system/infra/rollback.long',
  'system/pages/commands.long',
  'system/story/federate-job.long',
  'system/kill/kill.long',
  'system/races/races.long',
  'system/faults/retries.long',
  'system/infra/workflow-steps.long',
  'system/faults/deadline.long',
  'system/infra/rules.real',
  'system/infra/deploy.real',
  'system/node/reach.real',
  'unit/commands/coverage/rungs.real',
  'system/privilege/kubernetes.real',
  'system/privilege/stacks.real',
  'system/story/story.real',
  'system/names/outside-ascii.real',
  'unit/verify/likely-cause.real',
  'system/infra/dashboards.real',
];

const rank = ({ moduleId }: TestSpecification): number => {
  const at = slow.findIndex((name) => moduleId.endsWith(`${name}.test.ts`));
  return at === -1 ? slow.length : at;
};

export class SlowestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}
