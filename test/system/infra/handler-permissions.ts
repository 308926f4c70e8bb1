/**
 * What CloudFormation needs to create, read, update and delete a resource of each type: the permissions of the handlers in
 * its resource schema, in one list. Facts from the schemas that localstack-core 2026.3.0 ships (its files
 * resource_providers/*.schema.json), joined with those that pulumi/pulumi-aws-native keeps (aws-cloudformation-schema) where
 * these have no handlers or older ones (the tags of log groups). Three types have none in either, because CloudFormation has not moved them to a
 * registry handler; theirs are the actions of the calls in the API reference: marked (API).
 */
export const handlerPermissions: Readonly<Record<string, readonly string[]>> = {
  'AWS::CloudWatch::Alarm': [
    ...actions('cloudwatch', 'PutMetricAlarm DescribeAlarms DeleteAlarms'),
    ...actions('cloudwatch', 'TagResource UntagResource ListTagsForResource'),
  ],
  'AWS::Events::ApiDestination': actions(
    'events',
    'CreateApiDestination DescribeApiDestination UpdateApiDestination DeleteApiDestination',
  ),
  'AWS::Events::Connection': [
    ...actions('events', 'CreateConnection DescribeConnection UpdateConnection DeleteConnection'),
    ...actions('secretsmanager', 'CreateSecret GetSecretValue PutSecretValue UpdateSecret'),
    'iam:CreateServiceLinkedRole',
  ],
  // (API)
  'AWS::Events::EventBusPolicy': actions(
    'events',
    'PutPermission RemovePermission DescribeEventBus',
  ),
  // (API)
  'AWS::Events::Rule': [
    ...actions('events', 'PutRule PutTargets DescribeRule ListTargetsByRule'),
    ...actions('events', 'RemoveTargets DeleteRule TagResource UntagResource ListTagsForResource'),
    'iam:PassRole',
  ],
  'AWS::IAM::Role': [
    ...actions('iam', 'CreateRole PutRolePolicy AttachRolePolicy GetRole GetRolePolicy'),
    ...actions('iam', 'ListAttachedRolePolicies ListRolePolicies UpdateRole UpdateRoleDescription'),
    ...actions('iam', 'UpdateAssumeRolePolicy DetachRolePolicy DeleteRolePermissionsBoundary'),
    ...actions('iam', 'PutRolePermissionsBoundary DeleteRolePolicy TagRole UntagRole DeleteRole'),
  ],
  'AWS::Lambda::EventInvokeConfig': actions(
    'lambda',
    'PutFunctionEventInvokeConfig GetFunctionEventInvokeConfig UpdateFunctionEventInvokeConfig DeleteFunctionEventInvokeConfig',
  ),
  'AWS::Lambda::EventSourceMapping': [
    ...actions('lambda', 'CreateEventSourceMapping GetEventSourceMapping'),
    ...actions('lambda', 'UpdateEventSourceMapping DeleteEventSourceMapping'),
    ...actions('lambda', 'TagResource UntagResource ListTags'),
    ...actions('kms', 'DescribeKey GenerateDataKey Decrypt'),
  ],
  'AWS::Lambda::Function': [
    ...actions('lambda', 'CreateFunction GetFunction DeleteFunction UpdateFunctionCode'),
    ...actions('lambda', 'UpdateFunctionConfiguration PutFunctionConcurrency'),
    ...actions('lambda', 'DeleteFunctionConcurrency GetCodeSigningConfig'),
    ...actions('lambda', 'GetFunctionCodeSigningConfig PutFunctionCodeSigningConfig'),
    ...actions('lambda', 'DeleteFunctionCodeSigningConfig GetLayerVersion'),
    ...actions('lambda', 'GetRuntimeManagementConfig PutRuntimeManagementConfig'),
    ...actions('lambda', 'GetFunctionRecursionConfig PutFunctionRecursionConfig'),
    ...actions('lambda', 'GetFunctionScalingConfig PutFunctionScalingConfig'),
    ...actions('lambda', 'PublishVersion PassCapacityProvider TagResource UntagResource ListTags'),
    ...actions('s3', 'GetObject GetObjectVersion'),
    ...actions('ec2', 'DescribeSecurityGroups DescribeSubnets DescribeVpcs'),
    'ec2:DescribeNetworkInterfaces',
    'elasticfilesystem:DescribeMountTargets',
    ...actions('kms', 'CreateGrant Decrypt Encrypt GenerateDataKey'),
    'iam:PassRole',
  ],
  'AWS::Lambda::Permission': actions('lambda', 'AddPermission RemovePermission GetPolicy'),
  'AWS::Logs::LogGroup': [
    ...actions('logs', 'DescribeLogGroups CreateLogGroup DeleteLogGroup'),
    ...actions('logs', 'PutRetentionPolicy DeleteRetentionPolicy'),
    ...actions('logs', 'TagResource UntagResource ListTagsForResource'),
    ...actions('logs', 'GetDataProtectionPolicy PutDataProtectionPolicy'),
    ...actions('logs', 'DeleteDataProtectionPolicy AssociateKmsKey DisassociateKmsKey'),
    ...actions('logs', 'CreateLogDelivery PutResourcePolicy DescribeResourcePolicies'),
    's3:REST.PUT.OBJECT',
    'firehose:TagDeliveryStream',
  ],
  'AWS::S3::Bucket': [
    ...actions('s3', 'CreateBucket DeleteBucket ListBucket DeleteObject PutObjectAcl'),
    ...actions('s3', 'GetBucketTagging PutBucketTagging DeleteBucketTagging'),
    ...actions('s3', 'TagResource UntagResource ListTagsForResource'),
    ...actions(
      's3',
      'GetEncryptionConfiguration PutEncryptionConfiguration DeleteBucketEncryption',
    ),
    ...actions('s3', 'GetBucketPublicAccessBlock PutBucketPublicAccessBlock'),
    ...actions('s3', 'GetBucketOwnershipControls PutBucketOwnershipControls'),
    ...actions('s3', 'GetBucketAcl PutBucketAcl GetBucketAbac PutBucketAbac'),
    ...actions('s3', 'GetAnalyticsConfiguration PutAnalyticsConfiguration'),
    's3:DeleteBucketAnalyticsConfiguration',
    ...actions('s3', 'GetBucketCORS PutBucketCORS DeleteBucketCors'),
    ...actions('s3', 'GetInventoryConfiguration PutInventoryConfiguration'),
    ...actions('s3', 'GetLifecycleConfiguration PutLifecycleConfiguration DeleteBucketLifecycle'),
    ...actions('s3', 'GetMetricsConfiguration PutMetricsConfiguration'),
    's3:DeleteBucketMetricsConfiguration',
    ...actions('s3', 'GetBucketNotification PutBucketNotification'),
    ...actions(
      's3',
      'GetReplicationConfiguration PutReplicationConfiguration PutBucketReplication',
    ),
    's3:DeleteBucketReplication',
    ...actions('s3', 'GetBucketWebsite PutBucketWebsite DeleteBucketWebsite'),
    ...actions('s3', 'GetAccelerateConfiguration PutAccelerateConfiguration'),
    ...actions('s3', 'GetBucketObjectLockConfiguration PutBucketObjectLockConfiguration'),
    's3:PutObjectLockConfiguration',
    ...actions('s3', 'GetBucketLogging PutBucketLogging'),
    ...actions('s3', 'GetBucketVersioning PutBucketVersioning'),
    ...actions('s3', 'GetIntelligentTieringConfiguration PutIntelligentTieringConfiguration'),
    ...actions('s3', 'GetBucketMetadataTableConfiguration CreateBucketMetadataTableConfiguration'),
    's3:DeleteBucketMetadataTableConfiguration',
    's3:UpdateBucketMetadataJournalTableConfiguration',
    's3:UpdateBucketMetadataInventoryTableConfiguration',
    ...actions('s3tables', 'CreateNamespace CreateTable CreateTableBucket GetTable'),
    ...actions('s3tables', 'PutTableBucketPolicy PutTableEncryption PutTablePolicy'),
    ...actions('s3tables', 'GetTableMetadataLocation UpdateTableMetadataLocation'),
    'iam:PassRole',
  ],
  'AWS::S3::BucketPolicy': actions('s3', 'GetBucketPolicy PutBucketPolicy DeleteBucketPolicy'),
  // (API)
  'AWS::SNS::Subscription': actions(
    'sns',
    'Subscribe Unsubscribe GetSubscriptionAttributes SetSubscriptionAttributes ListSubscriptionsByTopic',
  ),
  'AWS::SNS::Topic': [
    ...actions('sns', 'CreateTopic DeleteTopic GetTopicAttributes SetTopicAttributes'),
    ...actions('sns', 'TagResource UntagResource ListTagsForResource Subscribe Unsubscribe'),
    ...actions('sns', 'ListSubscriptionsByTopic GetDataProtectionPolicy PutDataProtectionPolicy'),
    ...actions('iam', 'GetRole PassRole'),
  ],
  'AWS::SQS::Queue': [
    ...actions('sqs', 'CreateQueue GetQueueUrl GetQueueAttributes SetQueueAttributes DeleteQueue'),
    ...actions('sqs', 'ListQueueTags TagQueue UntagQueue'),
  ],
  'AWS::SQS::QueuePolicy': actions('sqs', 'SetQueueAttributes'),
};

