import { type Fault, withRemedy } from '../fault.ts';
import { shellWord } from '../wording.ts';
import type { Invocation } from './command.ts';

/** The variables that choose what a run works on; a hint must not depend on the shell that it is pasted into. */
const CHOOSING = ['FEDERATION_SYNC_CONFIG', 'KUBECONFIG', 'AWS_PROFILE'];

/**
 * A text whose commands of ours work on what this run works on, wherever they are pasted:
 *
 *     federation-sync sync --job a --force
 *     -> AWS_PROFILE=prod federation-sync sync --config central.yml --job a --force
 */
export function asRun(
  text: string,
  { args, surroundings: { env } }: Pick<Invocation, 'args' | 'surroundings'>,
): string {
  const variables = CHOOSING.filter(
    (name) => env[name] && !(name === 'FEDERATION_SYNC_CONFIG' && args.config),
  );
  const prefix = variables.map((name) => `${name}=${shellWord(env[name] as string)} `).join('');
  const isDefault = args.config === undefined || args.config === 'federation-sync.yml';
  const config = isDefault ? '' : ` --config ${shellWord(args.config as string)}`;
  return text.replace(
    /\bfederation-sync (sync|plan|render|explain|verify|coverage|doctor|policy)\b/g,
    (_, command) => `${prefix}federation-sync ${command}${config}`,
  );
}

/** The fault with such a remedy. */
export function faultAsRun(fault: Fault, invocation: Invocation): Fault {
  return withRemedy(fault, asRun(fault.remedy, invocation));
}
