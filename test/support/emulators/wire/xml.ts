/** XML as the AWS query and REST-XML protocols use it: elements and text; attributes only on the root. */

export interface XmlElement {
  readonly name: string;
  readonly children: readonly XmlElement[];
  readonly text: string;
}

/** A value to write: text, children by name, or the same child several times. undefined is left out. */
export type XmlValue =
  | string
  | number
  | boolean
  | undefined
  | readonly XmlValue[]
  | { readonly [name: string]: XmlValue };

/** Example: `writeXml('A', { B: ['1', '2'] }, 'urn:x')` is `<?xml …?><A xmlns="urn:x"><B>1</B><B>2</B></A>`. */
export function writeXml(root: string, value: XmlValue, namespace: string): string {
  return `<?xml version="1.0"?>\n<${root} xmlns="${namespace}">${content(value)}</${root}>`;
}

function content(value: XmlValue): string {
  if (value === undefined) return '';
  if (typeof value !== 'object') return escapeXml(String(value));
  return Object.entries(value)
    .flatMap(([name, child]) =>
      (Array.isArray(child) ? child : [child]).map((one: XmlValue) =>
        one === undefined ? '' : `<${name}>${content(one)}</${name}>`,
      ),
    )
    .join('');
}

function escapeXml(text: string): string {
  return text.replace(/[&<>"'\r\n\t]/g, (character) => ENTITIES[character] ?? character);
}

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '\r': '&#xD;',
  '\n': '&#xA;',
  '\t': '&#x9;',
};

/** Reads what an SDK sends. Throws on anything that is not well formed. */
export function readXml(text: string): XmlElement {
  const open: { name: string; children: XmlElement[]; text: string }[] = [];
  const roots: XmlElement[] = [];
  const token =
    /<\?[\s\S]*?\?>|<!--[\s\S]*?-->|<!\[CDATA\[([\s\S]*?)\]\]>|<(\/?)([\w:.-]+)([^<>]*?)(\/?)>|([^<]+)/gy;
  let end = 0;
  for (const match of text.matchAll(token)) {
    end = match.index + match[0].length;
    const [, cdata, closing, name, , selfClosing, characters] = match;
    const parent = open.at(-1);
    if (characters !== undefined || cdata !== undefined) {
      if (parent) parent.text += cdata ?? unescapeXml(characters ?? '');
    } else if (name !== undefined && closing === '/') {
      const done = open.pop();
      if (done?.name !== local(name)) throw new Error(`unexpected </${name}>`);
      (open.at(-1)?.children ?? roots).push(done);
    } else if (name !== undefined) {
      const element = { name: local(name), children: [], text: '' };
      if (selfClosing === '/') (parent?.children ?? roots).push(element);
      else open.push(element);
    }
  }
  const [root] = roots;
  if (end !== text.length || open.length > 0 || root === undefined || roots.length > 1) {
    throw new Error('not well formed');
  }
  return root;
}

function local(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

function unescapeXml(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex, decimal, entity) => {
    if (hex) return String.fromCodePoint(Number.parseInt(hex, 16));
    if (decimal) return String.fromCodePoint(Number(decimal));
    return { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }[entity as string] ?? whole;
  });
}

export function child(element: XmlElement | undefined, name: string): XmlElement | undefined {
  return element?.children.find((one) => one.name === name);
}

export function childText(element: XmlElement | undefined, name: string): string | undefined {
  return child(element, name)?.text;
}
