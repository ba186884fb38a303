import * as z from 'zod';
import { jsonLines } from './jsonLines.ts';

const Line = z.looseObject({
  'child-pid': z.int().optional(),
  'exit-code': z.int().optional(),
  ready: z.boolean().optional(),
});

/** What a launcher has told so far, as lines of JSON on its status descriptor. */
export class LaunchStatus {
  /** The init of the PID namespace, as the host counts. */
  initPid: number | undefined;
  /** Only told when the command itself has run. */
  exitCode: number | undefined;
  /** All of the isolation stands, the command is next. */
  ready = false;
  readonly take = jsonLines((value) => {
    const told = Line.parse(value);
    this.initPid ??= told['child-pid'];
    this.exitCode ??= told['exit-code'];
    this.ready ||= told.ready === true;
  });
}
