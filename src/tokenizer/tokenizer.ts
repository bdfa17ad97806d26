/** A chat message as chat templates take it. */
export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant'
  readonly content: string
}

/** Text to ids and back, exactly as the checkpoint's own tokenizer files say. */
export interface Tokenizer {
  /** sha256 of tokenizer.json and tokenizer_config.json. */
  readonly digest: string
  readonly vocabulary: number
  readonly hasChatTemplate: boolean
  /** `addSpecialTokens` false is what a chat template's text needs: it holds its own. */
  encode(text: string, options?: {readonly addSpecialTokens?: boolean}): number[]
  decode(ids: readonly number[], options?: {readonly skipSpecialTokens?: boolean}): string
  /** The text of the conversation with the opening of the assistant's turn, by the checkpoint's chat template. */
  chat(messages: readonly ChatMessage[]): string
}
