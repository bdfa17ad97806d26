/** A line of progress for one file of a checkpoint. */
export function downloadLine(path: string, bytes: number | undefined): string {
  return `downloading ${path}${bytes === undefined ? '' : ` (${(bytes / 1e6).toFixed(1)} MB)`}`
}
