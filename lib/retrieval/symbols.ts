/** Lines that define something, in the languages of the service. The last group is the name. */
const DEFINITIONS: readonly RegExp[] = [
  /^[ \t]*(?:export\s+|default\s+|abstract\s+|async\s+|declare\s+|public\s+|private\s+|protected\s+|static\s+|final\s+|sealed\s+|pub(?:\([^)]*\))?\s+|unsafe\s+)*(?:class|interface|enum|record|struct|trait|type|namespace|module|mod|function\*?|def|fn|func|macro_rules!)\s+(?:\([^)]*\)\s*)?([\p{L}_$][\p{L}\p{N}_$]*)/gmu,
  /^[ \t]*(?:export\s+)?(?:const|let|var|static)\s+(?:mut\s+)?([\p{L}_$][\p{L}\p{N}_$]*)\s*[:=]/gmu,
  /^[ \t]+(?:(?:public|private|protected|static|final|abstract|synchronized|async|override|readonly)\s+)+(?:[\p{L}\p{N}_$<>[\],.? ]+\s+)?([\p{L}_$][\p{L}\p{N}_$]*)\s*\(/gmu,
];

/** The names that a source file defines. By pattern, so now and then one too many: good enough to rank by. */
export function symbolsOf(text: string): string[] {
  const names = new Set<string>();
  for (const definition of DEFINITIONS) {
    for (const [, name] of text.matchAll(definition)) if (name !== undefined) names.add(name);
  }
  return [...names];
}
