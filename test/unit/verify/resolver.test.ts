import { createSocket } from 'node:dgram';
import { expect, onTestFinished, test } from 'vitest';
import { resolverAt } from '../../../src/verify/resolver.ts';

test.each([
  ['10.0.0.2', '10.0.0.2:53'],
  ['10.0.0.2:5353', '10.0.0.2:5353'],
  ['::1', '[::1]:53'],
  ['[fd00::2]', '[fd00::2]:53'],
  ['[fd00::2]:5353', '[fd00::2]:5353'],
])('takes %s for the resolver %s', (text, address) => {
  expect(resolverAt(text).address).toBe(address);
});

test.each(['ns1.example.com', '10.0.0.2:0', '10.0.0.2:99999', '[10.0.0.2', ''])(
  'does not take %j for a resolver',
  (text) => {
    expect(() => resolverAt(text)).toThrow(expect.objectContaining({ code: 'usage' }));
  },
);

test('a resolver that answers for no name has failed', async () => {
  const silent = createSocket('udp4');
  onTestFinished(() => void silent.close());
  await new Promise<void>((resolve) => silent.bind(0, '127.0.0.1', resolve));
  const resolver = resolverAt(`127.0.0.1:${silent.address().port}`, { timeout: 50, tries: 1 });
  const asked = resolver.resolve(['a.example.com', 'b.example.com'], {
    signal: AbortSignal.timeout(5_000),
  });
  await expect(asked).rejects.toMatchObject({
    code: 'resolver-failed',
    message: expect.stringContaining('answered no query: timeout'),
  });
});

test('the end of the run ends the asking', async () => {
  const silent = createSocket('udp4');
  onTestFinished(() => void silent.close());
  await new Promise<void>((resolve) => silent.bind(0, '127.0.0.1', resolve));
  const resolver = resolverAt(`127.0.0.1:${silent.address().port}`, { timeout: 5_000, tries: 4 });
  const asked = resolver.resolve(['a.example.com'], { signal: AbortSignal.timeout(100) });
  await expect(asked).rejects.toMatchObject({ code: 'deadline' });
});
