/** A file in the form that answers have too; the fence is longer than any run of backticks inside. */
export function fencedFile(path: string, content: string): string {
  const runs = content.match(/`{3,}/g) ?? [];
  const fence = '`'.repeat(Math.max(2, ...runs.map((run) => run.length)) + 1);
  const ending = content.endsWith('\n') || content === '' ? '' : '\n';
  return `### FILE: ${path}\n${fence}\n${content}${ending}${fence}`;
}
