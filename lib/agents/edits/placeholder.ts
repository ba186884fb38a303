const COMMENT = String.raw`(?:\/\/|#|--|\/\*+|<!--|\*|;)`;

/** Comments that stand for code the model did not write. An ellipsis in code (`...args`, Python's `...`) is none. */
const PLACEHOLDERS = [
  new RegExp(String.raw`^\s*${COMMENT}\s*(?:\.{3}|…)`),
  new RegExp(
    String.raw`${COMMENT}\s*(?:\.{3}\s*|…\s*)?(?:the\s+)?(?:rest|remainder) of (?:the |your |this )?(?:existing |original )?(?:code|file|class|function|implementation|methods?|module)`,
    'i',
  ),
  new RegExp(
    String.raw`${COMMENT}\s*(?:\.{3}\s*|…\s*)?(?:existing|previous|other|same|unchanged|original) (?:code|methods?|imports?|functions?|fields?|content)(?:\s+(?:here|remains?|stays?|as before|unchanged|goes here)|\s*(?:\.{3}|…))`,
    'i',
  ),
  new RegExp(
    String.raw`${COMMENT}\s*(?:TODO:?\s+)?(?:implement|add|your|insert) (?:the )?(?:rest|remaining|logic here|your code|code here|implementation here)`,
    'i',
  ),
  /(?:\.{3}|…) ?\(?(?:unchanged|omitted|snip)/i,
];

/** A line of the file must not be longer than this to be looked at: minified code is no comment. */
const LONGEST_LINE = 400;

/** The first line that stands for code left out; lines of the file as it was before do not count. */
export function findPlaceholder(content: string, before: string | undefined): string | undefined {
  const known = new Set(before?.split(/\r?\n/) ?? []);
  return content
    .split('\n')
    .find((line) => line.length <= LONGEST_LINE && !known.has(line) && isPlaceholder(line))
    ?.trim();
}

function isPlaceholder(line: string): boolean {
  return PLACEHOLDERS.some((pattern) => pattern.test(line));
}
