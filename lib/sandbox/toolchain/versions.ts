import fs from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import type { HostTool } from './hostTool.ts';

const Known = z.record(z.string(), z.string());

/**
 * Versions of tools as they told them, kept in a file between starts: asking all of them takes seconds. A tool that was
 * replaced has another size or time and is asked again.
 */
export class Versions {
  readonly #file: string;
  readonly #known: Map<string, string>;

  constructor(file: string) {
    this.#file = file;
    this.#known = new Map(Object.entries(readKnown(file)));
  }

  async of(tool: HostTool, ask: () => Promise<string>): Promise<string> {
    const key = identityOf(tool);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const version = await ask();
    this.#known.set(key, version);
    return version;
  }

  save(): void {
    const draft = `${this.#file}.${process.pid}`;
    fs.mkdirSync(path.dirname(this.#file), { recursive: true });
    fs.writeFileSync(draft, JSON.stringify(Object.fromEntries(this.#known), null, 2));
    fs.renameSync(draft, this.#file);
  }
}

/** The first thing that looks like a version, else the first line: `javac 17.0.15`, `go version go1.22.1 linux/amd64`. */
export function versionIn(output: string): string {
  const version = /\d+\.\d+[\w.+-]*/.exec(output)?.[0];
  return version ?? output.trim().split('\n')[0]?.slice(0, 80) ?? '';
}

function identityOf({ name, hostPath }: HostTool): string {
  const { size, mtimeMs } = fs.statSync(hostPath);
  return `${name} ${fs.realpathSync(hostPath)} ${size} ${Math.round(mtimeMs)}`;
}

/** A cache that cannot be read is a cache that is not there. */
function readKnown(file: string): Record<string, string> {
  if (!fs.existsSync(file)) return {};
  const parsed = Known.safeParse(parseJson(fs.readFileSync(file, 'utf8')));
  return parsed.success ? parsed.data : {};
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
