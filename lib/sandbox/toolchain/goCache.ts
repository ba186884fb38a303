import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Command } from '../run/runner.ts';
import { errorCode } from '../workspace/deniedPath.ts';
import type { HostTool } from './hostTool.ts';

/** Runs a command in the sandbox; true when it ended well. */
type Run = (command: Command) => Promise<boolean>;

interface Filling {
  stop: AbortController;
  done: Promise<void>;
  /** Runs that want it. */
  waiting: number;
}

/**
 * Go compiles its own library into a cache, which tasks see read-only: what one of them wrote into it, another would
 * run. So it is filled here, once for each Go of this machine, with a program of our own as the only source. Without it
 * every run of a test would compile the library anew, for a quarter of a minute of processor time.
 */
export class GoCache {
  readonly #folder: string;
  readonly #run: Run;
  #filling: Filling | undefined;
  /** It was tried to the end: whatever kept it from being filled is still there. */
  #tried = false;

  constructor(folder: string, run: Run) {
    this.#folder = folder;
    this.#run = run;
  }

  /**
   * Resolves when the cache is filled, could not be, or the signal fires: a run without it is slow, and right. When
   * nobody waits any more, nothing goes on.
   */
  async ready(go: HostTool, signal: AbortSignal): Promise<void> {
    if (this.#tried || fs.existsSync(this.#mark(go))) return;
    this.#filling ??= this.#start(go);
    const filling = this.#filling;
    filling.waiting += 1;
    await Promise.race([filling.done, aborted(signal)]);
    filling.waiting -= 1;
    if (filling.waiting > 0 || this.#filling !== filling) return;
    this.#filling = undefined;
    filling.stop.abort();
    await filling.done;
  }

  #start(go: HostTool): Filling {
    const stop = new AbortController();
    const done = this.#fill(go, stop.signal).then(() => {
      this.#tried = !stop.signal.aborted;
    });
    return { stop, done, waiting: 0 };
  }

  /** A file that is there once this very Go has filled the cache. */
  #mark({ hostPath }: HostTool): string {
    const { size, mtimeMs } = fs.statSync(hostPath);
    const identity = `${fs.realpathSync(hostPath)} ${size} ${Math.round(mtimeMs)}`;
    const name = createHash('sha256').update(identity).digest('hex').slice(0, 16);
    return path.join(this.#folder, `filled-${name}`);
  }

  async #fill(go: HostTool, signal: AbortSignal): Promise<void> {
    const workspace = fs.mkdtempSync(path.join(os.tmpdir(), 'sandbox-go-'));
    try {
      fs.mkdirSync(this.#folder, { recursive: true });
      // It may be a link to a folder elsewhere, and no sandbox is opened on a link.
      const folder = fs.realpathSync(this.#folder);
      for (const [name, text] of Object.entries(SOURCES)) {
        fs.writeFileSync(path.join(workspace, name), text);
      }
      const filled = await this.#run({
        words: [...go.command, 'test', '.'],
        tools: [go],
        ...{ workspace, reportDir: folder, environment: { GOCACHE: '/report' } },
        limits: { wallMs: FILL_MS, cpuSeconds: FILL_MS / 1000, memoryMiB: 4096 },
        signal,
      });
      if (filled) fs.writeFileSync(this.#mark(go), '');
    } catch (error) {
      if (!UNWRITABLE.has(errorCode(error) ?? '')) throw error;
    } finally {
      fs.rmSync(workspace, { recursive: true, force: true });
    }
  }
}

/** The folder of the caches may be one that only `agentctl cache warm` may write to, or that has no room. */
const UNWRITABLE: ReadonlySet<string> = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOSPC']);

const FILL_MS = 300_000;

/** What tests and small programs import; the rest is compiled where it is used, or by `agentctl cache warm`. */
const IMPORTED = [
  ...[
    'bufio',
    'bytes',
    'context',
    'encoding/json',
    'errors',
    'fmt',
    'io',
    'math',
    'math/rand',
    'os',
  ],
  ...['reflect', 'regexp', 'sort', 'strconv', 'strings', 'sync', 'testing', 'time'],
  ...['unicode', 'unicode/utf8'],
];

const SOURCES = {
  'go.mod': 'module example.com/fill\n\ngo 1.18\n',
  'fill_test.go': [
    'package fill\n\nimport (',
    ...IMPORTED.map((name) => `\t${name === 'testing' ? '' : '_ '}"${name}"`),
    ')\n\nfunc TestFill(t *testing.T) {}\n',
  ].join('\n'),
};

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
