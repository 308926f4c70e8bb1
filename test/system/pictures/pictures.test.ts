import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { DOMParser } from 'linkedom';
import { beforeAll, describe, expect, test } from 'vitest';
import { clusters } from '../../../infra/dashboards/clusters.ts';
import { federationSync } from '../../../infra/dashboards/federation-sync.ts';
import { demoOutput, demoPictures, drawn, folder, LAYOUTS } from '../../pictures/files.ts';
import type { Delay, Metrics } from '../../pictures/samples.ts';
import { panelsOf } from '../infra/panels.ts';
import { pages } from '../pages/pages.ts';

const read = (name: string) => readFileSync(join(folder, name), 'utf8');
const metrics: Metrics = JSON.parse(read('metrics.json'));
const delay: Delay = JSON.parse(read('delay.json'));
const parsed = (name: string) => new DOMParser().parseFromString(read(name), 'image/svg+xml');
const textsOf = (name: string) =>
  [...parsed(name).querySelectorAll('text')].map(({ textContent }) => textContent ?? '');

const kilobytes = {
  'clusters.svg': 100,
  'federation-sync.svg': 100,
  'delay.svg': 100,
  'demo.svg': 150,
};

/** Each of them, also as a phone gets it. */
const files = Object.entries(kilobytes).flatMap(([name, most]) =>
  Object.values(LAYOUTS).map(
    (suffix) => [name.replace('.svg', `${suffix}.svg`), most, suffix] as const,
  ),
);

