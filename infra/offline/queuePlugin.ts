import type { SQSClient } from '@aws-sdk/client-sqs';
import type { GatewayLogger } from '../gateway/route.ts';
import { bundledHandler } from './bundledHandler.ts';
import { pluginLogger } from './pluginLogger.ts';
import type { QueueHandler, QueuePoller, QueueTrigger } from './queuePoller.ts';
import { type DeclaredTrigger, declaredTriggers } from './queueTriggers.ts';
import type { PluginTools, Serverless } from './serverless.ts';

/**
 * Calls SQS-triggered functions under serverless-offline, which knows no such event. What it needs is imported when it
 * starts: every command of serverless constructs its plugins.
 */
export default class QueuePlugin {
  readonly hooks: Record<string, () => void | Promise<void>>;
  readonly #serverless: Serverless;
  readonly #logger: GatewayLogger;
  #client: SQSClient | undefined;
  #pollers: QueuePoller[] = [];

  constructor(serverless: Serverless, _options: unknown, tools: PluginTools) {
    this.#serverless = serverless;
    this.#logger = pluginLogger('queue', tools);
    this.hooks = {
      'after:offline:start:init': () => this.#start(),
      'before:offline:start:end': () => this.#stop(),
    };
  }

  async #start(): Promise<void> {
    const declared = declaredTriggers(this.#serverless.service);
    if (declared.length === 0) return;
    const { startQueuePoller } = await import('./queuePoller.ts');
    const client = await connect(this.#serverless.service.provider.region);
    this.#client = client;
    const triggers = await Promise.all(declared.map((trigger) => this.#load(trigger)));
    this.#pollers = triggers.map((trigger) => startQueuePoller(client, trigger, this.#logger));
    for (const { queueName, functionName } of triggers) {
      this.#logger.info(`${queueName} calls ${functionName}`);
    }
  }

  async #load({ handler, ...trigger }: DeclaredTrigger): Promise<QueueTrigger> {
    const { serviceDir } = this.#serverless;
    return { ...trigger, handler: await bundledHandler<QueueHandler>(serviceDir, handler) };
  }

  async #stop(): Promise<void> {
    await Promise.all(this.#pollers.map((poller) => poller.stop()));
    this.#client?.destroy();
  }
}

/** Without an emulator there is no queue to poll: a developer's own AWS account must not be touched by accident. */
async function connect(region: string): Promise<SQSClient> {
  const { AWS_ENDPOINT_URL_SQS, AWS_ENDPOINT_URL } = process.env;
  const endpoint = AWS_ENDPOINT_URL_SQS ?? AWS_ENDPOINT_URL;
  if (endpoint === undefined) {
    throw new Error('AWS_ENDPOINT_URL is not set: name the SQS emulator, or use npm start');
  }
  const { AWS_ACCESS_KEY_ID = 'test', AWS_SECRET_ACCESS_KEY = 'test' } = process.env;
  const credentials = { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY };
  const { SQSClient } = await import('@aws-sdk/client-sqs');
  return new SQSClient({ endpoint, region, credentials, useQueueUrlAsEndpoint: false });
}
