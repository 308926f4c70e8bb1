import type { SettingsFault } from './raw.ts';

/**
 * What osls replaces when it packages: a type, then `:` or `(` (its lib/configuration/variables/parse.js). It
 * looks into the text that infra/aws/from-settings.ts derives, too, so a job called `${env:TOKEN}` would put an
 * environment variable of the pipeline into the template.
 */
export const OSLS = /\$\{[a-z][a-zA-Z0-9.-]*[:(]/;

/** CloudFormation's dynamic references (User Guide, "Dynamic references"), which it replaces in any property. */
export const DYNAMIC = /\{\{resolve:/;

/** What CloudFormation's Fn::Sub replaces, and all that osls does. */
export const PLACEHOLDER = /\$\{/;

/**
 * Text that would be replaced on the way to the function. In a regular expression only what osls replaces is
 * refused: `${` can never match there (an end, then more text), and `[$]{` matches the two characters. Everywhere
 * else any `${` is, because CloudFormation replaces `${Name}` in what Fn::Sub contains.
 *
 *     job: ${env:TOKEN}     labels: { clusterID: '${label}' }     name: '^(?<a>.+)${env:ZONE}$'     refused
 *     name: '^[$]{env:X}$'  name: '^a\${2}$'                                                        accepted
 */
export function replacedVariables(raw: unknown): SettingsFault[] {
  const faults: SettingsFault[] = [];
  const look = (value: unknown, path: SettingsFault['path']) => {
    if (typeof value === 'string') {
      const expected = expectation(value, path);
      if (expected !== undefined) faults.push({ path, found: value, expected });
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, inner] of Object.entries(value)) {
        look(inner, [...path, Array.isArray(value) ? Number(key) : key]);
      }
    }
  };
  look(raw, []);
  return faults;
}

function expectation(value: string, path: SettingsFault['path']): string | undefined {
  if (DYNAMIC.test(value)) return without('{{resolve:…}}');
  if (path.includes('select')) {
    return OSLS.test(value) ? without(`\${…}`, '[$]{ matches these characters') : undefined;
  }
  if (!PLACEHOLDER.test(value)) return undefined;
  const isTemplate =
    !path.includes('also') && (path.at(-1) === 'target' || path.at(-2) === 'labels');
  return without(`\${…}`, isTemplate && 'a placeholder has no $, as in {label}');
}

const without = (what: string, hint: string | false = false) =>
  `text without ${what}, which osls or CloudFormation would replace${hint ? `; ${hint}` : ''}`;
