import type { IncomingMessage } from 'node:http';

/** SQS and DynamoDB requests end at 1 MiB and 16 MiB. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;

/** Rejects when the client leaves before the end, or sends more than any AWS request may hold. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw new Error(`the body is larger than ${MAX_BODY_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Whether nobody is left to read the answer. */
export function isGone(request: IncomingMessage): boolean {
  return request.socket.destroyed || !request.socket.writable;
}
