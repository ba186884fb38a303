import type { HealthAnswer } from '../../../lib/task/answers.ts';
import type { ServerTrouble } from '../../../lib/task/serverTrouble.ts';
import { count } from '../render/text.ts';
import { type Check, fail, ok, warn } from './check.ts';

/** What the service says of itself, or, as a text, why it does not answer. */
export function serviceChecks(url: string, health: HealthAnswer | string): Check[] {
  if (typeof health === 'string') return [warn('service', health, 'npm start')];
  const { database, queue, workers, models } = health;
  const dead = queue.dead ?? 0;
  return [
    health.status === 'unavailable'
      ? fail('service', `${url} answers: unavailable`, 'see the failing lines below')
      : ok('service', `${url} answers: ${health.status}`),
    partCheck('database', database, 'restart the service: npm start'),
    partCheck('queue', queue, 'restart the service: npm start'),
    ...(dead === 0
      ? []
      : [
          warn(
            'queue',
            `${count(dead, 'message')} in the dead-letter queue`,
            'the tasks are rung again by themselves; the reasons are in AGENT_HOME/logs',
          ),
        ]),
    workers.alive > 0
      ? ok('workers', `${workers.alive} alive, ${workers.running} of ${workers.slots} slots busy`)
      : fail('workers', 'none is alive: tasks wait in the queue', 'restart the service: npm start'),
    runtimesCheck(models),
    ...troubleChecks(models.troubles),
  ];
}

export function keyCheck(status: number, source: string): Check {
  if (status !== 401 && status !== 403) return ok('key', `accepted (${source})`);
  return fail(
    'key',
    `refused (${source})`,
    'export AGENTCTL_API_KEY=...   (the key that the service was started with)',
  );
}

export function portCheck(wanted: { variable: string; port: number }, free: boolean): Check {
  const { variable, port } = wanted;
  if (free) return ok('port', `${port} is free (${variable})`);
  return fail(
    'port',
    `${port} is taken by another program (${variable})`,
    `stop that program, or: ${variable}=0 npm start`,
  );
}

function partCheck(
  area: string,
  part: { ok: boolean; detail?: string | undefined },
  fix: string,
): Check {
  return part.ok ? ok(area, part.detail ?? 'answers') : fail(area, part.detail ?? 'is away', fix);
}

/** Others may answer: tasks then go to those. */
export function troubleChecks(troubles: readonly ServerTrouble[]): Check[] {
  return troubles.map(({ server, problem }) =>
    warn('servers', `${server} is not used: ${problem}`, 'start it, or correct MODEL_SERVERS'),
  );
}

function runtimesCheck({ runtimes }: HealthAnswer['models']): Check {
  const known = runtimes.map(({ provider, server, models }) =>
    [server ?? provider, count(models.length, 'model')].join(': '),
  );
  return ok('runtimes', known.length === 0 ? 'none is known to the workers' : known.join(', '));
}
