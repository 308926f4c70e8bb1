import { expect, test } from 'vitest';
import { openList } from '../../../src/document/document.ts';

const owner = { format: 'static_configs', job: 'federate' } as const;
const EMPTY = 'scrape_configs:\n  - job_name: federate\n    static_configs: []\n';

test('time grows with the size of the list, not with its square', () => {
  const targets = (count: number) =>
    Array.from({ length: count }, (_, i) => ({
      address: `a${i}.example.com.`,
      labels: { clusterID: `${i}c` },
    }));
  const time = (count: number) => {
    const text = openList(EMPTY, owner).write(targets(count));
    const started = performance.now();
    openList(text, owner).write(targets(count).reverse().slice(1));
    return performance.now() - started;
  };
  time(2_000);
  expect(time(16_000)).toBeLessThan(40 * Math.max(time(2_000), 5));
});
