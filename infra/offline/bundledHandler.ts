import { join } from 'node:path';
import { importHandler } from '../gateway/importHandler.ts';

/** Imports what a `handler` line names: `dist/stream/handler.handler` is the export `handler` of dist/stream/handler.mjs. */
export function bundledHandler<Handler>(serviceDir: string, handler: string): Promise<Handler> {
  const at = handler.lastIndexOf('.');
  return importHandler(join(serviceDir, `${handler.slice(0, at)}.mjs`), handler.slice(at + 1));
}
