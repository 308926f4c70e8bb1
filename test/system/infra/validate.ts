import { readFileSync } from 'node:fs';
import { RegoEngine, TemplateFile } from '@aws/cloudformation-validate';
import { EVENT_ID, parseEvents } from 'js-yaml';

/** Rules that are not ours to follow, each with its reason; everything else must be silent. */
export const notFollowed: Record<string, string> = {
  I9001: 'States a fact: which properties replace the resource when they change.',
  I9040: 'Tags come from the stack (stackTags), which hands them on.',
  I3011: 'Queues and logs are hints and history; they may go with the stack.',
  I1022: "osls's own bucket policy.",
  I3042:
    "ARNs that the settings name as they are, and Route 53's: its events are in us-east-1 only.",
};

/** What @aws/cloudformation-validate and we find in these templates, as lines; none if there is no fault. */
export function faultsOf(files: readonly string[]): string[] {
  const engine = new RegoEngine();
  try {
    return files.flatMap((file) => [
      ...engine
        .validateStandard(new TemplateFile(file))
        .diagnostics.filter(({ ruleId }) => !(ruleId in notFollowed))
        .map((fault) => `${file}: ${fault.ruleId} ${fault.severity} ${fault.message}`),
      ...(hasAlias(file) ? [`${file}: CloudFormation takes no YAML alias`] : []),
    ]);
  } finally {
    engine.free();
  }
}

const hasAlias = (file: string) =>
  parseEvents(readFileSync(file, 'utf8'), {}).some(({ type }) => type === EVENT_ID.ALIAS);
