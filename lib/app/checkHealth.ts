import type { WorkerRecord } from '../presence/presence.ts';
import type { HealthAnswer } from '../task/answers.ts';
import type { AppDeps } from './app.ts';
import { serverTroubles } from './serverTroubles.ts';
import { within } from './within.ts';

const PATIENCE_MS = 2_000;

/** Whether tasks can be accepted (else `unavailable`) and worked on (else `degraded`). Never rejects. */
export async function checkHealth(deps: AppDeps): Promise<HealthAnswer> {
  const [database, queue, workers] = await Promise.all([
    checked(deps.store.countQueued()),
    checked(deps.doorbell.depth()),
    checked(deps.presence.liveWorkers()),
  ]);
  const records = workers.value ?? [];
  const report = {
    database: partOf(database),
    queue: { ...partOf(queue), ...depthOf(queue.value) },
    workers: workersOf(records, workers.detail),
    sandbox: sandboxOf(records),
    models: modelsOf(records),
  };
  return { status: overall(report), ...report };
}

function overall(report: Omit<HealthAnswer, 'status'>): HealthAnswer['status'] {
  if (!report.database.ok || !report.queue.ok) return 'unavailable';
  return report.workers.ok && report.sandbox.ok && report.models.ok ? 'ok' : 'degraded';
}

interface Checked<T> {
  value?: T;
  detail?: string;
}

async function checked<T>(asked: Promise<T>): Promise<Checked<T>> {
  try {
    return { value: await within(asked, PATIENCE_MS) };
  } catch (error) {
    return { detail: error instanceof Error ? error.message : String(error) };
  }
}

function partOf({ detail }: Checked<unknown>) {
  return detail === undefined ? { ok: true } : { ok: false, detail };
}

function depthOf(depth: Awaited<ReturnType<AppDeps['doorbell']['depth']>> | undefined) {
  if (depth === undefined) return {};
  const { work, dead } = depth;
  return { visible: work.visible, in_flight: work.inFlight, dead: dead.visible + dead.inFlight };
}

function workersOf(records: WorkerRecord[], trouble: string | undefined): HealthAnswer['workers'] {
  const detail = records.length === 0 ? (trouble ?? 'no worker is alive; tasks wait') : undefined;
  return {
    ok: records.length > 0,
    ...(detail === undefined ? {} : { detail }),
    alive: records.length,
    slots: sum(records.map(({ concurrency }) => concurrency)),
    running: sum(records.map(({ running }) => running)),
  };
}

const TIERS = ['none', 'namespaces', 'bubblewrap'] as const;

/** The weakest of all workers: a task may be taken by any of them. */
function sandboxOf(records: WorkerRecord[]): HealthAnswer['sandbox'] {
  const byStrength = records
    .map(({ sandbox }) => sandbox)
    .sort((a, b) => TIERS.indexOf(a.tier) - TIERS.indexOf(b.tier));
  const weakest = byStrength[0];
  if (weakest === undefined) return { ok: false, tier: 'unknown' };
  const { tier, detail, remedy } = weakest;
  return {
    ok: tier !== 'none',
    tier,
    detail: remedy === undefined ? detail : `${detail}; ${remedy}`,
  };
}

function modelsOf(records: WorkerRecord[]): HealthAnswer['models'] {
  const runtimes = new Map<string, HealthAnswer['models']['runtimes'][number]>();
  for (const { id, provider, server = null } of records.flatMap(({ models }) => models)) {
    const key = JSON.stringify([provider, server]);
    const runtime = runtimes.get(key) ?? { provider, server, models: [] };
    if (!runtime.models.includes(id)) runtime.models.push(id);
    runtimes.set(key, runtime);
  }
  const troubles = serverTroubles(records);
  return { ok: runtimes.size > 0, runtimes: [...runtimes.values()], troubles };
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
