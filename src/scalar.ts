/** Names of hosts and labels, which no version of YAML interprets as a number or a date. */
const NAME = /^[A-Za-z_][\w.-]*(?::[0-9]{1,5})?$/;

/** YAML 1.1's true, false and null, in any spelling. */
const WORD = /^(?:y|n|yes|no|on|off|true|false|null)$/i;

/** A number, or what some parsers interpret as one: `..`, `e1`, `_`. */
const NUMBER = /^[-+]?[0-9_]*(?:\.[0-9_]*)?(?:e[-+]?[0-9]+)?$/i;

/** Other numbers of YAML 1.1 and 1.2 (`0x1F`, `0o17`, `1:30`, `.inf`), dates and times; a document's end. Source: yaml.org/type */
const OTHER_VALUE =
  /^(?:0[box][\da-f_]*|\d[\d_]*(?::[0-5]?\d)+(?:\.[\d_]*)?|\.(?:inf|nan)|\.{3}(?: .*)?|\d{4}-\d\d?-\d\d?(?:(?:t| +)\d[\d:.]*(?: *(?:z|[-+][\d:]+))?)?)$/i;

/**
 * What can be plain also between brackets: a colon only before another character, a number sign only after one.
 * Fewer first characters than YAML allows.
 */
const PLAIN = /^[\p{L}\p{N}_./]#*(?: *(?:[^ :#,[\]{}]|:(?![ ,[\]{}]|$))#*)*$/u;

/** Characters that YAML does not allow, or that nobody sees; halves of surrogate pairs among them. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\xa0\u2028\u2029\ufeff\ufffe\uffff]/u;

/**
 * A text as a YAML scalar on one line: plain where YAML 1.1 and 1.2 both read the same text, otherwise in
 * single quotes, or in double quotes with escapes where it holds anything unprintable. Valid in block
 * and in flow collections. The choice is that of js-yaml's dump, without loading it: the test compares them.
 *
 *     prometheus1.example.com.   '0123'   'yes'   '1:30'   '*.example.com'   "a\tb"
 */
export function plainScalar(text: string): string {
  if (WORD.test(text) || NUMBER.test(text)) return inSingleQuotes(text);
  if (NAME.test(text)) return text;
  if (UNPRINTABLE.test(text) || /^\s+$/.test(text)) return inDoubleQuotes(text);
  return PLAIN.test(text) && !OTHER_VALUE.test(text) ? text : inSingleQuotes(text);
}

const inSingleQuotes = (text: string) => `'${text.replaceAll("'", "''")}'`;

/** Source: YAML 1.2.2, 5.7 */
const ESCAPES: Readonly<Record<string, string>> = {
  ...{ '\0': '0', '\x07': 'a', '\b': 'b', '\t': 't', '\n': 'n', '\v': 'v', '\f': 'f', '\r': 'r' },
  ...{ '\x1b': 'e', '"': '"', '\\': '\\', '\x85': 'N', '\xa0': '_', '\u2028': 'L', '\u2029': 'P' },
};

function inDoubleQuotes(text: string): string {
  const escaped = text.replace(new RegExp(`["\\\\]|${UNPRINTABLE.source}`, 'gu'), (character) => {
    const hex = character.charCodeAt(0).toString(16).toUpperCase();
    // All beyond one byte have four digits.
    const code = hex.length > 2 ? `u${hex}` : `x${hex.padStart(2, '0')}`;
    return `\\${ESCAPES[character] ?? code}`;
  });
  return `"${escaped}"`;
}

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