describe.each(files)('%s', (name, most, suffix) => {
  const svg = read(name);

  test('has an end for every tag', () => {
    const open: string[] = [];
    for (const [, end, tag = '', empty] of svg.matchAll(
      /<(\/?)([a-z][\w-]*)(?:\s[^<>]*?)?(\/?)>/gi,
    )) {
      if (end) expect(open.pop()).toBe(tag);
      else if (!empty) open.push(tag);
    }
    expect(open).toEqual([]);
    expect(svg.replaceAll(/<\/?[a-z][^<>]*>/gi, '')).not.toMatch(/[<>]|&(?!amp;|lt;|gt;)/);
  });

  test('has no script, and refers to nothing outside itself', () => {
    const own = svg.replace('xmlns="http://www.w3.org/2000/svg"', '');
    expect(own).not.toMatch(/<script|<image|<foreignObject|href=|url\(|@import|https?:| on\w+=/i);
  });

  test('is dated, and follows the colour scheme', () => {
    expect(svg).toMatch(/<title [^>]*>[^<]*20\d\d-\d\d-\d\d/);
    expect(svg).toContain('@media (prefers-color-scheme:dark)');
  });

  test('is small, and on a page', () => {
    expect(svg.length).toBeLessThan(most * 1000);
    const [attribute, other] = suffix === '' ? ['src', '-narrow.svg'] : ['srcset', '.svg'];
    const used = new RegExp(`<picture>[^>]*>?[^>]*\\b${attribute}="[\\w./]*pictures/${name}"`);
    const page = pages.find(({ text }) => used.test(text));
    expect(page?.text).toContain(name.replace(`${suffix}.svg`, other));
  });

  test('has letters of at least 8 pixels where it is shown', () => {
    const width = Number(/ width="(\d+)"/.exec(svg)?.[1]);
    // GitHub's column on a phone is 358 pixels wide, and 868 on the first page of the repository.
    const shrunk = Math.min(1, (suffix === '' ? 868 : 358) / width);
    const sizes = [...svg.matchAll(/font-size="([\d.]+)/g)].map(([, size]) => Number(size));
    expect(sizes.length).toBeGreaterThan(4);
    expect(shrunk * Math.min(...sizes)).toBeGreaterThanOrEqual(8);
  });
});

test.each(Object.entries(drawn()))(
  '%s is what npm run pictures draws from its samples',
  (name, svg) => {
    expect(read(name)).toBe(svg);
  },
);

test('every panel of "Clusters" has samples, except for those that need exporters of a whole cluster', () => {
  const missing = panelsOf(clusters())
    .map(({ title = '' }) => title)
    .filter((title) => !metrics.clusters[title]?.some(({ points }) => points.length > 10));
  expect(missing).toEqual(['CPU used', 'Memory used', 'Pods']);
  expect(textsOf('clusters.svg')).toEqual(expect.arrayContaining(['Up', 'Federation lag']));
});

test("every panel of the function's own metrics has samples", () => {
  const counted = new Set(metrics.function.flatMap(({ values }) => Object.keys(values)));
  const own = panelsOf(federationSync()).filter(({ targets }) =>
    JSON.stringify(targets).includes('"namespace":"FederationSync"'),
  );
  expect(own.length).toBeGreaterThan(10);
  for (const { title = '', targets } of own) {
    const names = (targets as unknown as { metricName: string }[]).map((one) => one.metricName);
    expect(
      names.filter((name) => counted.has(name)),
      title,
    ).not.toEqual([]);
    expect(textsOf('federation-sync.svg')).toContain(title);
  }
});

test('every round of the delay is a dot', () => {
  const rounds = Object.values(delay.seconds).flat();
  expect(Object.values(delay.seconds).map(({ length }) => length)).toEqual([20, 20, 20, 20]);
  for (const suffix of Object.values(LAYOUTS))
    expect(parsed(`delay${suffix}.svg`).querySelectorAll('circle')).toHaveLength(rounds.length);
});

describe('demo.svg', () => {
  let output: string;
  beforeAll(() => {
    output = demoOutput();
  }, 60_000);

  /** Letters, without what differs between runs: seconds, and where they break a line. */
  const letters = (text: string) =>
    stripVTControlCharacters(text)
      .replaceAll(/\d+\.\d+\s+s\b/g, 'N s')
      .replaceAll(/\s+/g, '');
  const shown = (svg: string) => {
    const [, ...lines] = [
      ...new DOMParser().parseFromString(svg, 'image/svg+xml').querySelectorAll('text'),
    ];
    return letters(lines.map(({ textContent }) => textContent).join('\n'));
  };

  test.each(['demo.svg', 'demo-narrow.svg'])(
    '%s shows what the demo prints; else run npm run pictures',
    (name) => {
      expect(shown(read(name))).toBe(letters(output));
    },
  );

  test('is compared letter by letter, except for the seconds', () => {
    const [date] = /20\d\d-\d\d-\d\d/.exec(read('demo.svg')) ?? [''];
    const wide = (printed: string) => demoPictures(printed, date)['demo.svg'] ?? '';
    expect(shown(wide(output))).toBe(letters(output));
    expect(shown(wide(output.replace('scraped', 'scrapped')))).not.toBe(letters(output));
  });

  test.each(['demo.svg', 'demo-narrow.svg'])('%s: no line is cut off', (name) => {
    const svg = read(name);
    const width = Number(/ width="(\d+)"/.exec(svg)?.[1]);
    const ends = [...svg.matchAll(/ x="([\d.]+)"[^>]* textLength="([\d.]+)"/g)].map(
      ([, x, length]) => Number(x) + Number(length),
    );
    expect(ends.length).toBeGreaterThan(50);
    expect(Math.max(...ends)).toBeLessThanOrEqual(width);
  });

  test('fits into a terminal of 100 columns', () => {
    const widths = output.split('\n').map((line) => stripVTControlCharacters(line).length);
    expect(Math.max(...widths)).toBeLessThanOrEqual(100);
  });

  test('was recorded in less than 15 seconds', () => {
    const [, seconds] =
      /\((\d+\.\d) s\)\.\s*$/.exec(
        stripVTControlCharacters(read('demo.svg').match(/Every step[^<]*/)?.[0] ?? ''),
      ) ?? [];
    expect(Number(seconds)).toBeLessThan(15);
  });
});
