import { execa } from 'execa';
import { Complaint } from '../complaint.ts';
import { EXIT } from '../exitCode.ts';
import type { Host } from '../host.ts';

/** Whoever is offline is told so within seconds, and not after npm's own two minutes. */
const PATIENCE = [
  '--fetch-retries=2',
  '--fetch-retry-mintimeout=1000',
  '--fetch-retry-maxtimeout=5000',
];
const NO_NETWORK = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ENETUNREACH|EHOSTUNREACH|ENETDOWN|ETIMEDOUT/;
const DISK_FULL = /ENOSPC|EDQUOT/;
const SHOWN = 5;

/** Runs npm in a folder. Throws a `Complaint`, or the signal's reason. */
export async function runNpm(
  argv: readonly string[],
  folder: string,
  { environment, interrupted }: Pick<Host, 'environment' | 'interrupted'>,
): Promise<void> {
  const ran = await execa('npm', [...argv, ...PATIENCE], {
    cwd: folder,
    cancelSignal: interrupted,
    env: { ...environment },
    reject: false,
    all: true,
  });
  interrupted.throwIfAborted();
  if (!ran.failed) return;
  const said = (ran.all ?? '').split('\n').filter((line) => /npm (?:error|ERR!)/.test(line));
  const why = said.length === 0 ? [ran.shortMessage ?? 'npm is not there'] : said.slice(0, SHOWN);
  throw complaint(why, argv[0] ?? '');
}

function complaint(why: string[], command: string): Complaint {
  const text = why.join('\n');
  if (NO_NETWORK.test(text)) {
    return new Complaint(EXIT.unreachable, {
      what: 'the npm registry is not reached from here: this machine seems to be offline',
      why,
      next: 'the same command when it is online; or bring layers/llama/node_modules from a machine of the same kind',
    });
  }
  if (DISK_FULL.test(text)) {
    const next = 'free some space, then the same command again';
    return new Complaint(EXIT.unexpected, { what: 'the disk is full', why, next });
  }
  return new Complaint(EXIT.unexpected, {
    what: `npm ${command} failed; the runtime is as it was before`,
    why,
    next: 'mend what npm complains of, then the same command again',
  });
}
