import { join } from 'node:path';
import { createWorker } from '../../lib/composeWorker.ts';
import { processConfig } from '../../lib/config/processConfig.ts';
import { startPulse } from '../../lib/worker/pulse.ts';

/** The long-running container function: takes tasks until it is told to stop. */
const config = processConfig();
let stop = async (_graceMs: number): Promise<void> => undefined;
let stopping: Promise<void> | undefined;

// Before anything is started: a signal that comes while the worker starts ends it too.
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    // A second signal means "now": nothing is waited for, running tasks are handed back.
    const graceMs = stopping === undefined ? config.drainMs : 0;
    stopping = stop(graceMs).then(() => process.exit(0));
  });
}

const worker = await createWorker(config);
stop = (graceMs) => worker.stop(graceMs);
startPulse(join(config.agentHome, 'pulse'));
