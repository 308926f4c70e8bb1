import type { Dashboard, Panel } from '@grafana/grafana-foundation-sdk/dashboard';

// Pixels of a grid cell, and the gap that Grafana leaves between panels.
const cell = { width: 40, height: 19 };
const gap = 4;
const header = 28;

/** The dashboard's layout as an SVG: each panel where Grafana puts it, with its title and what kind it is. */
export function picture(dashboard: Dashboard): string {
  const panels = (dashboard.panels ?? []).filter(
    (panel): panel is Panel => panel.type !== 'row' && 'gridPos' in panel,
  );
  const bottom = Math.max(...panels.map(({ gridPos }) => gridPos!.y + gridPos!.h));
  const width = 24 * cell.width;
  const height = header + bottom * cell.height + gap;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif">`,
    `<title>Layout of the dashboard ${escaped(dashboard.title ?? '')}</title>`,
    `<rect width="${width}" height="${height}" fill="#f4f5f5"/>`,
    `<text x="8" y="19" font-size="14" font-weight="bold" fill="#24292e">${escaped(dashboard.title ?? '')}</text>`,
    ...panels.flatMap(drawPanel),
    '</svg>',
    '',
  ].join('\n');
}

function drawPanel({ gridPos, title = '', type }: Panel): string[] {
  const { x, y, w, h } = gridPos!;
  const left = x * cell.width + gap;
  const top = header + y * cell.height;
  const width = w * cell.width - 2 * gap;
  const height = h * cell.height - gap;
  const inner = { left: left + 8, top: top + 26, width: width - 16, height: height - 34 };
  return [
    `<rect x="${left}" y="${top}" width="${width}" height="${height}" rx="2" fill="#fff" stroke="#d2d4d7"/>`,
    `<text x="${left + 8}" y="${top + 16}" font-size="11" fill="#24292e">${escaped(title)}</text>`,
    ...sketch(type, inner),
  ];
}

interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** A stand-in for the data: a number's place, two curves, or bars of states. */
function sketch(type: string, { left, top, width, height }: Box): string[] {
  if (type === 'stat')
    return [
      `<text x="${left + width / 2}" y="${top + height / 2 + 8}" font-size="24" fill="#1f78c1" text-anchor="middle">n</text>`,
    ];
  if (type === 'state-timeline')
    return [0, 1, 2].map((row) => {
      const bar = height / 3;
      return `<rect x="${left}" y="${top + row * bar}" width="${width}" height="${bar - 6}" fill="${row === 1 ? '#e0b400' : '#56a64b'}" opacity="0.6"/>`;
    });
  return [0, 1].map((curve) => {
    const points = Array.from({ length: 13 }, (_, at) => {
      const value = 0.3 + 0.3 * curve + 0.12 * Math.sin(at * 1.3 + curve * 2);
      return `${round(left + (at / 12) * width)},${round(top + height * (1 - value))}`;
    });
    return `<polyline points="${points.join(' ')}" fill="none" stroke="${curve ? '#56a64b' : '#1f78c1'}" stroke-width="1.5"/>`;
  });
}

const round = (value: number) => Math.round(value * 10) / 10;

const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
