import { Refusal } from '../kernel/errors.ts';
import type { AppDeps } from './app.ts';

/** The streams that are open in this process. */
export interface OpenStreams {
  readonly count: number;
  opened(): void;
  closed(): void;
}

const streamsOf = new WeakMap<AppDeps, OpenStreams>();

export function openStreams(deps: AppDeps): OpenStreams {
  const present = streamsOf.get(deps);
  if (present !== undefined) return present;
  const created = countStreams();
  streamsOf.set(deps, created);
  return created;
}

export function requireRoomForStream(deps: AppDeps): void {
  const { maxStreams } = deps.config;
  if (openStreams(deps).count < maxStreams) return;
  throw new Refusal('unavailable', `this process holds its limit of ${maxStreams} streams`, {
    code: 'too_many_streams',
    remedy: 'try again later, or raise MAX_STREAMS',
  });
}

function countStreams(): OpenStreams {
  let count = 0;
  return {
    get count() {
      return count;
    },
    opened() {
      count += 1;
    },
    closed() {
      count -= 1;
    },
  };
}
