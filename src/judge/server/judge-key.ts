/**
 * The key of a judge's server: SLM_JUDGE_KEY, else OPENAI_API_KEY; undefined for servers that want none. Reads the
 * environment, and nothing else may: a key in a flag or a file ends in histories and records.
 */
export function judgeKeyFromEnvironment(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const key = env['SLM_JUDGE_KEY'] || env['OPENAI_API_KEY']
  return key === undefined || key.trim() === '' ? undefined : key.trim()
}

/** A text from a server without the key, should it echo it: nothing of the key may reach a record, log, error or cache. */
export function withoutKey(text: string, key: string | undefined): string {
  if (key === undefined) return text
  const plain = text.replaceAll(key, '[key]')
  // Some servers show the beginning and the end: `sk-ab***********xyz`.
  const start = key.slice(0, 5).replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
  return plain.replaceAll(new RegExp(`${start}[\\w-]*(?:\\*|\\.{3}|…)[\\w*.…-]*`, 'g'), '[key]')
}
