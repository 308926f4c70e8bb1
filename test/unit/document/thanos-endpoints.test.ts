import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { openList } from '../../../src/document/document.ts';
import { dedent } from './dedent.ts';

const write = (text: string, ...addresses: string[]) =>
  openList(text, { format: 'thanos_endpoints', job: '' }).write(
    addresses.map((address) => ({ address, labels: {} })),
  );

// As in Thanos's documentation, "Per-Endpoint TLS Configuration".
const DOCUMENT = dedent`
  # by hand
  default_client_config:
    tls_config: { enabled: true, ca_file: "/ca.crt" } # all of them

  endpoints: # managed
    - address: a:10901
      client_config: # its own
        tls_config:
          cert_file: /a.crt
        server_name:

    # about b
    - group: true
      service_config: |
        {"loadBalancingPolicy": "round_robin"}

      address: 'b:10901'
    - address: c:10901
  # after
  `;

describe('a document with settings of endpoints', () => {
  test('keeps those of the document, and of the endpoints that stay', () => {
    expect(write(DOCUMENT, 'a:10901', 'b:10901', 'd:10901')).toBe(
      DOCUMENT.replace(/\n {2}# about b\n/, '').replace('- address: c:10901', '- address: d:10901'),
    );
    expect(write(DOCUMENT, 'c:10901', 'b:10901', 'a:10901')).toBe(DOCUMENT);
    expect(write(DOCUMENT, 'b:10901')).toBe(
      DOCUMENT.replace(/ {2}- address: a[\s\S]*# about b\n/, '').replace(
        '  - address: c:10901\n',
        '',
      ),
    );
  });

  test('keeps them where no endpoint is left, and grows again', () => {
    const emptied = write(DOCUMENT);
    expect(emptied).toBe(DOCUMENT.replace(/: # managed[\s\S]*(?=# after)/, ': [] # managed\n'));
    expect(write(emptied, 'x:1')).toBe(
      emptied.replace(': [] # managed', ': # managed\n- address: x:1'),
    );
  });

  test('is the same for an endpoint in brackets, and for a list in brackets', () => {
    const item = 'default_client_config: {}\nendpoints:\n- {address: a:1, strict: true}\n';
    expect(write(item, 'a:1', 'b:1')).toBe(`${item}- address: b:1\n`);
    const list = 'endpoints: [{address: b:1}, {strict: true, address: c:1}]\nx: 1\n';
    expect(write(list, 'a:1', 'c:1')).toBe(
      'endpoints:\n- address: a:1\n- {strict: true, address: c:1}\nx: 1\n',
    );
  });

  test('an endpoint that is there twice has the settings of the first', () => {
    const text = 'endpoints:\n- address: a:1\n  strict: true\n- address: a:1\n  group: true\n';
    expect(write(text, 'a:1')).toBe('endpoints:\n- address: a:1\n  strict: true\n');
  });

  test('an unrelated document is never overwritten', () => {
    expect(() => write('groups:\n- name: rules\n', 'a:1')).toThrow(
      expect.objectContaining({
        code: 'document-unsafe',
        remedy: 'Add endpoints: [] to it.',
      }),
    );
  });
});

test('whatever the settings, another parser finds them as they were', () => {
  const setting = fc.constantFrom(
    ['strict: true', { strict: true }],
    ['service_config: |\n      {}', { service_config: '{}\n' }],
    ['service_config: >-\n      a\n\n      b\n', { service_config: 'a\nb' }],
    ['client_config:\n      server_name: x # y', { client_config: { server_name: 'x' } }],
    ['client_config:', { client_config: null }],
    ['client_config: {}\n    # c', { client_config: {} }],
    ['"group": false\n', { group: false }],
    undefined,
  );
  const endpoints = fc.uniqueArray(fc.integer({ min: 0, max: 9 }), { minLength: 1 });
  fc.assert(
    fc.property(
      endpoints,
      endpoints,
      fc.array(setting, { minLength: 10, maxLength: 10 }),
      fc.boolean(),
      (before, wanted, settings, last) => {
        const items = before.map((n) => {
          const [text] = settings[n] ?? [];
          return `  - address: h${n}:1\n${text ? `    ${text}\n` : ''}`;
        });
        const more = 'default_client_config:\n  compression: snappy\n';
        const list = `endpoints:\n${items.join('')}`;
        const after = write(last ? more + list : list + more, ...wanted.map((n) => `h${n}:1`));
        const found = parse(after);
        expect(found.default_client_config).toEqual({ compression: 'snappy' });
        const byAddress = (list: { address: string }[]) =>
          list.toSorted((a, b) => a.address.localeCompare(b.address));
        expect(byAddress(found.endpoints)).toEqual(
          byAddress(
            wanted.map((n) => ({
              address: `h${n}:1`,
              ...(before.includes(n) && (settings[n]?.[1] as object | undefined)),
            })),
          ),
        );
      },
    ),
    { numRuns: 500 },
  );
});
