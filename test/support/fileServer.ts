import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

export interface FileServerOptions {
  content: Buffer;
  /** For each request in order: the connection is cut after that many bytes of the body. */
  cutAfter?: number[];
  /** For each request in order: statuses instead of the file; 0 is the file. */
  statuses?: number[];
  /** No sizes and no ranges: the file comes whole, in chunks. */
  plain?: boolean;
  /** The size that is told instead of the true one. */
  claimedBytes?: number;
  /** For each request in order: nothing follows those bytes, and the connection stays. */
  stallAfter?: number[];
}

export interface FileServer {
  url: string;
  /** The Range header of each request, `whole` without one. */
  ranges: string[];
  /** Puts another file in the place of the first. */
  replace(content: Buffer): void;
  close(): Promise<void>;
}

/** One file under any path, with ranges and an ETag, as a mirror serves it; and with every fault of a bad connection. */
export async function startFileServer(options: FileServerOptions): Promise<FileServer> {
  let { content } = options;
  const ranges: string[] = [];
  const server = createServer((request, response) => {
    const at = ranges.length;
    ranges.push(request.headers.range ?? 'whole');
    const status = options.statuses?.[at] ?? 0;
    if (status !== 0) {
      response.writeHead(status, status === 503 ? { 'retry-after': '0' } : {}).end('no');
      return;
    }
    const body = head(request, response, content, options);
    const cutAt = options.cutAfter?.[at];
    const stallAt = options.stallAfter?.[at];
    if (cutAt !== undefined) response.write(body.subarray(0, cutAt), () => response.destroy());
    else if (stallAt !== undefined) response.write(body.subarray(0, stallAt));
    else response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return {
    url: `http://127.0.0.1:${port}/tiny.gguf`,
    ranges,
    replace: (other) => {
      content = other;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Writes the headers and returns the bytes that follow. */
function head(
  { headers }: IncomingMessage,
  response: ServerResponse,
  content: Buffer,
  { plain, claimedBytes = content.length }: FileServerOptions,
): Buffer {
  if (plain === true) {
    response.writeHead(200);
    return content;
  }
  const etag = `"${createHash('sha256').update(content).digest('hex').slice(0, 16)}"`;
  const from = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0);
  const same = (headers['if-range'] ?? etag) === etag;
  if (from === 0 || !same) {
    response.writeHead(200, { 'content-length': claimedBytes, etag });
    return content;
  }
  if (from >= content.length) {
    response.writeHead(416, { 'content-range': `bytes */${content.length}` });
    return Buffer.alloc(0);
  }
  response.writeHead(206, {
    'content-length': content.length - from,
    'content-range': `bytes ${from}-${content.length - 1}/${content.length}`,
    etag,
  });
  return content.subarray(from);
}
