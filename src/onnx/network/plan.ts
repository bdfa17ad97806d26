import {SlmError} from '../../errors.ts'
import {countNetworkParameters, type NetworkShape} from './shape.ts'

/** Parts of the layers that go to the encoder and to the decoder; an encoder of 0 means decoder-only. */
export interface Split {
  readonly encoder: number
  readonly decoder: number
}

/** What a person fixes; the rest follows from the size wanted. */
export interface NetworkWish {
  readonly parameters: number
  readonly split: Split
  readonly vocabulary: number
  readonly contextLength: number
  readonly width?: number | undefined
  readonly heads?: number | undefined
  readonly keyValueHeads?: number | undefined
  readonly headSize?: number | undefined
  readonly hasBiases?: boolean | undefined
}

/** The paper's network at 332M: width 1024 at 20 + 10 layers, attention as wide as 3/8 of it. */
const PAPER_WIDTH_PER_LAYER = 1024 / 30
const ATTENTION_PART = 3 / 8
const PAPER_SPLIT: Split = {encoder: 2, decoder: 1}
/** A whole-layer network this near to its mark keeps the feed-forward of 4 widths. */
const NEAR_ENOUGH = 0.01
/** A feed-forward of whole vector registers is given up for a finer one only beyond this. */
const VERY_NEAR = 0.002
/** Widths of whole vector registers where they come near enough; tiny networks need finer steps. */
const FEED_FORWARD_STEPS = [16, 4, 1]

/**
 * A network of a wanted size. The mark is the paper's own form (split 2/3-1/3, feed-forward of 4 widths) nearest to
 * that size; every other split, and the decoder-only network, gets the same width and is brought to the mark by whole
 * layers, then by the feed-forward width. So the networks of one size differ in layers, not in parameters.
 */
export function planNetwork(wish: NetworkWish): NetworkShape {
  const width = wish.width ?? widthFor(wish)
  const paper = wholeLayers(wish, width, PAPER_SPLIT, wish.parameters)
  const mark = isNear(paper, wish.parameters) ? countNetworkParameters(paper) : wish.parameters
  const isPaper = wish.split.encoder === 2 * wish.split.decoder
  if (isPaper && isNear(paper, wish.parameters)) return paper
  return tuneFeedForward(wholeLayers(wish, width, wish.split, mark), mark)
}

/** The shape of a given width and numbers of layers; everything not given has the paper's proportions. */
export function shapeOf(
  wish: Omit<NetworkWish, 'parameters' | 'split'> & {
    readonly width: number
    readonly feedForward?: number | undefined
  },
  encoderLayers: number,
  decoderLayers: number,
): NetworkShape {
  const {width} = wish
  const headSize = wish.headSize ?? (width >= 512 ? 64 : width >= 128 ? 32 : 16)
  const heads = wish.heads ?? Math.max(2, 2 * Math.round((ATTENTION_PART * width) / headSize / 2))
  const keyValueHeads = wish.keyValueHeads ?? (heads % 2 === 0 ? heads / 2 : heads)
  if (heads % keyValueHeads !== 0)
    throw new SlmError(
      'shape-impossible',
      `${heads} heads cannot share ${keyValueHeads} key/value heads evenly`,
    )
  if (headSize % 2 !== 0) throw new SlmError('shape-impossible', `a head of ${headSize} cannot be halved`)
  return {
    vocabulary: wish.vocabulary,
    width,
    heads,
    keyValueHeads,
    headSize,
    feedForward: wish.feedForward ?? 4 * width,
    encoderLayers,
    decoderLayers,
    contextLength: wish.contextLength,
    ropeTheta: 10_000,
    ropeFactor: 1,
    hasBiases: wish.hasBiases ?? true,
    padToken: 0,
  }
}

/** The width at which the paper's split has the paper's proportion of width to depth. */
function widthFor(wish: NetworkWish): number {
  let best = 0
  let bestDistance = Number.POSITIVE_INFINITY
  for (let width = 32; width <= 8192; width += width < 256 ? 16 : 64) {
    const perGroup = parametersPerGroup(wish, width, PAPER_SPLIT)
    const rest = wish.parameters - wish.vocabulary * width
    const layers = (rest / perGroup) * (PAPER_SPLIT.encoder + PAPER_SPLIT.decoder)
    if (layers < 1) continue
    const distance = Math.abs(Math.log(width / layers / PAPER_WIDTH_PER_LAYER))
    if (distance < bestDistance) [best, bestDistance] = [width, distance]
  }
  if (best === 0)
    throw new SlmError(
      'shape-impossible',
      `${wish.parameters} parameters are too few for a vocabulary of ${wish.vocabulary}`,
      {hint: 'Give a smaller --vocabulary, or more --params.'},
    )
  return best
}

function parametersPerGroup(wish: NetworkWish, width: number, {encoder, decoder}: Split): number {
  const one = countNetworkParameters(shapeOf({...wish, width}, encoder, decoder))
  const two = countNetworkParameters(shapeOf({...wish, width}, 2 * encoder, 2 * decoder))
  return two - one
}

/** As many whole groups of layers (2 + 1 for 2/3-1/3) as come nearest to the mark. */
function wholeLayers(
  wish: NetworkWish,
  width: number,
  {encoder, decoder}: Split,
  mark: number,
): NetworkShape {
  const shape = (groups: number): NetworkShape =>
    shapeOf({...wish, width}, groups * encoder, groups * decoder)
  const first = countNetworkParameters(shape(1))
  const groups = Math.max(
    1,
    1 + Math.round((mark - first) / parametersPerGroup(wish, width, {encoder, decoder})),
  )
  return shape(groups)
}

function isNear(shape: NetworkShape, mark: number, distance = NEAR_ENOUGH): boolean {
  return Math.abs(countNetworkParameters(shape) / mark - 1) <= distance
}

function tuneFeedForward(shape: NetworkShape, mark: number): NetworkShape {
  for (const step of FEED_FORWARD_STEPS) {
    const smallest = countNetworkParameters({...shape, feedForward: step})
    const perStep = countNetworkParameters({...shape, feedForward: 2 * step}) - smallest
    const steps = 1 + Math.max(0, Math.round((mark - smallest) / perStep))
    const tuned = {...shape, feedForward: step * steps}
    if (isNear(tuned, mark, step === 1 ? NEAR_ENOUGH : VERY_NEAR)) return tuned
  }
  throw new SlmError(
    'shape-impossible',
    `no network of width ${shape.width} with ${shape.encoderLayers} + ${shape.decoderLayers} layers comes within 1% of ${mark} parameters`,
    {hint: 'Give another --width or --vocabulary, or name the layers.'},
  )
}
