import { readdirSync, readFileSync } from 'node:fs';

/**
 * Processes that still have to do with `folder`: their command line or environment names it, or a part of it is mounted
 * for them, which gives away what runs in a sandbox. Linux only; empty elsewhere.
 */
export function leftProcesses(folder: string): string[] {
  if (process.platform !== 'linux') return [];
  const others = readdirSync('/proc').filter(
    (name) => /^\d+$/.test(name) && Number(name) !== process.pid,
  );
  return others.flatMap((pid) => {
    const traces = ['cmdline', 'environ', 'mountinfo'].map((file) => readQuietly(pid, file));
    const command = traces[0]?.replaceAll('\0', ' ').slice(0, 160) ?? '';
    return traces.some((text) => text.includes(folder)) ? [`${pid} ${command}`] : [];
  });
}

/** Empty for a process that is gone, or not ours to look at. */
function readQuietly(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error) return '';
    throw error;
  }
}
