import { expect, test } from 'vitest';
import { nameFor } from '../../../src/coverage/name.ts';
import { from } from './findings.ts';

test.each<[pattern: string, id: string, name: string | undefined]>([
  [String.raw`^(?<clusterID>[^.]+)\.prometheus\.internal$`, 'eu-1', 'eu-1.prometheus.internal'],
  [String.raw`^(?<clusterID>[^.]+)\.prometheus\.internal\.?$`, 'eu-1', 'eu-1.prometheus.internal'],
  [String.raw`^prom-(?<clusterID>\w+-\d+)\.example\.com\.$`, 'eu-1', 'prom-eu-1.example.com'],
  [String.raw`^(?<clusterID>(?:eu|us)-[0-9)(]+)\.internal$`, 'eu-1', 'eu-1.internal'],
  [String.raw`^(?<clusterID>[a-z]+)\.internal$`, 'eu-1', undefined],
  [String.raw`^(?<clusterID>[^.]+)\.(a|b)\.internal$`, 'eu-1', undefined],
  [String.raw`^(?<clusterID>[^.]+)\.[^.]+\.internal$`, 'eu-1', undefined],
  // Without the group, the id is the first label.
  [String.raw`^[^.]+\.prometheus\.internal$`, 'eu-1', 'eu-1.prometheus.internal'],
  ['internal', 'eu-1', undefined],
])('%s gives %s with the name %s', (pattern, id, name) => {
  const labels = { clusterID: pattern.includes('<clusterID>') ? '{clusterID}' : '{label}' };
  expect(nameFor({ from: [from({ name: pattern }, labels)] }, id)).toBe(name);
});

test.each<[label: string, id: string, name: string | undefined]>([
  ['cluster{n}', 'cluster25', 'prometheus25.example.com'],
  ['{n}', '25', 'prometheus25.example.com'],
  ['{n}-eu', '25-eu', 'prometheus25.example.com'],
  ['cluster{n}', 'other25', undefined],
  ['cluster{n}', 'clusterx', undefined],
  ['{n}{n}', '55', undefined],
  ['fixed', 'fixed', undefined],
])('the label %s is %s with the name %s', (clusterID, id, name) => {
  const pattern = String.raw`^prometheus(?<n>\d+)\.example\.com$`;
  expect(nameFor({ from: [from({ name: pattern }, { clusterID })] }, id)).toBe(name);
});

test('of several sources, the first that shows one', () => {
  const second = from({ name: String.raw`\.internal$` }, { clusterID: '{label}' });
  expect(nameFor({ from: [from({ name: '.' }), second] }, 'eu-1')).toBe('eu-1.internal');
});

test('a label that is not the id shows none', () => {
  const other = from({ name: String.raw`^(?<x>[^.]+)\.internal$` }, { clusterID: 'c-{x}' });
  expect(nameFor({ from: [other] }, 'eu-1')).toBeUndefined();
});
