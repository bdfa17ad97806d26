/**
 * Marks by which chat templates and tokenizers structure a conversation: `<|im_end|>`, `</s>`, `[INST]`, `<start_of_turn>`.
 * In text that a tokenizer reads they would be tokens, and a candidate could end the judge's message with one.
 */
const MARK =
  /<(?=\||\/?(?:s|pad|unk|bos|eos|mask|cls|sep|start_of_turn|end_of_turn|sys|think|extra_id_\d+|system|user|assistant)>|<sys>>|<\/sys>>)|\[(?=\/?(?:INST|CLS|SEP|MASK|PAD|UNK|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_RESULTS)\])/giu

/** Characters that would leave their line, hide text or reorder it: JSON lets them stand as they are. */
const UNSEEN = /[\p{Cf}\u2028\u2029\u007f-\u009f\u{e0000}-\u{e007f}]/gu

/**
 * Data for a judge as JSON: what was put in stays inside its quotes, on its line, visible, and free of the marks of chat
 * templates. The escapes are JSON's own, so the value is unchanged.
 */
export function dataJson(value: unknown): string {
  return JSON.stringify(value, null, 1).replace(MARK, escaped).replace(UNSEEN, escaped)
}

/** Data for a judge that reads plain text: one line, visible, free of the marks of chat templates. Other characters stay. */
export function plainData(text: string): string {
  return text.replaceAll(/\s+/gu, ' ').trim().replace(MARK, escaped).replace(UNSEEN, escaped)
}

function escaped(text: string): string {
  return Array.from(
    {length: text.length},
    (_, unit) => `\\u${text.charCodeAt(unit).toString(16).padStart(4, '0')}`,
  ).join('')
}
