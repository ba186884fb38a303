import { appendFile, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
// Not from the package's index: it starts to look for an EC2 metadata server over the network when it is imported.
import { MetricsContext } from 'aws-embedded-metrics/lib/logger/MetricsContext.js';
import { LogSerializer } from 'aws-embedded-metrics/lib/serializers/LogSerializer.js';
import { canonicalJson } from '../../kernel/canonicalJson.ts';
import type { Logger, Metrics, Unit } from '../telemetry.ts';

export interface MetricsOptions {
  /** False: nothing is kept and nothing is written. */
  enabled: boolean;
  /** CloudWatch namespace, for example `MultiAgentCode`. */
  namespace: string;
  /** Becomes the dimension `Service` of every metric. */
  service: string;
  /** Absolute path of a file that is appended to; absent: stdout, where Lambda's log agent reads it. */
  destination?: string | undefined;
  /** How long a value waits for a flush, in milliseconds; 5,000 when absent. */
  heldMs?: number | undefined;
  /** Told when a flush could not be written; its values are lost, the work goes on. */
  logger?: Logger | undefined;
}

/** Values held before they are written without being asked, so that a burst costs no memory. */
const HELD_MAX = 1_000;
/** A process that lives long flushes by itself; one that is frozen between requests is flushed by its caller. */
const HELD_MS = 5_000;

/** CloudWatch's embedded metric format: one JSON line per set of dimensions and flush. */
export function createMetrics(options: MetricsOptions): Metrics {
  if (!options.enabled) return { put: () => undefined, flush: async () => undefined };
  const serializer = new LogSerializer();
  let contexts = new Map<string, MetricsContext>();
  let held = 0;
  let writing: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;

  const write = async (lines: string[]): Promise<void> => {
    try {
      await writeLines(options.destination, lines);
    } catch (error) {
      options.logger?.warn('metrics could not be written; they are lost', { err: error });
    }
  };

  const flush = (): Promise<void> => {
    const full = [...contexts.values()];
    contexts = new Map();
    held = 0;
    clearTimeout(timer);
    timer = undefined;
    const lines = full.flatMap((context) => serializer.serialize(context));
    if (lines.length > 0) writing = writing.then(() => write(lines));
    return writing;
  };

  return {
    put: (name, value, unit: Unit, dimensions = {}) => {
      const key = canonicalJson(dimensions);
      const context = contexts.get(key) ?? openContext(options, dimensions);
      contexts.set(key, context);
      context.putMetric(name, value, unit);
      held += 1;
      timer ??= setTimeout(() => void flush(), options.heldMs ?? HELD_MS).unref();
      if (held >= HELD_MAX) void flush();
    },
    flush,
  };
}

function openContext(options: MetricsOptions, dimensions: Record<string, string>): MetricsContext {
  const context = MetricsContext.empty();
  context.setNamespace(options.namespace);
  context.setDimensions([{ Service: options.service, ...dimensions }]);
  return context;
}

async function writeLines(path: string | undefined, lines: string[]): Promise<void> {
  const text = `${lines.join('\n')}\n`;
  if (path === undefined) {
    process.stdout.write(text);
    return;
  }
  await mkdir(dirname(path), { recursive: true });
  await appendFile(path, text);
}
