import type { AppDeps } from '../app/app.ts';
import type { LogFields } from '../telemetry/telemetry.ts';
import type { Call } from './call.ts';

/** One line in the log and two numbers for CloudWatch per request. */
export function measure({ telemetry }: AppDeps, call: Call, status: number): void {
  const ms = Math.round((performance.now() - call.startedAt) * 100) / 100;
  const statusClass = `${Math.floor(status / 100)}xx`;
  telemetry.metrics.put('http_requests', 1, 'Count', { route: call.route, status: statusClass });
  telemetry.metrics.put('http_request_ms', ms, 'Milliseconds', { route: call.route });
  const level = status < 400 ? 'debug' : 'info';
  telemetry.logger[level]('request answered', { ...logFields(call), status, ms });
}

/** What every line about a request says. The span is closed by then, so its trace is named here. */
export function logFields({ request, route, headers }: Call): LogFields {
  const { id: taskId } = request.params;
  const { traceparent } = headers;
  const traceId = traceparent?.split('-')[1];
  return {
    request_id: request.requestId,
    route,
    ...(taskId === undefined ? {} : { task_id: taskId }),
    ...(traceId === undefined ? {} : { trace_id: traceId }),
  };
}

/**
 * On AWS a function is frozen as soon as it has answered, so what was measured has to leave before. Elsewhere the
 * process lives on, and what is held leaves by itself when it is enough.
 */
export async function flushMeasures({ config, telemetry }: AppDeps): Promise<void> {
  if (config.profile !== 'aws') return;
  await Promise.all([telemetry.metrics.flush(), telemetry.tracer.flush()]);
}
