import { type JavaClass, qualified } from './javaClass.ts';
import { noticeLines, type ScaffoldRequest, type SourceFile, snakeCase } from './sourceFile.ts';

const USUAL_JDK = 17;

/** The build file of the demanded tool, where the module has none. */
export function javaBuildFiles(
  request: ScaffoldRequest,
  classes: readonly JavaClass[],
  smokes: readonly JavaClass[],
): SourceFile[] {
  const module = moduleOf(classes[0]);
  switch (toolOf(request)) {
    case 'gradle':
      return [
        ...(hasGradleFile(`${module}build.gradle`, request)
          ? []
          : [gradleBuild(module, request, smokes)]),
        ...(hasGradleFile('settings.gradle', request) ? [] : [gradleSettings(module)]),
      ];
    case 'maven':
      return request.existingFiles.includes(`${module}pom.xml`)
        ? []
        : [mavenBuild(module, request, classes)];
    default:
      return [];
  }
}

/** The demanded tool, else the one whose build file is expected. */
function toolOf({ nonNegotiables, missing }: ScaffoldRequest): string | undefined {
  if (nonNegotiables.build_tool !== undefined) return nonNegotiables.build_tool;
  if (missing.includes('build.gradle')) return 'gradle';
  return missing.includes('pom.xml') ? 'maven' : undefined;
}

/** There already, or wanted in the Kotlin form, which is not written here. */
function hasGradleFile(path: string, { existingFiles, missing }: ScaffoldRequest): boolean {
  const kotlin = `${path}.kts`;
  return [path, kotlin].some((name) => existingFiles.includes(name)) || missing.includes(kotlin);
}

/** The folder above src/: "" for a repository with one module. */
function moduleOf(source: JavaClass | undefined): string {
  return source?.sourceRoot.replace(/src\/(?:main\/java\/)?$/, '') ?? '';
}

function gradleBuild(
  module: string,
  { goal, nonNegotiables }: ScaffoldRequest,
  smokes: readonly JavaClass[],
): SourceFile {
  const toolchain = nonNegotiables.jdk === undefined ? '' : gradleToolchain(nonNegotiables.jdk);
  const content = `${noticeLines('//', goal)}
plugins {
    id 'java'
}
${toolchain}${smokes.length === 0 ? '' : gradleSmokes(smokes)}`;
  return { path: `${module}build.gradle`, content };
}

function gradleToolchain(jdk: number): string {
  return `
java {
    toolchain {
        languageVersion = JavaLanguageVersion.of(${jdk})
    }
}
`;
}

function gradleSmokes(smokes: readonly JavaClass[]): string {
  const names = smokes.map((smoke) => `    '${qualified(smoke)}',`);
  return `
// The smoke tests are plain mains with assertions, so that nothing has to be downloaded.
def smokeTests = [
${names.join('\n')}
].withIndex().collect { className, index ->
    tasks.register("smokeTest\${index + 1}", JavaExec) {
        classpath = sourceSets.test.runtimeClasspath
        mainClass = className
        enableAssertions = true
    }
}

tasks.named('test') { test ->
    test.dependsOn smokeTests
    // Gradle 9 fails when test sources hold no test of a framework that it knows.
    if (test.hasProperty('failOnNoDiscoveredTests')) {
        test.failOnNoDiscoveredTests.set(false)
    }
}
`;
}

function gradleSettings(module: string): SourceFile {
  const included = module === '' ? '' : `include '${module.slice(0, -1).replaceAll('/', ':')}'\n`;
  return { path: 'settings.gradle', content: `rootProject.name = 'scaffold'\n${included}` };
}

function mavenBuild(
  module: string,
  { nonNegotiables }: ScaffoldRequest,
  classes: readonly JavaClass[],
): SourceFile {
  const release = nonNegotiables.jdk ?? USUAL_JDK;
  const [source] = classes;
  const group = source?.packageName || 'scaffold';
  const content = `<?xml version="1.0" encoding="UTF-8"?>
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>${group}</groupId>
  <artifactId>${snakeCase(source?.name ?? 'scaffold').replaceAll('_', '-')}</artifactId>
  <version>0.1.0</version>
  <properties>
    <maven.compiler.release>${release}</maven.compiler.release>
    <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
  </properties>
</project>
`;
  return { path: `${module}pom.xml`, content };
}
