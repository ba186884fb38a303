/** Frames of text/event-stream (https://html.spec.whatwg.org/multipage/server-sent-events.html). */

export interface Frame {
  event: string;
  /** Becomes the client's Last-Event-ID. */
  id?: number | undefined;
  data: unknown;
}

/** JSON text holds no raw line break, so one data line is enough. */
export function encodeFrame({ event, id, data }: Frame): string {
  const idLine = id === undefined ? '' : `id: ${id}\n`;
  return `${idLine}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** How long a client waits before it reconnects. */
export function encodeRetry(milliseconds: number): string {
  return `retry: ${milliseconds}\n\n`;
}

export function encodeComment(text: string): string {
  return text
    .split(/\r\n|\r|\n/)
    .map((line) => `: ${line}\n`)
    .join('')
    .concat('\n');
}
