import { execa } from 'execa';
import * as z from 'zod';

/** What the first import of a bundle costs in a process of its own. */
export interface Init {
  /** Of the import alone, by the clock. */
  wallMs: number;
  /** Of the import alone, on the processor: the number to compare on a machine that is not idle. */
  cpuMs: number;
  /** Of the whole process at that moment. */
  rssMiB: number;
}

const Init = z.object({ wallMs: z.number(), cpuMs: z.number(), rssMiB: z.number() });

/** What Lambda's runtime does before the first request, and nothing else. */
const LOADER = `
globalThis.awslambda = {
  streamifyResponse: (handler) => handler,
  HttpResponseStream: { from: (stream) => stream },
};
const cpu = process.cpuUsage();
const started = performance.now();
const { handler } = await import(process.argv[1]);
const wallMs = performance.now() - started;
const { user, system } = process.cpuUsage(cpu);
if (typeof handler !== 'function') throw new Error('no handler');
console.log(JSON.stringify({
  wallMs, cpuMs: (user + system) / 1000, rssMiB: process.memoryUsage.rss() / 1048576,
}));
process.exit();
`;

/** Imports `file` in a fresh process without anything of this one's environment. */
export async function initOf(file: string): Promise<Init> {
  const { stdout } = await execa(
    process.execPath,
    ['--input-type=module', '--eval', LOADER, file],
    { extendEnv: false, env: { AWS_EMF_ENVIRONMENT: 'Local' }, cwd: '/' },
  );
  return Init.parse(JSON.parse(stdout));
}
