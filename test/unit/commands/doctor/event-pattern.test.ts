import { describe, expect, test } from 'vitest';
import { eventPattern } from '../../../../infra/aws/event-pattern.ts';
import { changeEvent, matchesEvent } from '../../../../src/commands/doctor/event-pattern.ts';
import { change, events, zone } from '../../../system/infra/cloudtrail.ts';

describe('the pattern of our own rules', () => {
  test.each(events)('$title: matches $passes', ({ event, passes }) => {
    expect(matchesEvent(eventPattern([zone, 'Z3M3LMPEXAMPLE']), event)).toBe(passes);
  });

  test('matches the event that doctor looks for, of its zones only', () => {
    expect(matchesEvent(eventPattern([zone]), changeEvent(zone))).toBe(true);
    expect(matchesEvent(eventPattern([zone]), changeEvent('Z0'))).toBe(false);
  });
});

test('the event that doctor looks for is as CloudTrail writes it', () => {
  const { requestParameters, ...detail } = changeEvent(zone).detail;
  expect(change).toMatchObject({ ...changeEvent(zone), detail });
  expect(change.detail.requestParameters).toMatchObject(requestParameters);
});

describe('patterns of others', () => {
  test.each([
    ['all events of Route 53', { source: ['aws.route53'] }, true],
    ['all events of an account', { source: [{ prefix: '' }] }, true],
    ['another service', { source: ['aws.ec2'] }, false],
    ['another prefix', { source: [{ prefix: 'aws.ec' }] }, false],
    ['a name that it lacks', { detail: { eventName: ['CreateHostedZone'] } }, false],
    ['a field that must be absent', { detail: { requestParameters: [{ exists: false }] } }, false],
    ['nested fields of a text', { source: { kind: ['x'] } }, false],
    ['an operator that is not evaluated', { source: [{ wildcard: 'aws.*' }] }, true],
    ['a pattern that is not JSON', undefined, false],
  ])('%s', (_, pattern, expected) => {
    expect(matchesEvent(pattern, changeEvent(zone))).toBe(expected);
  });

  test('a value of an array is enough', () => {
    expect(matchesEvent({ a: ['x'] }, { a: ['y', 'x'] })).toBe(true);
    expect(matchesEvent({ a: ['x'] }, { a: ['y'] })).toBe(false);
  });
});
