// serverless.yml can reference only a .js file here.
export { resources, subscriptions, vpc } from './from-settings.ts';
