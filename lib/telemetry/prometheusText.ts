import { Counter, Gauge, Registry } from 'prom-client';

export type Labels = Record<string, string>;

/** One metric with its samples. A counter's values are totals since the beginning, not increments. */
export interface MetricFamily {
  name: string;
  help: string;
  type: 'counter' | 'gauge';
  labels: readonly string[];
  samples: readonly { labels?: Labels; value: number }[];
}

/** What goes with the text as its Content-Type. */
export const PROMETHEUS_CONTENT_TYPE = Registry.PROMETHEUS_CONTENT_TYPE;

/** Prometheus text exposition format 0.0.4. */
export function prometheusText(families: readonly MetricFamily[]): Promise<string> {
  const registry = new Registry();
  for (const family of families.filter(isKnown)) fill(registry, family);
  return registry.metrics();
}

/** prom-client shows 0 for a metric without labels and samples; a number that is not known is no zero. */
function isKnown({ labels, samples }: MetricFamily): boolean {
  return labels.length > 0 || samples.length > 0;
}

function fill(registry: Registry, { type, samples, ...family }: MetricFamily): void {
  const options = {
    name: family.name,
    help: family.help,
    labelNames: [...family.labels],
    registers: [registry],
  };
  const metric = type === 'counter' ? new Counter(options) : new Gauge(options);
  for (const { labels = {}, value } of samples) metric.inc(labels, value);
}
