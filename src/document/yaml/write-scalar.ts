import { dump } from 'js-yaml';

/** Names of hosts and labels, which no version of YAML interprets as a number or a date. */
const NAME = /^[A-Za-z_][\w.-]*(?::[0-9]{1,5})?$/;

/** YAML 1.1's true, false and null, in any spelling. */
const WORD = /^(?:y|n|yes|no|on|off|true|false|null)$/i;

/** A number, or what some parsers interpret as one: `..`, `e1`, `_`. */
const NUMBER = /^[-+]?[0-9_]*(?:\.[0-9_]*)?(?:e[-+]?[0-9]+)?$/i;

/** First characters of texts that need no quotes. */
const MAY_BE_PLAIN = /^[\p{L}\p{N}_./]/u;

/**
 * A text as a YAML scalar on one line: plain where YAML 1.1 and 1.2 both read the same text, otherwise in
 * single quotes, or in double quotes with escapes where it holds anything unprintable. Valid in block
 * and in flow collections.
 *
 *     prometheus1.example.com.   '0123'   'yes'   '1:30'   '*.example.com'   "a\tb"
 */
export function plainScalar(text: string): string {
  if (WORD.test(text) || NUMBER.test(text)) return inSingleQuotes(text);
  if (NAME.test(text)) return text;
  const quoted = dump([text], { flowLevel: 0, lineWidth: -1 }).slice(1, -2);
  return quoted === text && !MAY_BE_PLAIN.test(text) ? inSingleQuotes(text) : quoted;
}

const inSingleQuotes = (text: string) => `'${text.replaceAll("'", "''")}'`;

/**
 * The same in flow collections for readers of YAML 1.1, for which `a:80` between brackets is not a plain scalar
 * (libyaml before 0.2.1).
 */
export function flowScalar(text: string): string {
  const scalar = plainScalar(text);
  return scalar === text && !/^[\p{L}\p{N}_./-]*$/u.test(text) ? inSingleQuotes(text) : scalar;
}

/** A text in double quotes, as both JSON and YAML read it. */
export const jsonScalar = (text: string) => escapeUnprintable(JSON.stringify(text));

/** JSON whose strings hold no character that YAML does not allow. */
export function escapeUnprintable(json: string): string {
  return json.replace(
    /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
