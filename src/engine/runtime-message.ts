/**
 * ONNX Runtime's complaint in one line: without its own source paths, error class and status code, which stand before
 * what happened ("... [ONNXRuntimeError] : 1 : FAIL : node.cc:12 Run What happened").
 */
export function runtimeMessage(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause)
  const line = text.trim().replaceAll(/\s+/g, ' ')
  const said = line.split(/\[ONNXRuntimeError\] : \d+ : [A-Z_]+ : /).at(-1)!
  return said
    .replace(/^(?:Exception during initialization: )?\/\S+\.(?:cc|h):\d+ [^.]*?\) /, '')
    .replace(/^\S+\.cc:\d+ \S+ /, '')
    .slice(0, 300)
}
