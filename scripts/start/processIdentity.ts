import { readFileSync } from 'node:fs';
import { execaSync } from 'execa';

/**
 * Tells a process from a later one with the same id: boot and start time. Undefined when there is no such process.
 * After a reboot, and in every restarted container, ids are given anew from the start.
 */
export function processIdentity(pid: number): string | undefined {
  if (process.platform === 'linux') return linuxIdentity(pid);
  if (process.platform === 'win32') return isAlive(pid) ? `pid ${pid}` : undefined;
  const listing = execaSync('ps', ['-o', 'lstart=', '-p', String(pid)], { reject: false });
  return listing.exitCode === 0 ? listing.stdout.trim() : undefined;
}

function linuxIdentity(pid: number): string | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the program's name in brackets and may hold spaces: field 3 is the first one after it.
    const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const startTicks = fields[18];
    const hasEnded = state === 'Z' || state === 'X';
    return hasEnded ? undefined : `${boot}/${startTicks}`;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ENOENT' || code === 'ESRCH';
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
