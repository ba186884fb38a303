import {
  goalLine,
  NOTICE,
  noticeLines,
  type ScaffoldRequest,
  type SourceFile,
} from './sourceFile.ts';

const MARKS: Record<string, string> = {
  sql: '--',
  lua: '--',
  kt: '//',
  kts: '//',
  groovy: '//',
  gradle: '//',
  scala: '//',
  c: '//',
  h: '//',
  cpp: '//',
  cs: '//',
  swift: '//',
  php: '//',
};

/** A file that is of no language the scaffold knows: well-formed, and empty but for the notice. */
export function otherFile(path: string, { goal }: ScaffoldRequest): SourceFile {
  const extension = path.slice(path.lastIndexOf('.') + 1).toLowerCase();
  switch (extension) {
    case 'json':
      return { path, content: '{}\n' };
    case 'md':
      return { path, content: `# To do\n\n${NOTICE}\n${goalLine(goal)}\n` };
    case 'html':
      return { path, content: `<!doctype html>\n<!-- ${NOTICE} ${goalLine(goal)} -->\n` };
    case 'xml':
      return {
        path,
        content: `<?xml version="1.0" encoding="UTF-8"?>\n<!-- ${NOTICE} -->\n<root/>\n`,
      };
    case 'css':
      return { path, content: `/* ${NOTICE} ${goalLine(goal)} */\n` };
    default:
      return { path, content: noticeLines(MARKS[extension] ?? '#', goal) };
  }
}
