import type { AppDeps } from '../app/app.ts';
import { Refusal } from '../kernel/errors.ts';
import type { Caller } from './apiKey.ts';
import type { HttpRequest } from './request.ts';

const WINDOW_MS = 60_000;

interface Counted {
  request: HttpRequest;
  caller: Caller;
  /** Get those of draft-ietf-httpapi-ratelimit-headers, whatever the answer. */
  headers: Record<string, string>;
}

/**
 * Counts this request against its key, or against its address without one. Throws `Refusal` rate_limited beyond the
 * limit. A limit that cannot be counted is not enforced: the counter's outage must not refuse a submit.
 */
export async function limitRate(
  deps: AppDeps,
  { request, caller, headers }: Counted,
): Promise<void> {
  const limit = deps.config.rateLimitPerMinute;
  if (limit === 0) return;
  const window = await countUse(deps, `rate#${caller.apiKeyHash ?? request.sourceIp}`, limit);
  if (window === undefined) return;
  const seconds = Math.max(1, Math.ceil((window.resetsAt - deps.clock.now()) / 1_000));
  Object.assign(headers, {
    'ratelimit-policy': `"default";q=${limit};w=${WINDOW_MS / 1_000}`,
    ratelimit: `"default";r=${window.remaining};t=${seconds}`,
  });
  if (window.used > limit) throw tooMany(limit, seconds);
}

async function countUse({ presence, telemetry }: AppDeps, key: string, limit: number) {
  try {
    return await presence.countUse(key, limit, WINDOW_MS);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    telemetry.logger.warn('requests cannot be counted; the rate limit is not enforced', {
      err: error,
    });
    return undefined;
  }
}

function tooMany(limit: number, seconds: number): Refusal {
  return new Refusal(
    'rate_limited',
    `more than ${limit} ${limit === 1 ? 'request' : 'requests'} in a minute`,
    {
      code: 'rate_limited',
      remedy: 'send them further apart, or raise RATE_LIMIT_PER_MINUTE of the service',
      retryAfterSeconds: seconds,
    },
  );
}
