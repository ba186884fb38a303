import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { readTemplate } from '../../support/cloudFormation.ts';

const root = join(import.meta.dirname, '../../..');
/** One per stage. */
const NAMESPACE = `MultiAgentCode${'$'}{param:suffix}`;

/** `name {dimensions}` of every number that the code writes for CloudWatch; every one has the dimension Service. */
function emitted(): Set<string> {
  const puts = globSync('{lib,functions}/**/*.ts', { cwd: root }).flatMap((file) => [
    ...readFileSync(join(root, file), 'utf8').matchAll(
      /metrics\.put\(\s*'(\w+)',[^;]*?'(?:Count|Milliseconds|Bytes)'(?:,\s*\{([^}]*)\})?/g,
    ),
  ]);
  return new Set(
    puts.map(([, name = '', fields = '']) => {
      const dimensions = fields.split(',').map((field) => field.split(':')[0]?.trim() ?? '');
      return named(name, dimensions.filter(Boolean));
    }),
  );
}

function named(metric: string, dimensions: string[], namespace = NAMESPACE): string {
  return `${namespace} ${metric} {${['Service', ...dimensions].sort().join(',')}}`;
}

const Dashboard = z.object({ DashboardBody: z.object({ 'Fn::Sub': z.string() }) });
const Widgets = z.object({
  widgets: z.array(
    z.object({
      type: z.enum(['alarm', 'metric']),
      properties: z.object({
        title: z.string(),
        metrics: z.array(z.array(z.unknown())).default([]),
      }),
    }),
  ),
});
const Expression = z.object({ expression: z.string() });

function dashboard() {
  const { Dashboard: resource } = readTemplate('infra/aws/dashboard.yml').Resources;
  const body = Dashboard.parse(resource?.Properties).DashboardBody['Fn::Sub'];
  return { body, ...Widgets.parse(JSON.parse(body)) };
}

/** `[namespace, metric, dimension, value ...]`, or a search over all values of its dimensions. */
function shownBy(metric: unknown[]): string {
  const search = Expression.safeParse(metric[0]);
  if (!search.success) {
    const [namespace, name, ...rest] = z.array(z.string()).parse(metric.filter(isText));
    const dimensions = rest.filter((_, at) => at % 2 === 0).filter((key) => key !== 'Service');
    return named(name ?? '', dimensions, namespace);
  }
  const { expression } = search.data;
  const [, schema = '', name = ''] =
    /SEARCH\('\{([^']+)\} MetricName="(\w+)"'/.exec(expression) ?? [];
  const [namespace, ...dimensions] = schema.split(',');
  const others = dimensions.filter((key) => key !== 'Service');
  return named(name, others, namespace);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

test('the dashboard shows every number that is emitted, and no other', () => {
  const shown = dashboard().widgets.flatMap(({ properties }) => properties.metrics.map(shownBy));
  expect(new Set(shown)).toEqual(emitted());
});

test('the dashboard lists every alarm', () => {
  const { Resources } = readTemplate('infra/aws/alarms.yml');
  const { body } = dashboard();
  expect(Object.keys(Resources)).toHaveLength(5);
  for (const id of Object.keys(Resources)) expect(body).toContain(`$\{${id}.Arn}`);
});

const Alarm = z.object({
  Namespace: z.union([z.string(), z.object({ 'Fn::Sub': z.string() })]),
  MetricName: z.string(),
  Dimensions: z.array(z.object({ Name: z.string(), Value: z.unknown() })),
});

test.each(['infra/aws/alarms.yml', 'infra/aws/worker.yml'])(
  'the alarms of %s on numbers of ours look at ones that exist',
  (file) => {
    const alarms = Object.values(readTemplate(file).Resources)
      .filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm')
      .map(({ Properties }) => Alarm.parse(Properties))
      .filter(({ Namespace }) => JSON.stringify(Namespace).includes('MultiAgentCode'));
    expect(alarms.length).toBeGreaterThan(1);
    for (const { MetricName, Dimensions } of alarms) {
      const others = Dimensions.filter(({ Name }) => Name !== 'Service').map(({ Name }) => Name);
      expect(emitted()).toContain(named(MetricName, others));
    }
  },
);
