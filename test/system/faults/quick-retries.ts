import type { RetryStrategyV2, RetryToken } from '@smithy/types';

/** Retries what the SDK's own strategy retries, as often as told, after a millisecond. */
export function quickRetries(attempts: number): RetryStrategyV2 {
  const token = (count: number): RetryToken => ({
    getRetryCount: () => count,
    getRetryDelay: () => (count === 0 ? 0 : 1),
  });
  return {
    acquireInitialRetryToken: async () => token(0),
    async refreshRetryTokenForRetry(before, { errorType }) {
      const mayHelp = errorType === 'TRANSIENT' || errorType === 'THROTTLING';
      const count = before.getRetryCount() + 1;
      if (!mayHelp || count >= attempts) throw new Error('no retry');
      return token(count);
    },
    recordSuccess() {},
  };
}
