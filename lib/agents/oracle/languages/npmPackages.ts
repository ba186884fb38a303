import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { lacksDependencies, warmCache } from '../missing.ts';
import type { CommandResult, OracleCommand, OracleSetting, Reading } from '../plan.ts';
import { declaredPackages } from './manifest.ts';

const LOCKFILE = 'package-lock.json';

const Entry = z.looseObject({
  version: z.string().optional(),
  resolved: z.string().optional(),
  integrity: z.string().optional(),
});
const Lockfile = z.looseObject({ packages: z.record(z.string(), Entry).optional() });
type Lockfile = z.infer<typeof Lockfile>;

/** True where the project declares packages and none is installed. */
export function lacksModules(setting: OracleSetting): boolean {
  const modules = join(setting.project.root, 'node_modules/');
  const isThere = setting.tree.files.some((path) => path.startsWith(modules));
  return !isThere && declaredPackages(setting).length > 0;
}

/**
 * Installs from the cache what the lockfile names; nothing where that is not needed, or there is no lockfile. It may
 * fail: what the lockfile names is not always used.
 */
export function installPackages(setting: OracleSetting): OracleCommand[] {
  const lockfile = lacksModules(setting) ? readLockfile(setting) : undefined;
  if (lockfile === undefined) return [];
  const { root } = setting.project;
  const complete = JSON.stringify(withAddresses(lockfile), null, 2);
  writeFileSync(join(setting.tree.root, root, LOCKFILE), complete);
  const where = root === '.' ? [] : ['--prefix', root];
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund'];
  return [{ tool: 'npm', args: ['ci', '--offline', ...quiet, ...where], keepGoing: true }];
}

/** What ran after the installation. */
export function afterInstallation(results: readonly CommandResult[]): CommandResult[] {
  return results.filter((result) => !isInstallation(result));
}

function isInstallation({ command }: CommandResult): boolean {
  return command.tool === 'npm' && command.args[0] === 'ci';
}

/** What a failed installation says; undefined where it went well or there was none. */
export function readInstallation(
  setting: OracleSetting,
  results: readonly CommandResult[],
): Reading | undefined {
  const install = results.find(isInstallation);
  if (install === undefined || install.ran.exit === 0) return undefined;
  const output = `${install.ran.stdout}\n${install.ran.stderr}`;
  if (!output.includes('ENOTCACHED')) return outOfStep(output);
  const [, name = '', version = ''] = MISSING.exec(output) ?? [];
  const missing = `${name}@${version}`;
  const direct = lockedPackages(setting);
  // npm names the first that it wanted, which may be one that the user has never heard of.
  const named = direct.includes(missing) || name === '' ? direct : [...direct, missing];
  return lacksDependencies(named.slice(0, MOST_NAMED), warmCache('javascript'));
}

const MOST_NAMED = 10;
/** The registry's own way to name a file: NAME/-/FILE-VERSION.tgz. */
const MISSING =
  /request to \S+?:\/\/[^/\s]+\/(?:\S+\/)?((?:@[^/\s]+\/)?[^/\s]+)\/-\/[^/\s]+?-(\d[^/\s]*)\.tgz failed/;

/** Such as a lockfile that an answer left behind its package.json. */
function outOfStep(output: string): Reading {
  const said = output.split('\n').filter((line) => /^npm error (?!code|A complete log)/.test(line));
  const message = said
    .map((line) => line.replace('npm error ', ''))
    .join('\n')
    .slice(0, 1_000);
  const diagnostics = [{ file: LOCKFILE, message }];
  return { status: 'fail', suiteRan: false, reason: 'npm ci failed', diagnostics };
}

function readLockfile({ tree, project }: OracleSetting): Lockfile | undefined {
  try {
    const text = tree.read(join(project.root, LOCKFILE));
    return text === undefined ? undefined : Lockfile.safeParse(JSON.parse(text)).data;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The packages that the project itself declares, `name@version`. */
function lockedPackages(setting: OracleSetting): string[] {
  const { packages = {} } = readLockfile(setting) ?? {};
  return declaredPackages(setting).map((name) => {
    const version = packages[`node_modules/${name}`]?.version;
    return version === undefined ? name : `${name}@${version}`;
  });
}

/**
 * A lockfile may leave out where its packages came from. npm would then ask for their descriptions, which it cannot take
 * from a cache that it may not write to. The content it takes from the cache by its hash, whatever the address.
 */
function withAddresses(lockfile: Lockfile): Lockfile {
  const packages = Object.entries(lockfile.packages ?? {}).map(([path, entry]) => {
    if (path === '' || entry.resolved !== undefined || entry.integrity === undefined) {
      return [path, entry];
    }
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
    const file = `${name.slice(name.lastIndexOf('/') + 1)}-${entry.version}.tgz`;
    return [path, { ...entry, resolved: `https://offline.invalid/${name}/-/${file}` }];
  });
  return { ...lockfile, packages: Object.fromEntries(packages) };
}
