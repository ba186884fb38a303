import { javaBuildFiles } from './javaBuild.ts';
import { isIdentifier, type JavaClass, javaClass, qualified } from './javaClass.ts';
import {
  baseName,
  folderOf,
  noticeLines,
  type ScaffoldRequest,
  type SourceFile,
} from './sourceFile.ts';

/** Classes that import nothing but the JDK, a smoke test with a main for each, and the build file that was demanded. */
export function javaFiles(request: ScaffoldRequest): SourceFile[] {
  const sources = request.missing.filter((path) => path.endsWith('.java'));
  const classes = sources.map(javaClass).filter((source) => isIdentifier(source.name));
  const tested = classes.filter(({ sourceRoot }) => !sourceRoot.endsWith('src/test/java/'));
  const smokes = tested.map(smokeClass).filter(({ path }) => !request.existingFiles.includes(path));
  return [
    ...sources
      .filter((path) => !isIdentifier(javaClass(path).name))
      .map((path) => otherSource(path, request)),
    ...classes.map((source) => skeleton(source, request)),
    ...tested.flatMap((subject) => smokeTest(subject, smokes)),
    ...javaBuildFiles(request, tested, smokes),
  ];
}

function skeleton({ path, packageName, name }: JavaClass, { goal }: ScaffoldRequest): SourceFile {
  const content = `${noticeLines('//', goal)}${packageLine(packageName)}
public class ${name} {
}
`;
  return { path, content };
}

/** package-info.java and other files that hold no class. */
function otherSource(path: string, { goal }: ScaffoldRequest): SourceFile {
  const { packageName } = javaClass(path);
  const isPackageInfo = baseName(path) === 'package-info.java';
  return {
    path,
    content: `${noticeLines('//', goal)}${isPackageInfo ? packageLine(packageName) : ''}`,
  };
}

function smokeClass(subject: JavaClass): JavaClass {
  const sourceRoot = subject.sourceRoot.replace(/src\/main\/java\/$/, 'src/test/java/');
  const below = folderOf(subject.path).slice(subject.sourceRoot.length);
  const name = `${subject.name}SmokeTest`;
  return { ...subject, sourceRoot, name, path: `${sourceRoot}${below}${name}.java` };
}

function smokeTest(subject: JavaClass, smokes: readonly JavaClass[]): SourceFile[] {
  const smoke = smokeClass(subject);
  if (!smokes.some(({ path }) => path === smoke.path)) return [];
  const content = `// Proves that ${subject.name} compiles and loads, not that the goal was met.
// Runs with assertions on: java -ea ${qualified(smoke)}
${packageLine(smoke.packageName)}
public final class ${smoke.name} {
    private ${smoke.name}() {
    }

    public static void main(String[] arguments) {
        if (!${smoke.name}.class.desiredAssertionStatus()) {
            throw new IllegalStateException("assertions are off: run with java -ea");
        }
        Class<?> subject = ${subject.name}.class;
        assert subject.getName().equals("${qualified(subject)}") : subject.getName();
        System.out.println("smoke test passed: " + subject.getName());
    }
}
`;
  return [{ path: smoke.path, content }];
}

function packageLine(packageName: string): string {
  return packageName === '' ? '' : `package ${packageName};\n`;
}
