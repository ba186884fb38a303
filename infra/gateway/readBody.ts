import type { IncomingMessage } from 'node:http';

export type Body = { kind: 'read'; bytes: Buffer } | { kind: 'too_large' } | { kind: 'gone' };

const NOTHING: Body = { kind: 'read', bytes: Buffer.alloc(0) };

/** Reads the whole body, or stops keeping it as soon as it is known to pass the limit; the rest keeps coming in. */
export function readBody(request: IncomingMessage, limitBytes: number): Promise<Body> {
  const { headers } = request;
  const announced = headers['content-length'];
  if (announced === undefined && headers['transfer-encoding'] === undefined) {
    return Promise.resolve(NOTHING);
  }
  if (Number(announced ?? 0) > limitBytes) return Promise.resolve({ kind: 'too_large' });
  return collect(request, limitBytes);
}

function collect(request: IncomingMessage, limitBytes: number): Promise<Body> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > limitBytes) resolve({ kind: 'too_large' });
      else chunks.push(chunk);
    });
    request.once('end', () => resolve({ kind: 'read', bytes: Buffer.concat(chunks) }));
    request.once('error', () => resolve({ kind: 'gone' }));
    request.once('close', () => resolve({ kind: 'gone' }));
  });
}
