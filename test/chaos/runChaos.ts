import { leftProcesses } from '../support/leftProcesses.ts';
import { openArena } from './arena.ts';
import { slowModel } from './chaosTasks.ts';
import { examine } from './examine.ts';
import { followStream, type Witness } from './followStream.ts';
import { type Kills, killAtRandom } from './killAtRandom.ts';
import { seededRandom } from './seededRandom.ts';
import { type Acknowledged, submitTasks } from './submitTasks.ts';

export interface ChaosPlan {
  seed: number;
  tasks: number;
  kills: number;
  /** Within which every task must have ended, from the start on. */
  deadlineMs: number;
}

export interface ChaosReport {
  seed: number;
  acknowledged: number;
  kills: Kills;
  /** Submits that had to be sent again. */
  retries: number;
  /** Connections of the followers. */
  connections: number;
  /** Starts of a worker that found no database. */
  falseStarts: number;
  /** Attempts of all tasks: what is above `acknowledged` was interrupted. */
  attempts: number;
  /** Steps that a later attempt took from the journal. */
  replayed: number;
  /** Model calls that were begun. */
  modelCalls: number;
  seconds: number;
  /** Empty when nothing was lost, doubled or left behind. */
  faults: string[];
}

/** About what one kill takes, with the recovery of what it hits: submits are spread over that time. */
const KILL_MS = 1_400;

/** Lets clients work while everything under them is killed, and reports what went wrong. */
export async function runChaos(plan: ChaosPlan): Promise<ChaosReport> {
  const random = seededRandom(plan.seed);
  const model = await slowModel(random.fork('model'));
  const arena = await openArena(model.url);
  const started = performance.now();
  const tooLate = AbortSignal.timeout(plan.deadlineMs);
  const acknowledged: Acknowledged[] = [];
  const following: Promise<[string, Witness]>[] = [];

  function onAcknowledged(task: Acknowledged): void {
    acknowledged.push(task);
    const url = `${arena.url}/v1/stream/${task.taskId}`;
    const follower = followStream(url, random.fork(task.idempotencyKey), tooLate);
    following.push(follower.then((witness) => [task.taskId, witness]));
  }

  const faults: string[] = [];
  try {
    const paceMs = (plan.kills * KILL_MS) / plan.tasks;
    const [kills, { retries }] = await Promise.all([
      killAtRandom(arena, plan.kills, random.fork('kills')),
      submitTasks(arena, { ...plan, paceMs, random: random.fork('submits'), onAcknowledged }),
    ]);
    const witnesses = new Map(await Promise.all(following));
    const seconds = Math.round((performance.now() - started) / 1_000);
    const { databaseUrl } = arena;
    const findings = await examine({ databaseUrl, acknowledged, witnesses });
    faults.push(...findings.faults, ...arena.lapses());
    const connections = [...witnesses.values()].reduce((sum, each) => sum + each.connections, 0);
    return {
      ...{ seed: plan.seed, acknowledged: acknowledged.length, kills, retries, connections },
      ...{
        falseStarts: arena.falseStarts(),
        attempts: findings.attempts,
        replayed: findings.replayed,
      },
      ...{ modelCalls: model.requests.length, seconds, faults },
    };
  } finally {
    faults.push(...(await arena.stop()));
    await model.close();
    faults.push(...leftProcesses(arena.root).map((left) => `left behind: ${left}`));
    if (faults.length === 0) arena.remove();
    else faults.push(`logs are in ${arena.root}/logs`);
  }
}
