import fs from 'node:fs';

export interface Usage {
  processes: number;
  /** Resident memory of all, bytes; shared pages count once for each process. */
  rssBytes: number;
  /** User and system time of all, with the children they have reaped. */
  cpuMs: number;
}

/** On every Linux of today: sysconf(_SC_CLK_TCK) is 100. Pages are read in KiB, so that their size does not matter. */
const MS_PER_TICK = 10;

/** What a process and all its descendants use now. Orphans of a PID namespace belong to its init, so that none hides. */
export function usageOf(root: number): Usage {
  const usage: Usage = { processes: 0, rssBytes: 0, cpuMs: 0 };
  const left = [root];
  for (let pid = left.pop(); pid !== undefined; pid = left.pop()) {
    const stat = readOrEmpty(`/proc/${pid}/stat`);
    if (stat === '') continue;
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    usage.processes++;
    usage.rssBytes += residentBytes(pid);
    usage.cpuMs +=
      fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) * MS_PER_TICK;
    left.push(...childrenOf(pid));
  }
  return usage;
}

export function childrenOf(pid: number): number[] {
  return tasksOf(pid).flatMap((task) =>
    readOrEmpty(`/proc/${pid}/task/${task}/children`)
      .split(' ')
      .filter((child) => child !== '')
      .map(Number),
  );
}

function residentBytes(pid: number): number {
  const line = /^VmRSS:\s+(\d+) kB$/m.exec(readOrEmpty(`/proc/${pid}/status`));
  return Number(line?.[1] ?? 0) * 1024;
}

function tasksOf(pid: number): string[] {
  try {
    return fs.readdirSync(`/proc/${pid}/task`);
  } catch {
    return []; // it ended meanwhile
  }
}

function readOrEmpty(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return ''; // it ended meanwhile
  }
}
