import {
  baseName,
  folderOf,
  noticeLines,
  pascalCase,
  type ScaffoldRequest,
  type SourceFile,
  snakeCase,
  stemOf,
} from './sourceFile.ts';

/** Packages named for their folders, a smoke test beside each file, and go.mod where there is none. */
export function goFiles(request: ScaffoldRequest): SourceFile[] {
  const sources = request.missing.filter((path) => path.endsWith('.go'));
  if (sources.length === 0) return [];
  const known = [...request.existingFiles, ...request.missing];
  const tests = sources
    .filter((path) => !path.endsWith('_test.go'))
    .map((path) => smokeTest(path, known));
  const module: SourceFile = {
    path: 'go.mod',
    content: 'module example.com/scaffold\n\ngo 1.21\n',
  };
  return [
    ...sources.map((path) => skeleton(path, known, request.goal)),
    ...tests.filter(({ path }) => !known.includes(path)),
    ...(request.existingFiles.includes(module.path) ? [] : [module]),
  ];
}

function skeleton(path: string, known: readonly string[], goal: string): SourceFile {
  const main = baseName(path) === 'main.go' ? '\nfunc main() {\n}\n' : '';
  return {
    path,
    content: `${noticeLines('//', goal)}\npackage ${packageOf(path, known)}\n${main}`,
  };
}

function smokeTest(path: string, known: readonly string[]): SourceFile {
  const name = pascalCase(stemOf(path));
  const content = `package ${packageOf(path, known)}

import "testing"

// Proves that the package compiles, not that the goal was met.
func Test${name}Smoke(t *testing.T) {
	t.Log("the package compiles")
}
`;
  return { path: `${folderOf(path)}${stemOf(path)}_smoke_test.go`, content };
}

/** All files of a folder are one package: that of its main.go, else the one named for the folder. */
function packageOf(path: string, known: readonly string[]): string {
  const folder = folderOf(path);
  if (known.includes(`${folder}main.go`)) return 'main';
  const name = folder === '' ? stemOf(path) : baseName(folder.slice(0, -1));
  return snakeCase(name.replace(/_test$/, '')).replaceAll('_', '');
}
