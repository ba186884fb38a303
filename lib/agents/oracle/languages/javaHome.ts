import { dirname } from 'node:path';
import { jdkTool } from '../nonNegotiables.ts';
import type { OracleSetting } from '../plan.ts';

/** Makes Maven and Gradle use the demanded JDK where it is not the usual one of this machine. */
export function javaHome({ nonNegotiables, tools }: OracleSetting): Record<string, string> {
  const name = jdkTool('javac', nonNegotiables.jdk, tools);
  const compiler = tools.get(name);
  return name === 'javac' || compiler === undefined
    ? {}
    : { JAVA_HOME: dirname(dirname(compiler.path)) };
}
