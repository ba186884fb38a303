import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Mount } from '../run/launch.ts';
import { errorCode } from '../workspace/deniedPath.ts';

/** A tool as the sandbox runs it. */
export interface HostTool {
  name: string;
  /** Absolute host path of the program. */
  hostPath: string;
  /** Words inside: the program and what must come before the caller's arguments. */
  command: readonly string[];
  /** Host paths that it needs beyond what everybody sees. */
  mounts: readonly Mount[];
  /** Folder to put on PATH, so that other tools find the same program. */
  folder: string | undefined;
}

/** Where commands are looked for when nothing else is said: version managers first, as their installers arrange it. */
export function usualFolders(home = os.homedir()): string[] {
  const own = ['.pyenv/shims', '.cargo/bin', '.sdkman/candidates/java/current/bin'];
  const built = ['.sdkman/candidates/maven/current/bin', '.sdkman/candidates/gradle/current/bin'];
  const system = ['/usr/local/go/bin', '/opt/gradle/bin', '/opt/maven/bin', '/usr/local/bin'];
  return [
    ...[...own, ...built].map((name) => path.join(home, name)),
    ...system,
    '/usr/bin',
    '/bin',
  ];
}

/** The first program of that name, followed through links and version managers, with what must be mounted for it. */
export function findHostTool(name: string, searchPath: readonly string[]): HostTool | undefined {
  for (const folder of searchPath) {
    const found = programAt(path.join(folder, name));
    const real = found && behindShim(found, name);
    if (real !== undefined) return hostTool(name, real);
  }
  return undefined;
}

export function hostTool(name: string, hostPath: string): HostTool {
  // As it was found, not where its links end: some programs look at the name they are called by.
  const isShown = hostPath.startsWith('/usr/') || hostPath.startsWith('/bin/');
  const mounts = [...new Set([hostPath, fs.realpathSync(hostPath)].flatMap(prefixOf))];
  return {
    name,
    hostPath,
    command: [hostPath],
    mounts: mounts.map((source) => ({ source, destination: source })),
    folder: isShown ? undefined : path.dirname(hostPath),
  };
}

/**
 * What to mount for a program outside /usr: the folder above its `bin`. Where that folder is shared with things that
 * are no tool (a home, ~/.local, /opt), the program alone.
 */
function prefixOf(program: string): string[] {
  if (program.startsWith('/usr/') || program.startsWith('/bin/')) return [];
  const folder = path.dirname(program);
  const prefix = path.basename(folder) === 'bin' ? path.dirname(folder) : program;
  const isShared =
    ['/', '/opt', '/home', '/root', '/srv', '/mnt', '/tmp', '/var', os.homedir()].includes(
      prefix,
    ) ||
    path.basename(prefix) === '.local' ||
    path.dirname(prefix) === '/home';
  return [isShared ? program : prefix];
}

function programAt(file: string): string | undefined {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile() ? file : undefined;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP'].includes(errorCode(error) ?? '')) return undefined;
    throw error;
  }
}

/** pyenv and rustup put one program in place of many, which chooses by files that are not in the sandbox. */
function behindShim(file: string, name: string): string | undefined {
  const folder = path.dirname(file);
  if (folder.endsWith('/.pyenv/shims')) return behindPyenv(path.dirname(folder), name);
  if (path.basename(fs.realpathSync(file)) === 'rustup') return behindRustup(name);
  return file;
}

function behindPyenv(root: string, name: string): string | undefined {
  const versions = readOrEmpty(path.join(root, 'version')).split('\n');
  for (const version of versions.filter((line) => line !== '')) {
    const found = programAt(path.join(root, 'versions', version, 'bin', name));
    if (found !== undefined) return found;
  }
  return undefined;
}

function behindRustup(name: string): string | undefined {
  const root = path.join(os.homedir(), '.rustup');
  const settings = readOrEmpty(path.join(root, 'settings.toml'));
  const chosen = /^default_toolchain\s*=\s*"([^"]+)"/m.exec(settings)?.[1];
  return chosen && programAt(path.join(root, 'toolchains', chosen, 'bin', name));
}

function readOrEmpty(file: string): string {
  return fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
}
