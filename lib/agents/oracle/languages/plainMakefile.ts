import type { JudgedTree } from '../plan.ts';
import { isTestModule } from '../testFiles.ts';
import { HAS_MAIN } from './mainGuard.ts';

const SOURCE = /\.(c|cc|cpp|cxx)$/;
const INCLUDES = ['-I.', '-Iinclude', '-Isrc'];

/** A Makefile for a tree that has none, to be run in its root; undefined where there is no source. */
export function plainMakefile(tree: JudgedTree): { text: string; hasTests: boolean } | undefined {
  // Make has no way to write a blank in a name.
  const sources = tree.files.filter((path) => SOURCE.test(path) && /^[\w./+-]+$/.test(path));
  if (sources.length === 0) return undefined;
  const objects = new Map(sources.map((path, at) => [path, `/report/object-${at}.o`]));
  const hasMain = (path: string): boolean => HAS_MAIN.test(tree.read(path) ?? '');
  const shared = sources.filter((path) => !isTestModule('cpp', path) && !hasMain(path));
  const tests = sources.filter((path) => isTestModule('cpp', path) && hasMain(path));
  const linker = sources.some((path) => !path.endsWith('.c')) ? 'g++' : 'gcc';
  const objectOf = (path: string): string => objects.get(path) ?? '';
  const programs = tests.map((path, at) => ({ path, program: `/report/program-${at}` }));
  const text = [
    `all: ${[...objects.values()].join(' ')}`,
    `test: ${programs.map((_, at) => `run-${at}`).join(' ')}`,
    ...sources.map(
      (path) =>
        `${objectOf(path)}: ${path}\n\t${path.endsWith('.c') ? 'gcc' : 'g++'} ${INCLUDES.join(' ')} -g -c -o $@ $<`,
    ),
    ...programs.map(
      ({ path, program }) =>
        `${program}: ${[path, ...shared].map(objectOf).join(' ')}\n\t${linker} -o $@ $^ -lm -lpthread`,
    ),
    ...programs.map(({ program }, at) => `run-${at}: ${program}\n\t${program}`),
  ].join('\n\n');
  return { text: `${text}\n`, hasTests: tests.length > 0 };
}
