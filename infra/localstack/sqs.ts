import type { IncomingMessage, ServerResponse } from 'node:http';
import { buildApp } from 'fauxqs';
import * as z from 'zod';
import { isGone } from './exchange.ts';

const JSON_PROTOCOL = 'application/x-amz-json-1.0';

/** fauxqs, in memory, behind a listener of ours: its own would listen on every address of the machine. */
export async function createSqs() {
  const app = buildApp({ logger: false });
  await app.ready();

  async function call(target: string, body: string | Buffer, host = '127.0.0.1') {
    const headers = { 'content-type': JSON_PROTOCOL, 'x-amz-target': target, host };
    return await app.inject({ method: 'POST', url: '/', headers, payload: body });
  }

  /** Without this a worker that dies in a long poll would swallow the next messages until they are visible again. */
  async function giveBack(asked: Buffer, answered: string): Promise<void> {
    const { QueueUrl } = Asked.parse(JSON.parse(asked.toString('utf8')));
    const Entries = Received.parse(JSON.parse(answered)).Messages.map((message, index) => ({
      Id: String(index),
      ReceiptHandle: message.ReceiptHandle,
      VisibilityTimeout: 0,
    }));
    if (Entries.length === 0) return;
    const body = JSON.stringify({ QueueUrl, Entries });
    await call('AmazonSQS.ChangeMessageVisibilityBatch', body);
  }

  return {
    async answer(request: IncomingMessage, body: Buffer, response: ServerResponse): Promise<void> {
      const target = String(request.headers['x-amz-target']);
      const answered = await call(target, body, request.headers.host);
      if (!isGone(request)) {
        response.writeHead(answered.statusCode, answered.headers);
        response.end(answered.rawPayload);
      } else if (target === 'AmazonSQS.ReceiveMessage' && answered.statusCode === 200) {
        await giveBack(body, answered.payload);
      }
    },
    close: async () => await app.close(),
  };
}

const Asked = z.object({ QueueUrl: z.string() });
const Received = z.object({
  Messages: z.array(z.object({ ReceiptHandle: z.string() })).default([]),
});
