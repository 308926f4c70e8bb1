import { data, Evaluator, Lexer, Parser } from '@actions/expressions';

/** The contexts of GitHub Actions that an expression can read, as plain values: `{ github: {…}, vars: {…} }`. */
export type Contexts = Readonly<Record<string, unknown>>;

/** What `success()` and `failure()` answer. */
export type JobStatus = 'success' | 'failure';

/**
 * Evaluates an expression as GitHub does, with its own implementation of the language.
 *
 * @param text without `${{` and `}}`
 */
export function evaluate(text: string, contexts: Contexts, status: JobStatus = 'success') {
  const functions = [
    ...Object.entries({
      success: status === 'success',
      failure: status === 'failure',
      always: true,
      cancelled: false,
    }).map(([name, value]) => ({ name, maxArgs: 0, call: () => new data.BooleanData(value) })),
    // For keys of caches, which are empty here.
    { name: 'hashFiles', maxArgs: 255, call: () => new data.StringData('hash') },
  ].map((one) => ({ ...one, minArgs: 0 }));
  const { tokens } = new Lexer(text).lex();
  const expression = new Parser(tokens, Object.keys(contexts), functions).parse();
  const values = JSON.parse(JSON.stringify(contexts), data.reviver) as data.Dictionary;
  const known = new Map(functions.map((one) => [one.name.toLowerCase(), one]));
  return new Evaluator(expression, values, known).evaluate();
}

/** Replaces each `${{ … }}` in a text. */
export function interpolate(text: string, contexts: Contexts): string {
  return text.replace(/\$\{\{(.*?)\}\}/gs, (_, expression: string) =>
    evaluate(expression.trim(), contexts).coerceString(),
  );
}

/** Whether a step runs. Without a status function, GitHub adds `success() &&`. */
export function holds(condition: string | undefined, contexts: Contexts, status: JobStatus) {
  const text = condition?.replace(/^\$\{\{(.*)\}\}$/s, '$1').trim() || 'success()';
  const own = /\b(?:success|failure|always|cancelled)\s*\(/.test(text);
  const result = evaluate(own ? text : `success() && (${text})`, contexts, status);
  return result.coerceString() !== 'false' && result.coerceString() !== '';
}
