import {join} from 'node:path'

/** Where things lie below the folder of a reproduction. */
export function reproducePaths(out: string) {
  return {
    tokenizer: join(out, 'tokenizer'),
    teacher: join(out, 'teacher'),
    /** What is known of each step: done or stopped, with which settings, in what time. */
    steps: join(out, 'steps'),
    /** What each step's command printed. */
    logs: join(out, 'logs'),
    made: (task: string, part: 'train' | 'easy') => join(out, 'data', `${task}-${part}.jsonl`),
    cell: (seed: number, cell: string) => join(out, `seed-${seed}`, cell),
    run: (seed: number, cell: string) => join(out, `seed-${seed}`, 'runs', cell),
  }
}
