import { usage } from '../complaint.ts';
import { goCommands, rustCommands } from './compiled.ts';
import { gradleRecipe, mavenRecipe } from './java.ts';
import { pythonRequirements } from './python.ts';
import type { Recipe, Scene } from './recipe.ts';

export const CACHE_LANGUAGES = [
  'java',
  'python',
  'javascript',
  'typescript',
  'go',
  'rust',
] as const;
export type CacheLanguage = (typeof CACHE_LANGUAGES)[number];

/** Throws a usage complaint where the project has nothing that names dependencies. */
export function recipeFor(language: CacheLanguage, scene: Scene): Recipe {
  switch (language) {
    case 'java':
      return javaRecipe(scene);
    case 'python':
      return pythonRecipe(scene);
    case 'javascript':
    case 'typescript':
      return nodeRecipe(scene);
    case 'go':
      require(scene, 'go.mod', 'run go mod init, or name another folder by --project');
      return { caches: ['go-build', 'go-modules'], commands: goCommands(scene) };
    case 'rust':
      require(scene, 'Cargo.toml', 'run cargo init, or name another folder by --project');
      return { caches: ['cargo'], commands: rustCommands(scene) };
  }
}

function javaRecipe(scene: Scene): Recipe {
  if (scene.files.some((path) => /^(settings|build)\.gradle(\.kts)?$/.test(path))) {
    return gradleRecipe(scene);
  }
  require(scene, 'pom.xml', 'name the folder of pom.xml or build.gradle by --project');
  return mavenRecipe(scene);
}

function pythonRecipe(scene: Scene): Recipe {
  const named = pythonRequirements(scene);
  if (named.length === 0) {
    throw usage(
      'the project names no dependency',
      'neither a requirements file nor pyproject.toml has one',
      'agentctl cache warm --language python fetches pytest',
    );
  }
  const where = ['-d', `${scene.caches}/pip`];
  const args = ['-m', 'pip', 'download', '--quiet', '--only-binary=:all:', ...where, ...named];
  return { caches: ['pip'], commands: [{ tool: 'python3', args }] };
}

function nodeRecipe(scene: Scene): Recipe {
  require(scene, 'package-lock.json', 'npm install --package-lock-only, in the folder of package.json');
  // Scripts of packages are not run: only their files are wanted.
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--silent'];
  const args = ['ci', ...quiet, '--cache', `${scene.caches}/npm`];
  return { caches: ['npm'], commands: [{ tool: 'npm', args }] };
}

function require({ files }: Scene, file: string, next: string): void {
  if (files.includes(file)) return;
  throw usage(`there is no ${file}`, 'it names what is to be fetched', next);
}
