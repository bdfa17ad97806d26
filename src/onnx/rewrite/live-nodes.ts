import {readNode} from '../read/model.ts'
import {MessageWriter} from '../write/message-writer.ts'
import {nestedNames} from './graph-values.ts'

/** A node as it will be written, and what it reads and makes. */
export interface WrittenNode {
  /** Values that it reads, those that its nested graphs read included. */
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly message: MessageWriter
}

/** A node as it stands in a file. */
export function writtenNode(bytes: Uint8Array): WrittenNode {
  const node = readNode(bytes, 0)
  return {
    inputs: [...node.inputs, ...nestedNames(node)],
    outputs: node.outputs,
    message: new MessageWriter().raw(bytes),
  }
}

/**
 * The nodes that the graph's outputs depend on, each behind those it reads. What a rewrite leaves without readers is
 * gone: ONNX Runtime would run it at every step.
 */
export function liveNodes(nodes: readonly WrittenNode[], outputs: Iterable<string>): readonly WrittenNode[] {
  const makers = new Map(nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)))
  const ordered: WrittenNode[] = []
  const seen = new Set<WrittenNode>()
  // An explicit stack: graphs are thousands of nodes deep.
  const stack: {readonly node: WrittenNode; next: number}[] = []
  const visit = (name: string): void => {
    const node = makers.get(name)
    if (node === undefined || seen.has(node)) return
    seen.add(node)
    stack.push({node, next: 0})
  }
  for (const output of outputs) {
    visit(output)
    while (stack.length > 0) {
      const top = stack.at(-1)!
      const input = top.node.inputs[top.next]
      top.next += 1
      if (input !== undefined) visit(input)
      else ordered.push(stack.pop()!.node)
    }
  }
  return ordered
}
