import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { CacheCommand, Scene } from './recipe.ts';

/** Modules, the compiled standard library, and the compiled dependencies of the project. */
export function goCommands({ caches }: Scene): CacheCommand[] {
  const env = { GOCACHE: `${caches}/go-build`, GOMODCACHE: `${caches}/go-modules` };
  return [
    // Writable, so that the folder can be removed like any other.
    { tool: 'go', args: ['mod', 'download', '-modcacherw'], env },
    { tool: 'go', args: ['build', 'std'], env },
    // `true` in the place of each test program: they are built, and not run.
    { tool: 'go', args: ['test', '-exec', 'true', './...'], env, mayFail: true },
  ];
}

export function rustCommands({ caches }: Scene): CacheCommand[] {
  const home = `${caches}/cargo`;
  keepSources(home);
  return [{ tool: 'cargo', args: ['fetch'], env: { CARGO_HOME: home } }];
}

/** Where the user has crates come from: without it cargo would look elsewhere, now and in the sandbox. */
function keepSources(home: string): void {
  const settings = join(homedir(), '.cargo/config.toml');
  if (!existsSync(settings)) return;
  const sections = readFileSync(settings, 'utf8').split(/^(?=\[)/m);
  const wanted = sections.filter((section) => /^\[(source|registries)\b/.test(section));
  const withoutSecrets = wanted.join('').replaceAll(/^\s*(token|credential)\b.*$/gm, '');
  if (withoutSecrets !== '') writeFileSync(join(home, 'config.toml'), withoutSecrets);
}
