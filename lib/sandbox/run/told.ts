import * as z from 'zod';
import type { AuditRecord } from '../sandbox.ts';
import { jsonLines } from './jsonLines.ts';

/** What our init tells, one object a line. */
const Line = z.union([
  z.strictObject({ ready: z.literal(true) }),
  z.strictObject({ exit: z.int() }),
  z.strictObject({ signal: z.int() }),
  z.strictObject({ dropped: z.int() }),
  z.strictObject({
    syscall: z.string(),
    pid: z.int(),
    comm: z.string(),
    path: z.string(),
    real: z.string(),
  }),
]);

/** How the command ended, as the kernel told its parent. */
export type End = { exit: number } | { signal: number };

/** What our init has told so far. */
export class Told {
  /** The filter stands and the command has been started. */
  ready = false;
  end: End | undefined;
  readonly audit: AuditRecord[] = [];
  dropped = 0;
  readonly take = jsonLines((value) => this.#line(Line.parse(value)));

  #line(line: z.infer<typeof Line>): void {
    if ('ready' in line) this.ready = true;
    else if ('dropped' in line) this.dropped = line.dropped;
    else if ('syscall' in line) this.audit.push(recordOf(line));
    else this.end = line;
  }
}

function recordOf({ syscall, pid, comm, path, real }: AuditRecord): AuditRecord {
  const seen = real.replace(OWN_ETC, '/etc/');
  return { syscall, pid, comm: textOf(comm), path: textOf(path), real: textOf(seen) };
}

/** The files of /etc that are ours are links into this folder. */
const OWN_ETC = /^\/run\/etc\//;

/** Names are bytes, told one character each; most are UTF-8, and those that are not stay as they are. */
function textOf(bytes: string): string {
  const buffer = Buffer.from(bytes, 'latin1');
  const text = buffer.toString('utf8');
  return Buffer.from(text).equals(buffer) ? text : bytes;
}
