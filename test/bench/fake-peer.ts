/** A peer that opens nothing, and says of itself what a program with files of its own says. */
import {serve} from '../../src/bench/process/serve.ts'

serve({
  nowMs: () => 0,
  open: async ({peerFile, digest = `digest of ${peerFile}`}) => {
    if (peerFile?.endsWith('broken.gguf')) throw new Error('no magic\n  in the file')
    return {
      facts: {
        architecture: 'dec-only',
        dtype: 'gguf',
        vocabulary: 8,
        contextLength: undefined,
        digest,
        threads: 2,
        notes: ['runs a file of its own'],
        cannot: {},
      },
      generate: async () => {
        throw new Error('this peer generates nothing')
      },
      close: async () => undefined,
    }
  },
})
