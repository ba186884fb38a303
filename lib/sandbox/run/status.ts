import * as z from 'zod';

const Line = z.looseObject({
  'child-pid': z.int().optional(),
  'exit-code': z.int().optional(),
  ready: z.boolean().optional(),
});

/** What a launcher has told so far, as lines of JSON on its status descriptor. */
export interface LaunchStatus {
  /** The init of the PID namespace, as the host counts. */
  initPid: number | undefined;
  /** Only told when the command itself has run. */
  exitCode: number | undefined;
  /** All of the isolation stands, the command is next. */
  ready: boolean;
}

export class StatusReader {
  readonly status: LaunchStatus = { initPid: undefined, exitCode: undefined, ready: false };
  #rest = '';

  take(chunk: string): void {
    const lines = (this.#rest + chunk).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines.filter((text) => text.trim() !== '')) {
      const told = Line.parse(JSON.parse(line));
      this.status.initPid ??= told['child-pid'];
      this.status.exitCode ??= told['exit-code'];
      this.status.ready ||= told.ready === true;
    }
  }
}
