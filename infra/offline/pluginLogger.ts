import type { GatewayLogger } from '../gateway/route.ts';
import type { PluginTools } from './serverless.ts';

/** One line of text for every entry, with the stack of an error below it. */
export function pluginLogger(name: string, { log }: PluginTools): GatewayLogger {
  const line = (message: string, fields?: Record<string, unknown>) =>
    `${name}: ${message}${shown(fields)}`;
  return {
    info: (message, fields) => log.notice(line(message, fields)),
    warn: (message, fields) => log.warning(line(message, fields)),
    error: (message, fields) => log.error(line(message, fields)),
  };
}

function shown(fields: Record<string, unknown> = {}): string {
  const { error, ...rest } = fields;
  const facts = Object.keys(rest).length === 0 ? '' : ` ${JSON.stringify(rest)}`;
  return error === undefined ? facts : `${facts}\n${error instanceof Error ? error.stack : error}`;
}
