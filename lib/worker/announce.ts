import { hostname } from 'node:os';
import type { WorkerDeps } from './workerDeps.ts';

/** Three missed announcements and a worker no longer counts as alive. */
const TTL_MS = 16_000;

export async function announce(deps: WorkerDeps, running: number): Promise<void> {
  const { sandbox, models, presence, config, workerId } = deps;
  const { tier, detail, remedy } = sandbox.status();
  await deps.speeds.load();
  const toolchains = await sandbox.toolchains();
  await presence.announce(
    {
      workerId,
      host: hostname(),
      pid: process.pid,
      startedAt: deps.startedAt,
      concurrency: config.workerConcurrency,
      running,
      gpu: await deps.probe.read(),
      models: models.cards(),
      troubles: models.troubles(),
      speeds: deps.speeds.all(),
      sandbox: { tier, detail, remedy },
      toolchains: Object.fromEntries(toolchains.map(({ tool, version }) => [tool, version])),
    },
    TTL_MS,
  );
}
