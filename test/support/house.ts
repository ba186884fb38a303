import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Client } from '../../lib/client/client.ts';
import { createClient } from '../../lib/client/createClient.ts';
import { isTerminal } from '../../lib/task/state.ts';
import type { TaskView } from '../../lib/task/view.ts';
import { openSeparateHome } from '../../scripts/start/separateSystem.ts';
import { startApi } from './api.ts';
import { createTestDatabase } from './testDatabase.ts';
import { createTestResources } from './testEdge.ts';

export interface WorkerProcess {
  readonly child: ChildProcess;
  /** Everything it wrote to its standard output and error. */
  output(): string;
  /** Resolves when the process is gone. */
  kill(signal: NodeJS.Signals): Promise<void>;
}

/** The whole service but for the emulator: a real API, a real worker process, a database and queues of its own. */
export interface House {
  url: string;
  client: Client;
  workspace: string;
  /** AGENT_HOME of the workers. */
  home: string;
  databaseUrl: string;
  /** What its workers are started with. */
  workerEnvironment: Readonly<Record<string, string>>;
  startWorker(env?: Record<string, string>): WorkerProcess;
  /** Writes files below the workspace root. */
  seed(files: Record<string, string>): void;
  /** Polls until the task has ended; rejects when it has not within `withinMs`. */
  ended(taskId: string, withinMs?: number): Promise<TaskView>;
  close(): Promise<void>;
}

export async function openHouse(env: Record<string, string> = {}): Promise<House> {
  const database = await createTestDatabase();
  const resources = await createTestResources();
  const root = mkdtempSync(join(tmpdir(), 'agent-house-'));
  const workspace = join(root, 'workspace');
  mkdirSync(workspace);
  openSeparateHome(join(root, 'home'));
  const environment: Record<string, string> = {
    API_KEY: 'test-key',
    READ_ACCESS: 'open',
    AGENT_HOME: join(root, 'home'),
    WORKSPACE_ROOT: workspace,
    DATABASE_URL: database.url,
    AWS_ENDPOINT_URL: resources.endpoint,
    AWS_REGION: resources.region,
    QUEUE_NAME: resources.queueName,
    DEAD_LETTER_QUEUE_NAME: resources.deadLetterQueueName,
    PRESENCE_TABLE: resources.tableName,
    LEASE_MS: '1500',
    // None: empty would mean those that a developer's machine happens to run.
    MODEL_SERVERS: ',',
    OTEL_TRACES_EXPORTER: 'none',
    ...env,
  };
  const api = await startApi(environment);
  const workers: WorkerProcess[] = [];
  const client = createClient({ url: api.url, apiKey: 'test-key' });
  return {
    url: api.url,
    client,
    workspace,
    home: join(root, 'home'),
    databaseUrl: database.url,
    workerEnvironment: environment,
    startWorker: (extra = {}) => {
      const worker = startWorkerProcess({ ...environment, ...extra });
      workers.push(worker);
      return worker;
    },
    seed: (files) => seed(workspace, files),
    ended: (taskId, withinMs = 60_000) => whenEnded(client, taskId, withinMs),
    close: async () => {
      for (const worker of workers) await worker.kill('SIGTERM');
      await api.close();
      await resources.drop();
      await database.drop();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

function startWorkerProcess(environment: Record<string, string>): WorkerProcess {
  const child = spawn(process.execPath, ['functions/worker/main.ts'], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => {
      output += text;
    });
  }
  const exited = once(child, 'exit');
  return {
    child,
    output: () => output,
    kill: async (signal) => {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      await exited;
      // As the supervisor of `npm start` does: a bubblewrap that was just starting has not asked to die with us yet.
      endGroup(child.pid);
    },
  };
}

function endGroup(leader: number | undefined): void {
  if (leader === undefined) return;
  try {
    process.kill(-leader, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

function seed(workspace: string, files: Record<string, string>): void {
  for (const [path, content] of Object.entries(files)) {
    const file = join(workspace, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
}

async function whenEnded(client: Client, taskId: string, withinMs: number): Promise<TaskView> {
  const signal = AbortSignal.timeout(withinMs);
  for await (const _ of client.followTask(taskId, { signal })) {
    if (signal.aborted) break;
  }
  const task = await client.getTask(taskId);
  if (!isTerminal(task.status)) {
    throw new Error(`task ${taskId} is ${task.status} after ${withinMs} ms`);
  }
  return task;
}
