// serverless.yml can only name a .js file here.
export { resources, subscriptions, vpc } from './from-settings.ts';
