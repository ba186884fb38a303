import type { Server } from 'node:http';
import * as z from 'zod';
import { installAwsLambda } from '../gateway/awslambda.ts';
import { createGateway, type Gateway } from '../gateway/gateway.ts';
import type { GatewayLogger, GatewayRoute } from '../gateway/route.ts';
import { parseService, serviceRoutes } from '../gateway/service.ts';
import { bundledHandler } from './bundledHandler.ts';
import { pluginLogger } from './pluginLogger.ts';
import type { PluginTools, Serverless } from './serverless.ts';

const CLOSE_GRACE_MS = 3_000;

const Settings = z.object({ corsOrigins: z.array(z.string()).default([]) });

/** What serverless-offline offers to those who need its HTTP server; nothing else of it is used. */
interface ServerlessOffline {
  internals(): { getApiGatewayServer(): { listener: Server } };
}

/** Puts our gateway behind serverless-offline's HTTP listener: it buffers every answer and so cannot stream. */
export default class GatewayPlugin {
  readonly hooks: Record<string, () => void | Promise<void>>;
  readonly #serverless: Serverless;
  readonly #logger: GatewayLogger;
  #gateway: Gateway | undefined;

  constructor(serverless: Serverless, _options: unknown, tools: PluginTools) {
    this.#serverless = serverless;
    this.#logger = pluginLogger('gateway', tools);
    this.hooks = {
      'before:offline:start': refuseShortCommand,
      'before:offline:start:init': () => this.#prepare(),
      'after:offline:start:init': () => this.#takeOver(),
      'before:offline:start:end': () => this.#gateway?.close(CLOSE_GRACE_MS),
    };
  }

  /** Imports every handler before a request comes in: a rebuild beside a running service cannot mix two builds. */
  async #prepare(): Promise<void> {
    const { service, serviceDir } = this.#serverless;
    Object.assign(process.env, service.provider.environment);
    installAwsLambda();
    const routes = serviceRoutes(parseService(service), (_name, handler) =>
      bundledHandler(serviceDir, handler),
    );
    const { corsOrigins } = Settings.parse(service.custom?.gateway ?? {});
    const loaded = await Promise.all(routes.map(preload));
    this.#gateway = createGateway({ routes: loaded, logger: this.#logger, corsOrigins });
  }

  #takeOver(): void {
    const gateway = this.#gateway;
    if (gateway === undefined) throw new Error('the gateway was not prepared');
    const { listener } = this.#offline().internals().getApiGatewayServer();
    listener.removeAllListeners('request');
    listener.on('request', gateway.handle);
    // Longer than clients keep an idle connection, so that they never write into one that is closing.
    listener.keepAliveTimeout = 65_000;
    this.#tellAddress(listener);
  }

  #offline(): ServerlessOffline {
    const found = this.#serverless.pluginManager.plugins.find(
      (plugin) => plugin.constructor.name === 'ServerlessOffline',
    );
    if (found === undefined) throw new Error('serverless-offline is not among the plugins');
    return found as ServerlessOffline;
  }

  /** To the log, and to a parent process that listens. */
  #tellAddress(listener: Server): void {
    const address = listener.address();
    if (address === null || typeof address === 'string') return;
    const url = `http://${address.address}:${address.port}`;
    this.#logger.info(`listening on ${url}`);
    process.send?.({ kind: 'gateway_listening', url });
  }
}

/** `serverless offline` has no moment between its start and its end in which a plugin could do anything. */
function refuseShortCommand(): never {
  throw new Error('run "serverless offline start --stage local" instead of "serverless offline"');
}

async function preload(route: GatewayRoute): Promise<GatewayRoute> {
  const handler = await route.load();
  return { ...route, load: async () => handler };
}
