import { createWorker } from '../../lib/composeWorker.ts';
import { processConfig } from '../../lib/config/processConfig.ts';

/** The long-running container function: takes tasks until it is told to stop. */
const config = processConfig();
const worker = await createWorker(config);

let stopping: Promise<void> | undefined;
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    // A second signal means "now": nothing is waited for, running tasks are handed back.
    const graceMs = stopping === undefined ? config.drainMs : 0;
    stopping = worker.stop(graceMs).then(() => process.exit(0));
  });
}
