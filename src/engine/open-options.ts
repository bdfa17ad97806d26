import type {Dtype} from './language-model.ts'

export interface OpenModelOptions {
  /** A folder that exists. */
  readonly folder: string
  /** As the user named the model. */
  readonly name: string
  readonly dtype?: Dtype | undefined
  /** Name of an execution provider; `cpu` when absent. */
  readonly device?: string | undefined
  readonly threads?: number | undefined
  /** What can be promised about batches: MatMulNBits in float, dynamic int8 one unpadded row at a time. */
  readonly exact?: boolean | undefined
  /** True runs decoders as their files have them, for comparison. Default false: a cache in place and weights once, where proven. */
  readonly asInFile?: boolean | undefined
  /**
   * Decoder-only: prompts start after the prefix that they share with one that ran before. Where the numbers of a file depend
   * on the batch they then depend on what ran before as well. Default: true where they do not.
   */
  readonly prefixCache?: boolean | undefined
  /** sha256 over the files where it is known already; they are hashed when absent. */
  readonly digest?: string | undefined
}
