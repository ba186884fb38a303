import { describe, expect, test } from 'vitest';
import { parseDiagnostics } from '../../../../lib/agents/oracle/diagnostics.ts';

describe('the complaints of', () => {
  test('javac', () => {
    const output = `A.java:2: error: incompatible types: String cannot be converted to int
    int f() { return "x"; }
                     ^
A.java:3: error: cannot find symbol
    void g() { h(); }
               ^
  symbol:   method h()
  location: class A
2 errors
`;
    expect(parseDiagnostics('javac', output)).toEqual([
      { file: 'A.java', line: 2, message: 'incompatible types: String cannot be converted to int' },
      { file: 'A.java', line: 3, message: 'cannot find symbol' },
    ]);
  });

  test('Maven, which prints javac its own way and twice', () => {
    const line = '[ERROR] /workspace/src/main/java/A.java:[3,17] cannot find symbol\n';
    expect(parseDiagnostics('javac', `[INFO] Compiling\n${line}${line}`)).toEqual([
      { file: 'src/main/java/A.java', line: 3, message: 'cannot find symbol' },
    ]);
  });

  test('tsc', () => {
    const output =
      "src/a.ts(3,7): error TS2322: Type 'string' is not assignable to type 'number'.\n";
    expect(parseDiagnostics('tsc', output)).toEqual([
      {
        file: 'src/a.ts',
        line: 3,
        code: 'TS2322',
        message: "Type 'string' is not assignable to type 'number'.",
      },
    ]);
  });

  test('compileall', () => {
    const output = `*** Error compiling './bad.py'...
  File "./bad.py", line 1
    def f(:
          ^
SyntaxError: invalid syntax

`;
    expect(parseDiagnostics('python', output)).toEqual([
      { file: 'bad.py', line: 1, code: 'SyntaxError', message: 'invalid syntax' },
    ]);
  });

  test('node --check', () => {
    const output = `/workspace/a.js:2
  return +;
          ^

SyntaxError: Unexpected token ';'
    at wrapSafe (node:internal/modules/cjs/loader:1620:18)
`;
    expect(parseDiagnostics('node', output)).toEqual([
      { file: 'a.js', line: 2, code: 'SyntaxError', message: "Unexpected token ';'" },
    ]);
  });

  test('go', () => {
    const output = `# example.com/calc
./calc.go:3:33: cannot use "x" (untyped string constant) as int value in return statement
`;
    expect(parseDiagnostics('go', output)).toEqual([
      {
        file: 'calc.go',
        line: 3,
        message: 'cannot use "x" (untyped string constant) as int value in return statement',
      },
    ]);
  });

  test('gcc, with what the linker misses and what an assertion says', () => {
    const output = `calc.c: In function 'add':
/workspace/calc.c:3:10: error: 'least' undeclared (first use in this function)
calc.c:9:1: warning: control reaches end of non-void function
parse.c:1:10: fatal error: lexer.h: No such file or directory
/usr/bin/ld: /tmp/ccX.o: in function \`main':
test_calc.c:(.text+0x13): undefined reference to \`subtract'
`;
    expect(parseDiagnostics('gcc', output)).toEqual([
      { file: 'calc.c', line: 3, message: "'least' undeclared (first use in this function)" },
      { file: 'parse.c', line: 1, message: 'lexer.h: No such file or directory' },
      { file: 'test_calc.c', message: "undefined reference to `subtract'" },
    ]);
    const failed = "test_calc: tests/test_calc.c:8: main: Assertion `add(1, 2) == 3' failed.\n";
    expect(parseDiagnostics('assert', failed)).toEqual([
      { file: 'tests/test_calc.c', line: 8, message: "main: Assertion `add(1, 2) == 3' failed." },
    ]);
  });

  test('rustc', () => {
    const output = `error[E0308]: mismatched types
 --> src/lib.rs:1:37
  |
error: could not compile \`calc\` (lib) due to 1 previous error
`;
    expect(parseDiagnostics('rustc', output)).toEqual([
      { file: 'src/lib.rs', line: 1, code: 'E0308', message: 'mismatched types' },
    ]);
  });

  test('any compiler are at most twenty', () => {
    const output = Array.from({ length: 50 }, (_, line) => `A.java:${line + 1}: error: bad`).join(
      '\n',
    );
    expect(parseDiagnostics('javac', output)).toHaveLength(20);
  });
});
