import { stripVTControlCharacters } from 'node:util';
import { type Colour, colour, escaped, type Layout, type Picture, wrapped } from './picture.ts';

/** The size of a character, in pixels. */
const [CHARACTER, LINE] = [8.4, 19];
const COLUMNS = { wide: 100, narrow: 50 };
const [LEFT, TOP] = [14, 44];

/** Seconds that a scene is shown: to look at it, and for each line. */
const [LOOK, READ] = [2, 0.45];

/** What `styleText` writes before the text. */
const STYLES: Readonly<Record<string, Colour | 'bold'>> = {
  1: 'bold',
  2: 'dim',
  31: 'red',
  32: 'green',
  33: 'yellow',
  36: 'blue',
};

/**
 * A terminal that shows one scene after the other, without end. Where motion is not wanted, or not supported, it shows
 * the scene `still`.
 *
 * @param output as it is printed, with its escape sequences; a scene begins with a number
 */
export function terminalPicture(
  output: string,
  about: { title: string; still: number },
  layout: Layout = 'wide',
): Picture {
  const columns = COLUMNS[layout];
  const scenes = scenesOf(output).map((scene) => scene.flatMap((line) => broken(line, columns)));
  const rows = Math.max(...scenes.map((scene) => scene.length));
  const durations = scenes.map((scene) => LOOK + READ * scene.length);
  const whole = durations.reduce((sum, one) => sum + one, 0);
  let begun = 0;
  const keyframes = durations.map((seconds, i) => {
    const [from, to] = [begun, begun + seconds].map((at) => ((100 * at) / whole).toFixed(2));
    begun += seconds;
    const hidden = 'visibility:hidden';
    const start = i === 0 ? '' : `0%{${hidden}}`;
    const end = i === scenes.length - 1 ? '' : `${to}%{${hidden}}`;
    return `@keyframes s${i}{${start}${from}%{visibility:visible}${end}}#s${i}{animation-name:s${i}}`;
  });
  return {
    width: Math.ceil(2 * LEFT + columns * CHARACTER),
    height: TOP + rows * LINE,
    title: about.title,
    description: stripVTControlCharacters(scenes.flat().join('\n')),
    content: [
      `<rect class="fill-bar" x="1" y="1" width="${2 * LEFT + columns * CHARACTER - 2}" height="26" rx="5"/>`,
      `<text x="${LEFT}" y="18" font-size="13" fill="${colour('dim')}">$ ${escaped(about.title)}</text>`,
      ...scenes.map((scene, i) => `<g id="s${i}" class="scene">${scene.map(lineAt).join('')}</g>`),
    ].join('\n'),
    style: [
      'text{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;white-space:pre}',
      `.scene{visibility:hidden}#s${about.still}{visibility:visible}`,
      `@media (prefers-reduced-motion:no-preference){.scene{animation:${whole.toFixed(1)}s step-end infinite}${keyframes.join('')}}`,
    ].join(''),
  };
}

/** The printed lines by scene; what is before the first is part of it. */
function scenesOf(output: string): string[][] {
  const scenes: string[][] = [];
  for (const line of output.trim().split('\n')) {
    const begins = /^\d+\. /.test(stripVTControlCharacters(line));
    if (scenes.length === 0 || (begins && scenes.length > 1) || (begins && hasTitle(scenes[0]))) {
      scenes.push([]);
    }
    scenes.at(-1)?.push(line);
  }
  return scenes.map((scene) => scene.join('\n').trim().split('\n'));
}

const hasTitle = (scene: readonly string[] = []) =>
  scene.some((line) => /^\d+\. /.test(stripVTControlCharacters(line)));

// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one.
const STYLED = /^( *)((?:\x1b\[(\d+)m)?)(.*)$/;

/** A line that is too long, as several of its style, of which all but the first are indented. */
function broken(line: string, columns: number): string[] {
  const [, indent = '', style = '', , content = ''] = STYLED.exec(line) ?? [];
  const shown = stripVTControlCharacters(content);
  if (indent.length + shown.length <= columns) return [line];
  return wrapped(shown, columns - indent.length - 2).map(
    (part, i) => `${indent}${i > 0 ? '  ' : ''}${style}${part}`,
  );
}

/** Each printed line has one style. */
function lineAt(line: string, row: number): string {
  const [, indent = '', , code = '', content = ''] = STYLED.exec(line) ?? [];
  const shown = stripVTControlCharacters(content);
  if (shown === '') return '';
  const style = STYLES[code] ?? 'text';
  const fill = style === 'bold' ? 'text' : style;
  const weight = style === 'bold' ? ' font-weight="bold"' : '';
  const x = (LEFT + indent.length * CHARACTER).toFixed(1);
  // On every machine's font, a line is as wide as its characters in the grid.
  const width = (shown.length * CHARACTER).toFixed(1);
  return `<text xml:space="preserve" x="${x}" y="${TOP + row * LINE}" font-size="14" textLength="${width}" lengthAdjust="spacingAndGlyphs" fill="${colour(fill)}"${weight}>${escaped(shown)}</text>`;
}