/**
 * Permissions that a schema lists and the deployment role does not have, each with the reason why CloudFormation does not
 * need it here: it makes such a call only for a property that the template sets, or sets no longer.
 */
export const notNeeded: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'AWS::IAM::Role': {
    ...because(
      'No role of the template has a managed policy, and to attach one is how to become administrator.',
      actions('iam', 'AttachRolePolicy DetachRolePolicy'),
    ),
    ...because('A role without the boundary could have any permission.', [
      'iam:DeleteRolePermissionsBoundary',
    ]),
    ...because(
      'No role of the template sets Description or MaxSessionDuration.',
      actions('iam', 'UpdateRole UpdateRoleDescription'),
    ),
  },
  'AWS::Lambda::EventSourceMapping': because(
    'The template sets no KmsKeyArn.',
    actions('kms', 'DescribeKey GenerateDataKey Decrypt'),
  ),
  'AWS::Lambda::Function': {
    ...because('The template sets no KmsKeyArn.', [
      ...actions('kms', 'CreateGrant Decrypt Encrypt GenerateDataKey'),
    ]),
    ...because('The template sets no FileSystemConfigs.', [
      'elasticfilesystem:DescribeMountTargets',
    ]),
    ...because('The template sets no Layers.', ['lambda:GetLayerVersion']),
    ...because('The template sets no CodeSigningConfigArn.', [
      ...actions('lambda', 'GetCodeSigningConfig PutFunctionCodeSigningConfig'),
      'lambda:DeleteFunctionCodeSigningConfig',
    ]),
    ...because('The template sets no CapacityProviderConfig.', ['lambda:PassCapacityProvider']),
    ...because('The template publishes no version (versionFunctions: false).', [
      'lambda:PublishVersion',
    ]),
  },
  'AWS::Logs::LogGroup': {
    ...because(
      'The template sets no DataProtectionPolicy, whose findings may go to S3 or Firehose.',
      [
        ...actions('logs', 'PutDataProtectionPolicy DeleteDataProtectionPolicy CreateLogDelivery'),
        ...actions('logs', 'PutResourcePolicy DescribeResourcePolicies'),
        's3:REST.PUT.OBJECT',
        'firehose:TagDeliveryStream',
      ],
    ),
    ...because('The template sets no KmsKeyId.', [
      ...actions('logs', 'AssociateKmsKey DisassociateKmsKey'),
    ]),
  },
  'AWS::S3::Bucket': {
    ...because(
      'osls sets PublicAccessBlockConfiguration and BucketEncryption, and tags come from the stack.',
      [
        ...actions('s3', 'PutBucketAcl PutObjectAcl PutBucketAbac DeleteBucketTagging'),
        ...actions('s3', 'DeleteBucketEncryption PutAnalyticsConfiguration'),
        ...actions('s3', 'DeleteBucketAnalyticsConfiguration PutBucketCORS DeleteBucketCors'),
        ...actions(
          's3',
          'PutInventoryConfiguration PutLifecycleConfiguration DeleteBucketLifecycle',
        ),
        ...actions('s3', 'PutMetricsConfiguration DeleteBucketMetricsConfiguration'),
        ...actions('s3', 'PutBucketNotification PutReplicationConfiguration PutBucketReplication'),
        ...actions('s3', 'DeleteBucketReplication PutBucketWebsite DeleteBucketWebsite'),
        ...actions('s3', 'PutAccelerateConfiguration PutBucketObjectLockConfiguration'),
        ...actions('s3', 'PutObjectLockConfiguration PutBucketLogging PutBucketVersioning'),
        's3:PutIntelligentTieringConfiguration',
      ],
    ),
    ...because('The template sets no MetadataTableConfiguration.', [
      ...actions('s3', 'CreateBucketMetadataTableConfiguration'),
      ...actions('s3', 'DeleteBucketMetadataTableConfiguration'),
      ...actions('s3', 'UpdateBucketMetadataJournalTableConfiguration'),
      ...actions('s3', 'UpdateBucketMetadataInventoryTableConfiguration'),
      ...actions('s3tables', 'CreateNamespace CreateTable CreateTableBucket GetTable'),
      ...actions('s3tables', 'PutTableBucketPolicy PutTableEncryption PutTablePolicy'),
      ...actions('s3tables', 'GetTableMetadataLocation UpdateTableMetadataLocation'),
    ]),
    ...because('The template sets no ReplicationConfiguration, which has a role.', [
      'iam:PassRole',
    ]),
  },
  'AWS::SNS::Topic': {
    ...because('The template sets no DataProtectionPolicy.', ['sns:PutDataProtectionPolicy']),
    ...because('The template sets no DeliveryStatusLogging, which has a role.', [
      ...actions('iam', 'GetRole PassRole'),
    ]),
  },
};

function actions(service: string, names: string): string[] {
  return names.split(' ').map((name) => `${service}:${name}`);
}

function because(reason: string, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, reason]));
}
