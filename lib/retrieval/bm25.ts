/** How often a repeated term still adds, and how much long documents are held back, after Robertson. */
const K1 = 1.2;
/** Saturates what a question repeats. */
const K3 = 1;

/** One part of a document: terms of a heavy field count for more, those of a long one for less. */
export interface Field {
  terms: readonly string[];
  weight: number;
  /** 0: its length does not matter; 1: it counts in full. */
  b: number;
}

/**
 * BM25F: what each document is worth for the question, in the order of the documents, 0 without a common term. Every
 * document has the same fields in the same order.
 */
export function bm25(
  documents: readonly (readonly Field[])[],
  question: ReadonlyMap<string, number>,
): number[] {
  const lengths = averageLengths(documents);
  const counted = documents.map((fields) => weightedCounts(fields, question, lengths));
  const inDocuments = new Map<string, number>();
  for (const counts of counted) {
    for (const term of counts.keys()) inDocuments.set(term, (inDocuments.get(term) ?? 0) + 1);
  }
  return counted.map((counts) => {
    let score = 0;
    for (const [term, frequency] of counts) {
      const asked = question.get(term) ?? 0;
      const rarity = idf(documents.length, inDocuments.get(term) ?? 0);
      score += rarity * (frequency / (K1 + frequency)) * (((K3 + 1) * asked) / (K3 + asked));
    }
    return score;
  });
}

function averageLengths(documents: readonly (readonly Field[])[]): number[] {
  const sums: number[] = [];
  for (const fields of documents) {
    for (const [at, { terms }] of fields.entries()) sums[at] = (sums[at] ?? 0) + terms.length;
  }
  return sums.map((sum) => Math.max(1, sum / documents.length));
}

function weightedCounts(
  fields: readonly Field[],
  question: ReadonlyMap<string, number>,
  averages: readonly number[],
): Map<string, number> {
  const counts = new Map<string, number>();
  for (const [at, { terms, weight, b }] of fields.entries()) {
    const share = weight / (1 - b + (b * terms.length) / (averages[at] ?? 1));
    for (const term of terms) {
      if (question.has(term)) counts.set(term, (counts.get(term) ?? 0) + share);
    }
  }
  return counts;
}

function idf(documents: number, holding: number): number {
  return Math.log(1 + (documents - holding + 0.5) / (holding + 0.5));
}
