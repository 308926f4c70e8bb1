import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readLive } from '../../../infra/deploy/live.ts';

/** CloudFormation's answer to DescribeStacks; moto has no failed stacks. */
let answer: { status: number; body: string };
let server: Server;
beforeAll(async () => {
  server = createServer((_, response) =>
    response.writeHead(answer.status, { 'content-type': 'text/xml' }).end(answer.body),
  );
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
});
afterAll(() => server.close());

const read = () =>
  readLive('prod', {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'testing', secretAccessKey: 'testing' },
  });
const inState = (status: string) => ({
  status: 200,
  body: `<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeStacksResult><Stacks><member>
    <StackName>federation-sync-prod</StackName><StackStatus>${status}</StackStatus><CreationTime>2026-11-26T00:00:00Z</CreationTime>
    </member></Stacks></DescribeStacksResult></DescribeStacksResponse>`,
});

test.each([
  ['UPDATE_ROLLBACK_FAILED', /continue-update-rollback --stack-name federation-sync-prod/],
  ['UPDATE_ROLLBACK_IN_PROGRESS', /Wait until it has ended/],
  ['UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', /Wait until it has ended/],
  ['ROLLBACK_COMPLETE', /delete-stack --stack-name federation-sync-prod/],
])('a stack in state %s cannot be updated, and the error has the remedy', async (state, remedy) => {
  answer = inState(state);
  await expect(read()).rejects.toThrow(remedy);
});

test('a stage that does not exist has nothing that is live', async () => {
  const message = 'Stack with id federation-sync-prod does not exist';
  answer = {
    status: 400,
    body: `<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>${message}</Message></Error></ErrorResponse>`,
  };
  expect(await read()).toBeUndefined();
});

test('an answer that denies access is an error, not a stage that does not exist', async () => {
  answer = {
    status: 403,
    body: '<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>not authorized</Message></Error></ErrorResponse>',
  };
  await expect(read()).rejects.toThrow('not authorized');
});
