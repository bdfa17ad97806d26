import {z} from 'zod'
import type {JudgeConfig} from '../../config/judge-config.ts'
import type {TokenUsage} from '../../store/judgement.ts'
import {estimatedPromptTokens, estimatedTokens} from '../estimated-tokens.ts'
import type {JudgeRequest, LostRequest, StoredReply, WritingJudge} from '../judge.ts'
import {withoutKey} from './judge-key.ts'
import {type Connection, post} from './server-connection.ts'

/** What is read of a chat completion; the rest is the server's own. */
const completion = z.looseObject({
  choices: z
    .array(
      z.looseObject({
        message: z.looseObject({content: z.string().nullish(), refusal: z.string().nullish()}),
        finish_reason: z.string().nullish(),
      }),
    )
    .min(1),
  usage: z
    .looseObject({prompt_tokens: z.int().nonnegative(), completion_tokens: z.int().nonnegative()})
    .nullish(),
  model: z.string().nullish(),
  system_fingerprint: z.string().nullish(),
})

export type ServerSettings = Pick<
  JudgeConfig,
  'temperature' | 'maxTokens' | 'seed' | 'responseFormat' | 'body'
>

/** A judge behind `POST /chat/completions`: OpenAI, or any server that speaks as it does. */
export function serverJudge(model: string, config: ServerSettings, connection: Connection): WritingJudge {
  const {temperature, maxTokens, seed, responseFormat, body} = config
  // These decide replies; prices, limits and the like must not change a key.
  const settings = {temperature, maxTokens, seed, responseFormat, body}
  return {
    kind: 'writing',
    identity: {kind: 'server', host: hostOf(connection.baseUrl), model},
    settings,
    reply: (request) => reply(model, settings, connection, request),
    close: async () => undefined,
  }
}

/** Host and path: what names a server in records. */
export function hostOf(baseUrl: string): string {
  const {host, pathname} = new URL(baseUrl)
  return `${host}${pathname}`.replace(/\/$/, '')
}

async function reply(
  model: string,
  settings: ServerSettings,
  connection: Connection,
  request: JudgeRequest,
): Promise<StoredReply | LostRequest> {
  const promptTokens = estimatedPromptTokens(request.messages)
  const most = {promptTokens, completionTokens: settings.maxTokens}
  const answer = await post(connection, '/chat/completions', bodyOf(model, settings, request), most)
  if (answer.kind !== 'received') return answer
  const checked = completion.safeParse(answer.json)
  if (!checked.success) {
    answer.settle(most)
    return {kind: 'failed', why: 'the server’s reply is not a chat completion'}
  }
  const {choices, usage, model: answered, system_fingerprint} = checked.data
  const [{message, finish_reason}] = choices as [(typeof choices)[number]] // at least one, by the schema
  const text = withoutKey(message.refusal ?? message.content ?? '', connection.key)
  const used: TokenUsage =
    usage == null
      ? {promptTokens, completionTokens: estimatedTokens(text)}
      : {promptTokens: usage.prompt_tokens, completionTokens: usage.completion_tokens}
  answer.settle(used)
  const isRefused = (message.refusal ?? '') !== '' || finish_reason === 'content_filter'
  return {
    kind: isRefused ? 'refused' : 'text',
    text,
    isCut: finish_reason === 'length',
    usage: used,
    ...(answered == null ? {} : {model: answered}),
    ...(system_fingerprint == null ? {} : {fingerprint: system_fingerprint}),
  }
}

/** The request's keys; those of `body` win, and null there takes a key away. */
function bodyOf(model: string, settings: ServerSettings, request: JudgeRequest): object {
  const {temperature, maxTokens, seed, responseFormat, body} = settings
  const {schema, vote, attempt, messages} = request
  const format = {
    'json-schema': {
      type: 'json_schema',
      json_schema: {name: schema.name, strict: true, schema: schema.json},
    },
    'json-object': {type: 'json_object'},
    none: undefined,
  }[responseFormat]
  const keys: Record<string, unknown> = {
    model,
    messages,
    temperature,
    max_tokens: maxTokens,
    // Votes must be able to differ where the server can be seeded.
    seed: seed + 1000 * vote + attempt,
    ...(format === undefined ? {} : {response_format: format}),
    ...body,
  }
  return Object.fromEntries(Object.entries(keys).filter(([, value]) => value !== null))
}
