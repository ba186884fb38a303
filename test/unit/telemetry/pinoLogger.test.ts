import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createTracer } from '../../../lib/telemetry/adapters/otelTracer.ts';
import { createLogger } from '../../../lib/telemetry/adapters/pinoLogger.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'logger-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function readLines(path: string): Record<string, unknown>[] {
  return readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

it('a line is one JSON object with level, time, service, message and fields', () => {
  const destination = join(folder, 'logs', 'api.jsonl');
  createLogger({ level: 'info', service: 'api', destination }).info('task claimed', { fence: 3 });
  expect(readLines(destination)).toEqual([
    {
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      service: 'api',
      fence: 3,
      msg: 'task claimed',
    },
  ]);
});

it('lines below the level are not written and fields given by with() are on every line', () => {
  const destination = join(folder, 'api.jsonl');
  const log = createLogger({ level: 'warn', service: 'api', destination }).with({ task_id: 't1' });
  log.info('unseen');
  log.warn('seen');
  log.error('seen too', { password: 'hunter2', err: new Error('token=abcdefabcdefabcdef') });
  const lines = readLines(destination);
  expect(lines.map((line) => [line['msg'], line['task_id']])).toEqual([
    ['seen', 't1'],
    ['seen too', 't1'],
  ]);
  expect(readFileSync(destination, 'utf8')).not.toMatch(/hunter2|abcdefabcdef/);
});

it('a secret never reaches the log by message, field or inherited field', () => {
  const destination = join(folder, 'api.jsonl');
  const log = createLogger({ level: 'debug', service: 'api', destination });
  log
    .with({ authorization: 'Bearer planted-1' })
    .info('Bearer planted-2', { api_key: 'planted-3' });
  log.debug('postgres://agent:planted-4@localhost/agent');
  expect(readFileSync(destination, 'utf8')).not.toContain('planted');
});

it('a line written inside a span carries the trace id of that span', async () => {
  const destination = join(folder, 'api.jsonl');
  const log = createLogger({ level: 'info', service: 'api', destination });
  const tracer = createTracer({ service: 'api', exporter: 'none' });
  const traceId = await tracer.span('work', {}, async (span) => {
    log.info('inside');
    return span.traceId;
  });
  log.info('outside');
  const [inside, outside] = readLines(destination);
  expect(inside?.['trace_id']).toBe(traceId);
  expect(outside).not.toHaveProperty('trace_id');
});
