import type { HeaderTensor } from './headerParts.ts';

/** Width of the compressed question, and of a head's part that is not rotated and of its value (GLM-4.7-Flash). */
const QUESTION_RANK = 768;
const NOT_ROTATED = 192;
const VALUE = 256;

/** Attention that keeps one compressed vector a token (MLA), as DeepSeek's architecture names its parts. */
export function latentTensors(
  embedding: number,
  { rank, rope }: { rank: number; rope: number },
  heads: number,
): HeaderTensor[] {
  return [
    { name: 'attn_norm.weight', shape: [embedding], type: 'F32' },
    { name: 'attn_q_a.weight', shape: [embedding, QUESTION_RANK], type: 'Q4_K' },
    { name: 'attn_q_a_norm.weight', shape: [QUESTION_RANK], type: 'F32' },
    { name: 'attn_q_b.weight', shape: [QUESTION_RANK, heads * (NOT_ROTATED + rope)], type: 'Q4_K' },
    { name: 'attn_kv_a_mqa.weight', shape: [embedding, rank + rope], type: 'Q4_K' },
    { name: 'attn_kv_a_norm.weight', shape: [rank], type: 'F32' },
    { name: 'attn_k_b.weight', shape: [NOT_ROTATED, rank, heads], type: 'Q8_0' },
    { name: 'attn_v_b.weight', shape: [rank, VALUE, heads], type: 'Q8_0' },
    { name: 'attn_output.weight', shape: [heads * VALUE, embedding], type: 'Q4_K' },
    { name: 'ffn_norm.weight', shape: [embedding], type: 'F32' },
  ];
}
