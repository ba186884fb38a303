import type { Language } from '../../task/payload.ts';
import type { JudgedTree, Reading } from './plan.ts';

const MANIFESTS =
  /(^|\/)(requirements[^/]*\.txt|pyproject\.toml|setup\.(py|cfg)|Pipfile|package\.json|environment\.ya?ml)$/;

/**
 * Of the modules that could not be found, those that the project itself declares: they are missing from this machine,
 * while the others are a fault of the code.
 */
export function declaredAmong(missing: readonly string[], tree: JudgedTree): string[] {
  const manifests = tree.files
    .filter((path) => MANIFESTS.test(path) && !path.includes('node_modules/'))
    .map((path) => (tree.read(path) ?? '').toLowerCase().replaceAll('_', '-'));
  return [...new Set(missing)].filter((name) => {
    const spelled = name.toLowerCase().replaceAll('_', '-');
    return manifests.some((text) => hasWord(text, spelled));
  });
}

function hasWord(text: string, word: string): boolean {
  const at = text.indexOf(word);
  if (at === -1) return false;
  const around = `${text[at - 1] ?? ' '}${text[at + word.length] ?? ' '}`;
  return !/[a-z0-9]/.test(around) || hasWord(text.slice(at + 1), word);
}

/** What fills the cache of a language. */
export function warmCache(language: Language): string {
  return `Where there is a network: agentctl cache warm --language ${language} --project with the folder of the repository.`;
}

/** The run could not judge the tree because dependencies are not on this machine. */
export function lacksDependencies(coordinates: readonly string[], how: string): Reading {
  return {
    status: 'infra',
    suiteRan: false,
    cause: 'dependencies_missing',
    reason: `not on this machine: ${coordinates.join(', ')}`,
    remedy: how,
  };
}
