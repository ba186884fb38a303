import { describe, expect, test } from 'vitest';
import {
  checkNonNegotiables,
  jdkMajor,
  jdkTool,
} from '../../../../lib/agents/oracle/nonNegotiables.ts';

const PLAIN = { language: 'java', tool: 'javac', root: '.' } as const;
const GRADLE = { ...PLAIN, tool: 'gradle', evidence: 'build.gradle' } as const;

function toolsOf(versions: Record<string, string>) {
  return new Map(
    Object.entries(versions).map(([tool, version]) => [
      tool,
      { tool, version, path: `/usr/bin/${tool}` },
    ]),
  );
}

describe('non-negotiables', () => {
  test('nothing demanded, nothing checked', () => {
    expect(checkNonNegotiables({}, toolsOf({}), PLAIN)).toEqual([]);
  });

  test('another JDK than the demanded one does not do, and the remedy is said', () => {
    expect(checkNonNegotiables({ jdk: 21 }, toolsOf({ javac: 'javac 17.0.15' }), PLAIN)).toEqual([
      {
        name: 'jdk',
        asked: '21',
        found: '17',
        satisfied: false,
        // What it says depends on the distribution of this machine.
        remedy: expect.stringContaining('JDK 21'),
      },
    ]);
  });

  test('the demanded JDK may be one of several', () => {
    const tools = toolsOf({ javac: 'javac 17.0.15', 'javac-25': 'javac 25.0.1' });
    expect(checkNonNegotiables({ jdk: 25 }, tools, PLAIN)[0]).toMatchObject({ satisfied: true });
    expect(jdkTool('javac', 25, tools)).toBe('javac-25');
    expect(jdkTool('javac', 17, tools)).toBe('javac');
    expect(jdkTool('javac', undefined, tools)).toBe('javac');
  });

  test('a build tool must be there, and so must its build file', () => {
    const tools = toolsOf({ gradle: 'Gradle 8.5' });
    expect(checkNonNegotiables({ build_tool: 'gradle' }, tools, GRADLE)[0]?.satisfied).toBe(true);
    expect(checkNonNegotiables({ build_tool: 'gradle' }, tools, PLAIN)[0]?.satisfied).toBe(false);
    expect(checkNonNegotiables({ build_tool: 'gradle' }, toolsOf({}), GRADLE)[0]).toMatchObject({
      found: null,
      satisfied: false,
    });
  });

  test.each([
    ['javac 17.0.15', 17],
    ['openjdk version "21" 2023-09-19', 21],
    ['javac 1.8.0_402', 8],
    ['unknown', undefined],
  ])('the major version of %j is %s', (text, major) => {
    expect(jdkMajor(text)).toBe(major);
  });
});
