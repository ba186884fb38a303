import fs from 'node:fs';

const O_CLOEXEC = 0o2000000;

/**
 * Descriptors that this process inherited and that every child would inherit in turn, into the sandbox too: Node marks
 * its own close-on-exec, but not what it was started with.
 */
export function inheritableDescriptors(): number[] {
  const all = fs.readdirSync('/proc/self/fd').map(Number);
  return all.filter((descriptor) => descriptor > 2 && isInheritable(descriptor));
}

function isInheritable(descriptor: number): boolean {
  try {
    const info = fs.readFileSync(`/proc/self/fdinfo/${descriptor}`, 'utf8');
    const flags = /^flags:\s+(\d+)$/m.exec(info)?.[1] ?? '0';
    return (Number.parseInt(flags, 8) & O_CLOEXEC) === 0;
  } catch {
    return false; // the one that listed the folder, closed since
  }
}
