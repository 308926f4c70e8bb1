import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import GithubSlugger from 'github-slugger';
import { describe, expect, test } from 'vitest';
import { codeOf, type Page, pageAt, pages, root, withoutFences } from './pages.ts';

/** Where a page's headings can be linked to, as GitHub names them. */
function anchorsOf(text: string): string[] {
  const slugger = new GithubSlugger();
  return [...withoutFences(text).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) =>
    slugger.slug(plain(heading)),
  );
}

/** A heading as it is shown: without links, code and emphasis. */
const plain = (heading: string) =>
  heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll(/[`*]/g, '');

/** The targets of a page's links, and its pictures. */
const linksOf = (text: string): string[] =>
  [
    ...withoutFences(text)
      .replaceAll(/`[^`\n]*`/g, '')
      .matchAll(/\]\(([^)\s]+)\)|\b(?:src|srcset|href)="([^"]*)"/g),
  ].map(([, link, attribute]) => link ?? attribute ?? '');

/** What is wrong with a link; undefined: nothing. */
function faultOf(page: Page, link: string): string | undefined {
  if (/^https:\/\/[\w.-]+\.\w+\/\S*$/.test(link)) return undefined;
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? page.path : normalize(join(dirname(page.path), path));
  if (!existsSync(join(root, target))) return `${link}: there is no ${target}`;
  if (anchor === undefined) return undefined;
  const found = anchorsOf(target === page.path ? page.text : pageAt(target).text);
  return found.includes(anchor) ? undefined : `${link}: ${target} has ${found.join(', ')}`;
}

test.each(pages.map((page) => [page.path, page] as const))(
  'every link of %s leads somewhere',
  (_, page) => {
    const faults = linksOf(page.text).flatMap((link) => faultOf(page, link) ?? []);
    expect(faults).toEqual([]);
  },
);

describe('the check of links', () => {
  const page = { path: 'infra/README.md', text: '# One\n## A `b`: c\n```\n# no heading\n```\n' };

  test.each([
    ['missing.md', 'there is no infra/missing.md'],
    ['#two', 'infra/README.md has one, a-b-c'],
    ['#no-heading', 'infra/README.md has one'],
    ['guides/deploy.md#nowhere', 'infra/guides/deploy.md has '],
    ['http://example.com/', 'there is no'],
  ])('finds %s', (link, fault) => {
    expect(faultOf(page, link)).toContain(fault);
  });

  test.each(['#a-b-c', 'guides/deploy.md', '../README.md#promises', 'https://example.com/a'])(
    'leaves %s alone',
    (link) => {
      expect(faultOf(page, link)).toBeUndefined();
    },
  );

  test('finds links outside code only', () => {
    expect(linksOf('[a](b.md) `[c](d.md)`\n```\n[e](f.md)\n```\n')).toEqual(['b.md']);
  });

  test('finds pictures', () => {
    const picture = '<source media="(max-width: 1px)" srcset="a.svg">\n<img alt="b" src="c.svg">';
    expect(linksOf(picture)).toEqual(['a.svg', 'c.svg']);
  });
});

/** Files that the reader has, that a build or a deploy writes, or that are in an object. */
const OF_THE_READER =
  /^(?:(?:\.\/)?federation-sync(?:\.\w+)?\.yml|zone\.json|scrape\.yml|contract\.ts|prometheus\.yml|clusters\.txt|webhook\.txt|soa\.json|answer\.json|NAME\.bad\.yml|src\/commands\/NAME\.ts|index\.mjs|package\.json|index\.cdx\.json|package\.cdx\.json|THIRD-PARTY-NOTICES\.txt|federation-sync\.settings\.json|scrape_config_secret\.yaml|servicediscovery\.yml|dist\/.*|reports\/.*|\/-\/reload)$/;
const LOOKS_LIKE_A_PATH =
  /^(?:\.{1,2}\/)?(?:[\w@.-]+\/)*[\w@.-]+\.(?:ya?ml|md|ts|js|mjs|json|conf|sh|txt)$|^(?:src|test|infra|\.github|\.ci|dist|support|unit|system)\/[\w@./-]*$/;
/** Pages on one folder name its files without it. */
const FOLDERS = ['', 'infra', 'src', 'test', '.github/workflows', 'test/unit'];

const pathsOf = ({ text }: Page): string[] =>
  [...codeOf(text), ...(text.match(/(?<![\w/.-])infra\/[\w./-]+\.\w+/g) ?? [])].filter((code) =>
    LOOKS_LIKE_A_PATH.test(code),
  );
const isThere = (page: Page, path: string) =>
  [dirname(page.path), ...FOLDERS].some((folder) => existsSync(join(root, folder, path)));

test.each(pages.map((page) => [page.path, page] as const))(
  'every file that %s names is there',
  (_, page) => {
    const missing = pathsOf(page).filter(
      (path) => !OF_THE_READER.test(path) && !isThere(page, path),
    );
    expect(missing).toEqual([]);
  },
);

test('paths are found on most pages', () => {
  expect(pages.flatMap(pathsOf).length).toBeGreaterThan(150);
});
