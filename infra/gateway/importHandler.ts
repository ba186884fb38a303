import { pathToFileURL } from 'node:url';

/** The function that a module exports; its kind is the caller's claim. `file` is absolute. */
export async function importHandler<Handler>(file: string, exportName: string): Promise<Handler> {
  const module: Record<string, unknown> = await import(pathToFileURL(file).href);
  const handler = module[exportName];
  if (typeof handler !== 'function') throw new Error(`${file} exports no function ${exportName}`);
  return handler as Handler;
}
