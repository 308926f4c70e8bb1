/** What is used of STS, which most runs do not call: clients.ts, identity.ts and the cluster's sign-in load it then. */
export { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
