/** Words of a question that say nothing about code, or that every file holds. */
const STOP_WORDS = new Set(
  'a an and are as at be but by can do does for from has have if in into is it its must no not of on or should so that the their then there these they this to use used uses using was when where which while will with you all any also new add change make fix file files function functions method methods class classes code test tests return returns value values def const let var public private static void import export self null none true false string int number type'.split(
    ' ',
  ),
);

const IDENTIFIER = /[\p{L}_$][\p{L}\p{N}_$]*|\p{N}+/gu;

/**
 * The terms of a text: every identifier in lower case, and its camel, snake and digit parts, with a light stem. In the
 * order of the text, with repetitions.
 */
export function tokenize(text: string, known: KnownTerms = new Map()): string[] {
  const terms: string[] = [];
  for (const [identifier] of text.matchAll(IDENTIFIER)) {
    let found = known.get(identifier);
    if (found === undefined) {
      found = termsOf(identifier);
      known.set(identifier, found);
    }
    for (const term of found) terms.push(term);
  }
  return terms;
}

/** Terms of identifiers seen before: a repository says the same few thousand again and again. */
export type KnownTerms = Map<string, readonly string[]>;

const LONGEST_IDENTIFIER = 80;

function termsOf(identifier: string): string[] {
  if (identifier.length > LONGEST_IDENTIFIER) return [];
  const whole = identifier.toLowerCase();
  const parts = partsOf(identifier);
  const terms = whole.length > 1 ? [stem(whole)] : [];
  return parts.length > 1 ? [...terms, ...parts.map(stem)] : terms;
}

/** The terms of a question, each with its count; without words that say nothing. */
export function queryTerms(text: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const term of tokenize(text)) {
    if (!STOP_WORDS.has(term)) counts.set(term, (counts.get(term) ?? 0) + 1);
  }
  return counts;
}

/** `parseHTTPRequest_v2` > parse, http, request, v, 2. */
function partsOf(identifier: string): string[] {
  return identifier
    .replace(/(\p{Ll}|\p{N})(\p{Lu})/gu, '$1 $2')
    .replace(/(\p{Lu}+)(\p{Lu}\p{Ll})/gu, '$1 $2')
    .replace(/(\p{L})(\p{N})/gu, '$1 $2')
    .split(/[\s_$]+/)
    .map((part) => part.toLowerCase())
    .filter((part) => part.length > 1 || /\p{N}/u.test(part));
}

/** Takes plural and the commonest endings off, so that "prices" finds `price` and "rounding" finds `round`. */
export function stem(term: string): string {
  if (term.length > 4 && term.endsWith('ies')) return `${term.slice(0, -3)}y`;
  if (term.length > 5 && term.endsWith('ing')) return undoubled(term.slice(0, -3));
  if (term.length > 4 && term.endsWith('ed')) return undoubled(term.slice(0, -2));
  if (term.length > 3 && term.endsWith('s') && !/(?:ss|us|is)$/.test(term))
    return term.slice(0, -1);
  return term;
}

function undoubled(term: string): string {
  return /([bdgmnprt])\1$/.test(term) ? term.slice(0, -1) : term;
}
