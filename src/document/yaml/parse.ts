import { type Event, YAMLException } from 'js-yaml';
import { Fault } from '../../fault.ts';
import { parseText } from './events.ts';
import type { Yaml } from './nodes.ts';
import { measure } from './ranges.ts';

/** Deeper and larger than any real configuration; a bound on the cost of a hostile one. */
const MAX_DEPTH = 100;
export const MAX_CHARACTERS = 4 * 1024 * 1024;

/**
 * Parses one document. Throws Fault `document-broken` (with line and column, and never any of the text, which
 * can hold passwords), `document-limits`, or `document-unsafe` where there are several documents.
 */
export function parseYaml(text: string): Yaml {
  if (text.length > MAX_CHARACTERS) {
    throw new Fault('document-limits', `The document is larger than ${MAX_CHARACTERS} characters.`);
  }
  const events = parse(text);
  const measures = measure(text, events);
  if (events.length > 0 && measures.next[0] !== events.length) {
    throw new Fault('document-unsafe', 'The text must be one YAML document.');
  }
  return { text, events, root: events.length === 0 ? undefined : 1, ...measures };
}

function parse(text: string): Event[] {
  try {
    return parseText(text, MAX_DEPTH);
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    // The exception is not kept as the cause: it quotes the text around the place.
    const { reason, mark } = error;
    const place = mark ? ` (line ${mark.line + 1}, column ${mark.column + 1})` : '';
    if (reason.startsWith('nesting exceeded')) {
      throw new Fault(
        'document-limits',
        `The document is nested deeper than ${MAX_DEPTH} levels${place}.`,
      );
    }
    throw new Fault(
      'document-broken',
      `The document is not valid YAML: ${withoutQuote(reason)}${place}.`,
    );
  }
}

/** Some of the parser's reasons end with part of the text: `tag name cannot contain such characters: a^b`. */
function withoutQuote(reason: string): string {
  return reason.replace(/(?:: | ?").*/s, '');
}
