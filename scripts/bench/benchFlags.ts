export interface BenchFlags {
  slots: number;
  mutants: number;
  seed: number;
  short?: boolean;
  only?: string[];
}
