import { Writable } from 'node:stream';
import { PreludeReader } from './preludeReader.ts';
import type { ResponseHead } from './proxyResult.ts';

/** Where a streamed answer goes. */
export interface StreamSink {
  head(head: ResponseHead): void;
  /** Calls back when there is room for more. */
  body(chunk: Buffer, done: (error?: Error) => void): void;
  end(): void;
}

type WriteDone = (error?: Error | null) => void;

/** Says that the stream begins with a prelude: https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html */
export const PRELUDE_TYPE = 'application/vnd.awslambda.http-integration-response';

/**
 * What Lambda's Node runtime hands a streaming handler: a Writable with `setContentType` and the hook that
 * `HttpResponseStream.from` sets. Errors of the prelude and of the sink destroy it.
 */
export class ResponseStream extends Writable {
  _onBeforeFirstWrite: ((write: (chunk: string | Uint8Array) => void) => void) | undefined;
  readonly #sink: StreamSink;
  #contentType = 'application/octet-stream';
  #prelude: PreludeReader | undefined;
  #begun = false;
  #headSent = false;

  constructor(sink: StreamSink) {
    super({ highWaterMark: 16_384 });
    this.#sink = sink;
  }

  setContentType(contentType: string): void {
    if (this.#begun) throw new Error('the content type was set after the first write');
    this.#contentType = contentType;
    this.#prelude = contentType === PRELUDE_TYPE ? new PreludeReader() : undefined;
  }

  override write(chunk: unknown, encodingOrDone?: BufferEncoding | WriteDone, done?: WriteDone) {
    this.#begin();
    const bytes = toBytes(chunk, typeof encodingOrDone === 'string' ? encodingOrDone : 'utf8');
    return super.write(bytes, typeof encodingOrDone === 'function' ? encodingOrDone : done);
  }

  override end(
    chunkOrDone?: unknown,
    encodingOrDone?: BufferEncoding | (() => void),
    done?: () => void,
  ): this {
    this.#begin();
    const callbacks = [chunkOrDone, encodingOrDone, done].filter((value) => isCallback(value));
    if (chunkOrDone !== undefined && chunkOrDone !== null && !isCallback(chunkOrDone)) {
      this.write(chunkOrDone, typeof encodingOrDone === 'string' ? encodingOrDone : 'utf8');
    }
    return super.end(callbacks[0]);
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: WriteDone): void {
    try {
      const body = this.#headSent ? chunk : this.#takeHead(chunk);
      if (body.length === 0) done();
      else this.#sink.body(body, done);
    } catch (error) {
      done(new Error('the answer of the stream cannot be sent', { cause: error }));
    }
  }

  override _final(done: WriteDone): void {
    if (!this.#headSent && this.#prelude !== undefined) {
      done(new Error('the stream ended before its prelude was whole'));
      return;
    }
    if (!this.#headSent) this.#sink.head(this.#plainHead());
    this.#sink.end();
    done();
  }

  #begin(): void {
    if (this.#begun) return;
    this.#begun = true;
    this._onBeforeFirstWrite?.((chunk) => super.write(toBytes(chunk, 'utf8')));
  }

  /** Sends the head as soon as it is known; what is left of the chunk belongs to the body. */
  #takeHead(chunk: Buffer): Buffer {
    if (this.#prelude === undefined) return this.#begunWith(this.#plainHead(), chunk);
    const found = this.#prelude.push(chunk);
    return found === undefined ? Buffer.alloc(0) : this.#begunWith(found.head, found.rest);
  }

  #begunWith(head: ResponseHead, rest: Buffer): Buffer {
    this.#sink.head(head);
    this.#headSent = true;
    return rest;
  }

  #plainHead(): ResponseHead {
    return { statusCode: 200, headers: { 'Content-Type': this.#contentType } };
  }
}

/** The runtime takes strings and bytes as they are, and anything else as JSON. */
function toBytes(chunk: unknown, encoding: BufferEncoding): Uint8Array {
  if (typeof chunk === 'string') return Buffer.from(chunk, encoding);
  return chunk instanceof Uint8Array ? chunk : Buffer.from(JSON.stringify(chunk));
}

function isCallback(value: unknown): value is () => void {
  return typeof value === 'function';
}
