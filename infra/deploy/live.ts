import {
  CloudFormationClient,
  DescribeStacksCommand,
  type Stack,
} from '@aws-sdk/client-cloudformation';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  GetObjectCommand,
  HeadObjectCommand,
  paginateListObjectsV2,
  S3Client,
} from '@aws-sdk/client-s3';

/** The name of the stack and the function of a stage; see serverless.yml. */
export const nameOf = (stage: string) => `federation-sync-${stage}`;

/** The stack's output with the digest of all that was deployed; infra/aws/artifact.ts computes it. */
export const deploymentOutput = 'Deployment';

/** What runs in a stage now. */
export interface Live {
  /** Digest of the template and the code; undefined for a stack that is older than this output. */
  readonly deployment: string | undefined;
  /** SHA-256 of the function's code in base64; undefined if there is no function yet. */
  readonly code: string | undefined;
  /** osls's uploads, oldest first, as the timestamps that `osls rollback` accepts. */
  readonly uploads: readonly string[];
  /** The upload that runs. Undefined if there is none, such as after a change of the code by hand. */
  readonly upload: string | undefined;
}

/**
 * Finds the upload that runs, which is not always the newest: an update can have failed after the upload, and a
 * rollback leaves the rejected upload in the bucket. CloudFormation restores outputs when an update fails, so the
 * output, together with the function's own digest of its code, identifies the live deployment by content.
 *
 * @param config of the SDK's clients; by default, region and credentials are from the environment
 * @returns undefined if there is no stack
 * @throws Error with the remedy if the stack cannot be updated in its state
 */
export async function readLive(stage: string, config: object = {}): Promise<Live | undefined> {
  const name = nameOf(stage);
  const stack = await describeStack(new CloudFormationClient(config), name);
  if (!stack) return undefined;
  checkStatus(stack);
  const output = (key: string) =>
    stack.Outputs?.find(({ OutputKey }) => OutputKey === key)?.OutputValue;
  const deployment = output(deploymentOutput);
  const code = await codeOf(new LambdaClient(config), name);
  const bucket = output('ServerlessDeploymentBucketName');
  if (!bucket) return { deployment, code, uploads: [], upload: undefined };

  const s3 = new S3Client(config);
  const folders = await foldersOf(s3, bucket, `serverless/federation-sync/${stage}/`);
  const uploads = [...folders.keys()].sort((one, other) => Number(one) - Number(other));
  let upload: string | undefined;
  for (const timestamp of code ? uploads.toReversed() : []) {
    if (!(await isOf(s3, bucket, folders.get(timestamp) ?? '', { deployment, code }))) continue;
    upload = timestamp;
    break;
  }
  return { deployment, code, uploads, upload };
}

async function describeStack(client: CloudFormationClient, name: string) {
  try {
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: name }));
    return Stacks?.[0];
  } catch (error) {
    // DescribeStacks has no error of its own for a missing stack.
    if (error instanceof Error && /does not exist/.test(error.message)) return undefined;
    throw error;
  }
}

function checkStatus({ StackName, StackStatus: status }: Stack): void {
  const remedies: readonly [RegExp, string][] = [
    [/IN_PROGRESS$/, 'Wait until it has ended, then run again.'],
    [
      /^UPDATE_ROLLBACK_FAILED$/,
      `Run: aws cloudformation continue-update-rollback --stack-name ${StackName}`,
    ],
    [
      /^(?:CREATE_FAILED|ROLLBACK_(?:COMPLETE|FAILED)|DELETE_FAILED)$/,
      `Its creation failed, so it cannot be updated. Run: aws cloudformation delete-stack --stack-name ${StackName}`,
    ],
  ];
  const remedy = remedies.find(([pattern]) => status && pattern.test(status))?.[1];
  if (remedy) throw new Error(`Stack ${StackName} is in state ${status}. ${remedy}`);
}

async function codeOf(client: LambdaClient, name: string): Promise<string | undefined> {
  try {
    const command = new GetFunctionConfigurationCommand({ FunctionName: name });
    return (await client.send(command)).CodeSha256;
  } catch (error) {
    if (error instanceof Error && error.name === 'ResourceNotFoundException') return undefined;
    throw error;
  }
}

/** The folders of uploads by timestamp: osls names them TIMESTAMP-DATE. */
async function foldersOf(s3: S3Client, Bucket: string, Prefix: string) {
  const folders = new Map<string, string>();
  for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket, Prefix }))
    for (const { Key = '' } of Contents) {
      const [folder = ''] = Key.slice(Prefix.length).split('/');
      const timestamp = /^(\d+)-/.exec(folder)?.[1];
      if (timestamp) folders.set(timestamp, `${Prefix}${folder}`);
    }
  return folders;
}

/** Whether this upload has that template and that code. An upload that was cut off lacks one of them. */
async function isOf(
  s3: S3Client,
  Bucket: string,
  folder: string,
  live: Pick<Live, 'deployment' | 'code'>,
): Promise<boolean> {
  try {
    const zip = await s3.send(
      new HeadObjectCommand({ Bucket, Key: `${folder}/federation-sync.zip` }),
    );
    if (zip.Metadata?.filesha256 !== live.code) return false;
    const Key = `${folder}/compiled-cloudformation-template.json`;
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
    const template = JSON.parse((await Body?.transformToString()) ?? '{}');
    return template.Outputs?.[deploymentOutput]?.Value === live.deployment;
  } catch (error) {
    if (error instanceof Error && ['NoSuchKey', 'NotFound'].includes(error.name)) return false;
    throw error;
  }
}
