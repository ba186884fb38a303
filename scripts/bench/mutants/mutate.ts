import type { Language } from '../../../lib/task/payload.ts';

export interface Mutant {
  /** 1-based line of the change. */
  line: number;
  what: 'operator' | 'constant' | 'condition' | 'statement';
  before: string;
  after: string;
  text: string;
}

type Kind = Mutant['what'];

/** One token and what stands in its place; blanks around an operator tell it from a type's brackets. */
const TOKENS: readonly [Kind, RegExp, (token: string) => string][] = [
  [
    'operator',
    / (<=|>=|<|>|===|!==|==|!=|\+|-|\*|\/|%|\/\/) /g,
    (token) => ` ${swapped(token.trim())} `,
  ],
  ['operator', / (\+=|-=|\*=|&&|\|\||and|or) /g, (token) => ` ${swapped(token.trim())} `],
  ['operator', /\+\+/g, () => '--'],
  ['constant', /(?<![\w.])\d+(?![\w.])/g, (token) => String(Number(token) + 1)],
  ['constant', /\b(true|false|True|False)\b/g, swapped],
  ['condition', /\bif \((?:[^()]|\([^()]*\))*\)/g, () => 'if (true)'],
  ['condition', /\b(?:el)?if [^:(]+:$/gm, (token) => token.replace(/if .*/, 'if True:')],
  ['condition', /\bnot (?!in\b)|(?<=[(\s&|])!(?=[\w(])/g, () => ''],
];

const SWAPS: Readonly<Record<string, string>> = {
  '<': '<=',
  '<=': '<',
  '>': '>=',
  '>=': '>',
  '===': '!==',
  '!==': '===',
  '==': '!=',
  '!=': '==',
  '+': '-',
  '-': '+',
  '*': '/',
  '/': '*',
  '//': '*',
  '%': '*',
  '+=': '-=',
  '-=': '+=',
  '*=': '+=',
  '&&': '||',
  '||': '&&',
  and: 'or',
  or: 'and',
  true: 'false',
  false: 'true',
  True: 'False',
  False: 'True',
};

function swapped(token: string): string {
  return SWAPS[token] ?? token;
}

const C_STATEMENT = {
  line: /^\s+(?!\s|return|goto|int |long |char |size_t |const |auto |struct |std::)[^\n]*;$/,
  instead: ';',
};

/** A statement that stands on a line of its own and declares nothing. */
const STATEMENTS: Record<Language, { line: RegExp; instead: string }> = {
  python: {
    line: /^\s+(?!\s|def|class|else|try|except|finally|from|import)[^\n]*[^:,([\s]$/,
    instead: 'pass',
  },
  javascript: { line: /^\s+(?!\s|const|let|import|export|#)[^\n]*;$/, instead: ';' },
  typescript: { line: /^\s+(?!\s|const|let|import|export|#|readonly)[^\n]*;$/, instead: ';' },
  java: {
    line: /^\s+(?!\s|return|throw|private|public|int |long |char|String|import)[^\n]*;$/,
    instead: ';',
  },
  go: { line: /^\s+(?!\s|return|func|import)\w+ = [^\n{]*$/, instead: '' },
  c: C_STATEMENT,
  cpp: C_STATEMENT,
  rust: { line: /^\s+(?!\s|let|return|use)[^\n]*;$/, instead: '' },
};

/** Every text that differs from `source` by one operator, constant, condition or statement, in order of place. */
export function mutantsOf(language: Language, source: string): Mutant[] {
  const hidden = hiddenPlaces(language, source);
  const tokens = TOKENS.flatMap(([what, pattern, replace]) =>
    [...source.matchAll(pattern)].map((match) => ({
      what,
      at: match.index,
      before: match[0],
      after: replace(match[0]),
    })),
  );
  return [...tokens, ...statementsOf(language, source)]
    .filter(({ at, before, after }) => before !== after && !(hidden[at] ?? hidden[at + 1] ?? false))
    .sort((a, b) => a.at - b.at)
    .map(({ what, at, before, after }) => ({
      what,
      line: source.slice(0, at).split('\n').length,
      before: before.trim(),
      after: after.trim(),
      text: source.slice(0, at) + after + source.slice(at + before.length),
    }));
}

function statementsOf(language: Language, source: string) {
  const { line, instead } = STATEMENTS[language];
  let at = 0;
  return source.split('\n').flatMap((before) => {
    const start = at;
    at += before.length + 1;
    if (!line.test(before)) return [];
    const indent = /^\s*/.exec(before)?.[0] ?? '';
    const [lead, rest] = [start + indent.length, before.slice(indent.length)];
    return [{ what: 'statement' as const, at: lead, before: rest, after: instead }];
  });
}

/** True at each place within a string or a comment. */
function hiddenPlaces(language: Language, source: string): boolean[] {
  const hidden: boolean[] = [];
  const comment = language === 'python' ? /#[^\n]*/ : /\/\/[^\n]*|\/\*[\s\S]*?\*\//;
  const patterns = new RegExp(
    String.raw`"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|${comment.source}|/\[[^\n]*?\]\+?/g?`,
    'g',
  );
  for (const { index, 0: text } of source.matchAll(patterns)) {
    for (let at = index; at < index + text.length; at += 1) hidden[at] = true;
  }
  return hidden;
}
