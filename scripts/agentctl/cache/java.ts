import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import type { Recipe, Scene } from './recipe.ts';

/**
 * What a build needs offline is known only once it has run to the end of its tests: the runner of tests is fetched when
 * it is needed. So it is run, with sources that stand for those of the project, which are not for this machine to run.
 */
export function mavenRecipe(scene: Scene): Recipe {
  standIn(scene);
  const args = ['-B', '-q', `-Dmaven.repo.local=${scene.caches}/m2`, 'test'];
  return { caches: ['m2'], commands: [{ tool: 'mvn', args }] };
}

export function gradleRecipe(scene: Scene): Recipe {
  standIn(scene);
  const home = join(scene.caches, 'gradle-home');
  const args = ['--no-daemon', '--console=plain', '-q', '--continue', 'test'];
  return {
    caches: ['gradle'],
    commands: [{ tool: 'gradle', args, env: { GRADLE_USER_HOME: home } }],
    // As Gradle wants it of a read-only cache: the modules without the locks.
    finish: () =>
      cpSync(join(home, 'caches/modules-2'), join(scene.caches, 'gradle/modules-2'), {
        recursive: true,
        filter: (source) => !/(\.lock|gc\.properties)$/.test(source),
      }),
  };
}

const TEST_FRAMEWORKS: readonly { sign: RegExp; name: string; text: string }[] = [
  {
    sign: /org\.junit\.jupiter/,
    name: 'CacheWarmJupiterTest',
    text: 'class CacheWarmJupiterTest {\n  @org.junit.jupiter.api.Test\n  void nothing() {}\n}\n',
  },
  {
    sign: /import (static )?org\.junit\.(?!jupiter|platform)|<artifactId>junit<|['"]junit:junit:/,
    name: 'CacheWarmVintageTest',
    text: 'public class CacheWarmVintageTest {\n  @org.junit.Test\n  public void nothing() {}\n}\n',
  },
  {
    sign: /org\.testng/,
    name: 'CacheWarmNgTest',
    text: 'public class CacheWarmNgTest {\n  @org.testng.annotations.Test\n  public void nothing() {}\n}\n',
  },
];

const BUILD_FILE = /(^|\/)(pom\.xml|build\.gradle(\.kts)?)$/;

/** Replaces the Java sources of each module by one of its kind that does nothing. */
function standIn({ folder, files }: Scene): void {
  for (const build of files.filter((path) => BUILD_FILE.test(path))) {
    const module = posix.dirname(build);
    const below = (part: string) =>
      files.filter((path) => path.startsWith(posix.join(module, part)) && path.endsWith('.java'));
    const [main, tests] = [below('src/main/java/'), below('src/test/java/')];
    // Before there is a test, what the build file declares is what a test will use.
    const telling = tests.length > 0 ? tests : [build];
    const told = telling.map((path) => readFileSync(join(folder, path), 'utf8'));
    for (const path of [...main, ...tests]) rmSync(join(folder, path));
    const put = (path: string, text: string): void => {
      const at = join(folder, module, path);
      mkdirSync(dirname(at), { recursive: true });
      writeFileSync(at, text);
    };
    if (main.length > 0) put('src/main/java/CacheWarm.java', 'class CacheWarm {}\n');
    for (const { sign, name, text } of TEST_FRAMEWORKS) {
      if (told.some((content) => sign.test(content))) put(`src/test/java/${name}.java`, text);
    }
  }
}
