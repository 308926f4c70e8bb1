/** Colours by class, on a light and on a dark page; `fill-` and `stroke-` are put in front. */
const COLOURS: Readonly<Record<string, readonly [light: string, dark: string]>> = {
  text: ['#1f2328', '#e6edf3'],
  dim: ['#59636e', '#9198a1'],
  faint: ['#d1d9e0', '#3d444d'],
  page: ['#ffffff', '#0d1117'],
  bar: ['#f6f8fa', '#151b23'],
  blue: ['#0969da', '#58a6ff'],
  orange: ['#bc4c00', '#f0883e'],
  green: ['#1a7f37', '#3fb950'],
  purple: ['#8250df', '#bc8cff'],
  red: ['#cf222e', '#ff7b72'],
  teal: ['#1b7c83', '#39c5cf'],
  yellow: ['#7d4e00', '#e3b341'],
};

export type Colour = keyof typeof COLOURS;

/** Colours of the first, second … series of a chart. */
export const SERIES: readonly Colour[] = ['blue', 'orange', 'green', 'purple', 'red', 'teal'];

/** For a page of about 900 pixels, or for a phone, which shrinks what is wider than 360. */
export type Layout = 'wide' | 'narrow';

export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly title: string;
  /** What a screen reader says, and where and when it was measured. */
  readonly description: string;
  readonly content: string;
  /** More CSS. */
  readonly style?: string;
}

/** A file that needs nothing else: no script, no font, no reference. Its colours follow the reader's scheme. */
export function svgOf({ width, height, title, description, content, style = '' }: Picture): string {
  const body = inClasses(content);
  const frame = `<rect class="fill-page stroke-faint" x=".5" y=".5" width="${width - 1}" height="${height - 1}" rx="6"/>`;
  const used = Object.keys(COLOURS).filter(
    (name) => name === 'text' || new RegExp(`-${name}\\b`).test(frame + body),
  );
  const rules = (at: 0 | 1) =>
    used
      .map((name) => {
        const colour = COLOURS[name]?.[at];
        return `.fill-${name}{fill:${colour}}.stroke-${name}{stroke:${colour}}`;
      })
      .join('');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title description">
<title id="title">${escaped(title)}</title>
<desc id="description">${escaped(description)}</desc>
<style>text{font-family:system-ui,"Segoe UI",Helvetica,Arial,"DejaVu Sans",sans-serif}${rules(0)}@media (prefers-color-scheme:dark){${rules(1)}}${style}</style>
${frame}
${body}
</svg>
`;
}

/** A colour as an attribute of Plot's: `svgOf` makes a class of it, since only classes can follow a media query. */
export const colour = (name: Colour) => `var(--${name})`;

/** `fill="var(--blue)"` becomes a class; numbers in attributes get two decimals at most. */
function inClasses(content: string): string {
  return content.replaceAll(/<[a-z][^>]*>/g, (tag) => {
    const classes = [...tag.matchAll(/ (fill|stroke)="var\(--(\w+)\)"/g)].map(
      ([, kind, name]) => `${kind}-${name}`,
    );
    const rest = tag
      .replaceAll(/ (?:fill|stroke)="var\(--\w+\)"/g, '')
      .replaceAll(/\d+\.\d{3,}/g, (number) => String(+Number(number).toFixed(2)));
    if (classes.length === 0) return rest;
    return rest.replace(/^<\w+/, (start) => `${start} class="${classes.join(' ')}"`);
  });
}

interface TextOptions {
  readonly size?: number;
  readonly fill?: Colour;
  readonly anchor?: 'start' | 'middle' | 'end';
  readonly weight?: 'bold';
}

export function text(x: number, y: number, content: string, options: TextOptions = {}): string {
  const { size = 13, fill = 'text', anchor, weight } = options;
  const more = `${anchor ? ` text-anchor="${anchor}"` : ''}${weight ? ` font-weight="${weight}"` : ''}`;
  return `<text x="${x}" y="${y}" font-size="${size}" fill="${colour(fill)}"${more}>${escaped(content)}</text>`;
}

export function escaped(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Lines of at most that many characters; a longer word is broken, after a `/` where it has one. */
export function wrapped(content: string, most: number): string[] {
  const lines = [''];
  for (const word of content.split(' ').flatMap((one) => brokenWord(one, most))) {
    const last = lines.at(-1) as string;
    if (last !== '' && last.length + 1 + word.length > most) lines.push(word);
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
  }
  return lines;
}

function brokenWord(word: string, most: number): string[] {
  if (word.length <= most) return [word];
  const at = word.lastIndexOf('/', most - 1) + 1 || most;
  return [word.slice(0, at), ...brokenWord(word.slice(at), most)];
}
