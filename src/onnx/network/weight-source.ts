/**
 * The values of a network by tensor name, row-major, axes as `networkTensors` lists them. Query heads are grouped: head
 * h reads key head floor(h / (heads / keyValueHeads)). Asked for one tensor at a time, so that a large network never
 * lies in memory whole.
 */
export type WeightSource = (name: string) => Float32Array
