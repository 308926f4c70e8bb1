import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { DOMParser } from 'linkedom';
import { beforeAll, describe, expect, test } from 'vitest';
import { clusters } from '../../../infra/dashboards/clusters.ts';
import { federationSync } from '../../../infra/dashboards/federation-sync.ts';
import { demoOutput, demoPicture, drawn, folder } from '../../pictures/files.ts';
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

describe.each(Object.entries(kilobytes))('%s', (name, most) => {
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
    expect(pages.some(({ text }) => text.includes(`pictures/${name})`))).toBe(true);
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
  expect(parsed('delay.svg').querySelectorAll('circle')).toHaveLength(rounds.length);
});

describe('demo.svg', () => {
  let output: string;
  beforeAll(() => {
    output = demoOutput();
  }, 60_000);

  /** Words without what differs between runs: seconds, and where they break a line. */
  const words = (text: string) =>
    stripVTControlCharacters(text)
      .replaceAll(/\d+\.\d+ s\b/g, 'N s')
      .split(/\s+/)
      .join(' ')
      .trim();
  const shown = (svg: string) => {
    const [, ...lines] = [
      ...new DOMParser().parseFromString(svg, 'image/svg+xml').querySelectorAll('text'),
    ];
    return words(lines.map(({ textContent }) => textContent).join('\n'));
  };

  test('shows what the demo prints; else run npm run pictures', () => {
    expect(shown(read('demo.svg'))).toBe(words(output));
  });

  test('is compared word for word, except for the seconds', () => {
    const [date] = /20\d\d-\d\d-\d\d/.exec(read('demo.svg')) ?? [''];
    expect(shown(demoPicture(output, date))).toBe(words(output));
    expect(shown(demoPicture(output.replace('scraped', 'scrapped'), date))).not.toBe(words(output));
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
