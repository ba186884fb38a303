import type { ToolReader } from '../probeOf.ts';
import { parseRocmOutput } from '../rocmOutput.ts';
import { runTool } from '../runTool.ts';

export interface RocmSmiOptions {
  command?: string;
  timeoutMs?: number;
}

const ARGUMENTS = ['--showmeminfo', 'vram', '--showproductname', '--showuniqueid', '--json'];

/** Asks AMD's own tool. */
export function rocmSmi({
  command = 'rocm-smi',
  timeoutMs = 5_000,
}: RocmSmiOptions = {}): ToolReader {
  return async (signal) => {
    const asked = await runTool({ command, args: ARGUMENTS, timeoutMs }, signal);
    if (asked.kind !== 'output') return asked;
    const gpus = parseRocmOutput(asked.output);
    if (gpus !== undefined) return { kind: 'gpus', gpus };
    const said = asked.output.trim().slice(0, 200);
    return { kind: 'failed', why: `${command} said ${JSON.stringify(said)}` };
  };
}
