import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Lockfile, type MissingPackage, missingPackages } from './lockfile/missingPackages.ts';

/**
 * `npm run lockfile`: adds the packages of other platforms that npm left out of package-lock.json. A mirror that does not
 * hold them makes `npm install` drop them in silence, and `npm ci` then refuses the lock file on every machine.
 */
const FILE = fileURLToPath(new URL('../package-lock.json', import.meta.url));
const PLATFORM =
  /-(android|darwin|freebsd|linux|openharmony|win32)-(arm64|arm|x64|ppc64|riscv64|s390x|ia32)(-\w+)?$/;

const lockfile = Lockfile.parse(JSON.parse(readFileSync(FILE, 'utf8')));
const missing = missingPackages(lockfile);
for (const each of missing) lockfile.packages[`node_modules/${each.name}`] = entryOf(each);
const sorted = Object.entries(lockfile.packages).sort(([a], [b]) => a.localeCompare(b, 'en'));
const completed = { ...lockfile, packages: Object.fromEntries(sorted) };
writeFileSync(FILE, `${JSON.stringify(completed, null, 2)}\n`);
console.log(`${missing.length} packages of other platforms added to package-lock.json`);

function entryOf({ name, version, dev }: MissingPackage) {
  const [, os, cpu, library = ''] = PLATFORM.exec(name) ?? [];
  if (os === undefined || cpu === undefined) throw new Error(`${name} does not name its platform`);
  const libc = os === 'linux' ? { libc: [library.includes('musl') ? 'musl' : 'glibc'] } : {};
  return { version, cpu: [cpu], ...(dev ? { dev } : {}), ...libc, optional: true, os: [os] };
}
