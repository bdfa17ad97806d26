import type {JudgeConfig} from '../../config/judge-config.ts'
import {openEmbedding} from '../../inference/embedding.ts'
import {resolveModel} from '../../inference/resolve-model.ts'
import type {Embedder} from '../judge.ts'

/** Embeddings by a checkpoint on this machine. Texts that were embedded are kept: references come again and again. */
export async function openLocalEmbedder(
  model: string,
  {device, threads}: Pick<JudgeConfig, 'device' | 'threads'>,
): Promise<Embedder> {
  const {name, folder} = await resolveModel(model)
  const embedding = await openEmbedding({folder, device, threads})
  const {dtype, digest, maxTokens} = embedding.facts
  const vectors = new Map<string, Promise<Float32Array>>()
  const vectorOf = (text: string): Promise<Float32Array> => {
    const known = vectors.get(text)
    if (known !== undefined) return known
    const made = embedding.embed([text]).then(([vector]) => vector!)
    vectors.set(text, made)
    return made
  }
  return {
    identity: {kind: 'checkpoint', name, digest, dtype, maxTokens},
    embed: (texts) => Promise.all(texts.map(vectorOf)),
    close: () => embedding.close(),
  }
}
