import { join } from 'node:path';
import { installAwsLambda } from '../../infra/gateway/awslambda.ts';
import { importHandler } from '../../infra/gateway/importHandler.ts';
import type { GatewayLogger } from '../../infra/gateway/route.ts';
import { startGateway } from '../../infra/gateway/server.ts';
import { readService, serviceRoutes } from '../../infra/gateway/service.ts';
import { closeApp } from '../../lib/compose.ts';

const root = join(import.meta.dirname, '../..');

/** Faults of handlers are told on stderr, where a failing test shows them. */
const logger: GatewayLogger = {
  info: () => undefined,
  warn: (message, fields) => process.stderr.write(`gateway: ${message} ${shown(fields)}\n`),
  error: (message, fields) => process.stderr.write(`gateway: ${message} ${shown(fields)}\n`),
};

/**
 * Serves the functions of serverless.yml from their sources, without a build, on `port` (0 = any free one) of 127.0.0.1. `env` goes
 * into process.env until `close`, which also closes the App that the handlers share: one API at a time in a test file.
 */
export async function startApi(
  env: Record<string, string>,
  port = 0,
): Promise<{ url: string; close(): Promise<void> }> {
  const before = Object.keys(env).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, env);
  installAwsLambda();
  const service = await readService(join(root, 'serverless.yml'));
  const routes = serviceRoutes(service, (name) =>
    importHandler(join(root, 'functions', name, 'handler.ts'), 'handler'),
  );
  const gateway = await startGateway({ host: '127.0.0.1', port, routes, logger });
  return {
    url: gateway.url,
    close: async () => {
      await gateway.close();
      await closeApp();
      for (const [name, value] of before) restore(name, value);
    },
  };
}

function restore(name: string, value: string | undefined): void {
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
}

function shown(fields: Record<string, unknown> = {}): string {
  const { error, ...rest } = fields;
  return `${JSON.stringify(rest)} ${error instanceof Error ? error.stack : ''}`;
}
