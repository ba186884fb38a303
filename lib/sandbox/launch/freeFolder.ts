import fs from 'node:fs';

/** A folder of every Linux that can be mounted over in a namespace of our own without hiding one of these paths. */
export function freeFolder(needed: readonly string[]): string {
  const free = ['/mnt', '/media', '/srv', '/opt', '/boot'].find(
    (folder) => fs.existsSync(folder) && !needed.some((path) => path.startsWith(`${folder}/`)),
  );
  if (free === undefined) throw new Error('/mnt, /media, /srv, /opt and /boot are all in use');
  return free;
}
