import type { Clock, EpochMs } from '../../kernel/clock.ts';
import type { Logger } from '../../telemetry/telemetry.ts';
import type { Presence } from '../presence.ts';

export interface EcsShieldOptions {
  /** ECS_AGENT_URI, which ECS gives to every container. */
  agentUri: string;
  clock: Clock;
  logger: Logger;
}

/** Runs out by itself when a worker dies, and is renewed long before. */
const SHIELD_MINUTES = 10;
const RENEW_MS = 5 * 60_000;
const PATIENCE_MS = 2_000;

/**
 * The same presence, which also tells ECS with every announcement whether tasks are running: a busy worker is not ended
 * because there is less to do. An agent that does not answer is warned about and asked again with the next announcement.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-scale-in-protection-endpoint.html
 */
export function shieldOnEcs(presence: Presence, options: EcsShieldOptions): Presence {
  let shieldedAt: EpochMs | undefined;

  async function tell(isBusy: boolean): Promise<void> {
    const now = options.clock.now();
    const isFresh = shieldedAt !== undefined && now - shieldedAt < RENEW_MS;
    if (isBusy ? isFresh : shieldedAt === undefined) return;
    try {
      await put(options.agentUri, isBusy);
      shieldedAt = isBusy ? now : undefined;
    } catch (error) {
      options.logger.warn('ECS was not told whether tasks are running', { err: error });
    }
  }

  return {
    ...presence,
    announce: async (record, ttlMs) => {
      await Promise.all([presence.announce(record, ttlMs), tell(record.running > 0)]);
    },
    withdraw: async (workerId) => {
      await Promise.all([presence.withdraw(workerId), tell(false)]);
    },
  };
}

async function put(agentUri: string, isBusy: boolean): Promise<void> {
  const answer = await fetch(`${agentUri}/task-protection/v1/state`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(
      isBusy
        ? { ProtectionEnabled: true, ExpiresInMinutes: SHIELD_MINUTES }
        : { ProtectionEnabled: false },
    ),
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`the agent answered ${answer.status}: ${text.slice(0, 300)}`);
}
