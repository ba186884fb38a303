import { dirname, join } from 'node:path';
import { connectPostgres } from '../../lib/db/adapters/pg.ts';
import { watchTasks } from '../../lib/events/adapters/postgres.ts';
import { createFixedProbe } from '../../lib/gpu/adapters/fixed.ts';
import type { TaskId } from '../../lib/kernel/ids.ts';
import type { GenerateRequest, Generation, ModelProvider } from '../../lib/llm/llm.ts';
import { createSandbox } from '../../lib/sandbox/adapters/bubblewrap.ts';
import { createGitSource } from '../../lib/source/adapters/git.ts';
import type { TaskEvent } from '../../lib/task/event.ts';
import { Speeds } from '../../lib/worker/speeds.ts';
import { startWorker, type Worker } from '../../lib/worker/worker.ts';
import type { WorkerDeps } from '../../lib/worker/workerDeps.ts';
import { openSeparateHome } from '../../scripts/start/separateSystem.ts';
import { modelCard } from './modelCard.ts';
import { openService, type Service } from './openService.ts';
import { addTask, writeAddRepository } from './pythonTask.ts';
import { FROM_THE_START } from './testStore.ts';

export type Generate = (request: GenerateRequest) => Promise<Generation>;

/** A worker in this process, with the real store, queue, sandbox and journal; what its model does is up to the test. */
export interface WorkerBench {
  service: Service;
  deps: WorkerDeps;
  start(changes?: Partial<WorkerDeps>): Promise<Worker>;
  /** A task that wants `add` implemented. */
  submit(changes?: object): Promise<TaskId>;
  events(taskId: TaskId): Promise<TaskEvent[]>;
  /** Makes the task's lease go to another worker, which gives the task back at once. */
  steal(taskId: TaskId): Promise<void>;
  close(): Promise<void>;
}

export async function openWorkerBench(generate: Generate): Promise<WorkerBench> {
  const service = await openService({ LEASE_MS: '6000' });
  const { config, telemetry, store } = service.deps;
  const { agentHome, workspaceRoot } = config;
  openSeparateHome(agentHome);
  writeAddRepository(workspaceRoot);
  const database = connectPostgres(config.databaseUrl);
  const { presence, clock } = service.deps;
  const deps: WorkerDeps = {
    ...service.deps,
    workerId: 'bench-worker',
    startedAt: clock.now(),
    sandbox: await createSandbox({
      ...{ agentHome, mode: 'auto', toolsAllowed: [], logger: telemetry.logger },
    }),
    source: createGitSource(config),
    models: modelsOf({ name: 'bench', llm: true, goalAddressed: true, generate }),
    probe: createFixedProbe({ kind: 'none', why: 'a test', ramFreeMiB: 1_000 }),
    speeds: new Speeds({ presence, host: 'bench', clock, onError: () => undefined }),
    applyStateDir: join(dirname(agentHome), 'applies'),
    watchTasks: (onTask) => watchTasks(database, onTask),
  };
  return {
    service,
    deps,
    start: (changes = {}) => startWorker({ ...deps, ...changes }),
    submit: async (changes = {}) => {
      const body = { ...addTask(workspaceRoot), ...changes };
      return (await service.client.submitTask(body)).task_id as TaskId;
    },
    events: (taskId) => store.eventsAfter(taskId, FROM_THE_START, 10_000),
    steal: async (taskId) => {
      const terms = { owner: 'thief', leaseMs: 60_000, maxAttempts: 100 };
      // A heartbeat may come in between.
      for (;;) {
        await database.query(
          `update tasks set lease_until = now() - interval '1 second' where id = $1`,
          [taskId],
        );
        const claim = await store.claimTask({ ...terms, taskId });
        if (claim !== undefined) return void (await store.handBack(claim));
      }
    },
    close: async () => {
      await database.close();
      await service.close();
    },
  };
}

function modelsOf(provider: ModelProvider): WorkerDeps['models'] {
  const card = modelCard();
  return {
    cards: () => [card],
    troubles: () => [],
    candidatesFor: () => [card],
    has: (id) => id === card.id,
    providerFor: () => provider,
    refresh: async () => undefined,
  };
}
