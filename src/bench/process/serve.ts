import {SlmError} from '../../errors.ts'
import type {FromMeasured, ToMeasured} from './messages.ts'
import type {OpenedProgram, Program} from './program.ts'

/**
 * The measured process's side: answers its parent until it is told to close or the parent is gone. It measures times, which
 * nobody else can; memory and energy are read from outside.
 */
export function serve(program: Program): void {
  let opened: OpenedProgram | undefined

  const answer = async (message: ToMeasured): Promise<FromMeasured> => {
    switch (message.kind) {
      case 'describe':
        if (program.describe === undefined) throw new Error('this program describes no models')
        return {kind: 'described', description: await program.describe(message.model)}
      case 'rates':
        if (program.rates === undefined) throw new Error('this program measures no machine')
        return {kind: 'rated', rates: await program.rates(message.threads)}
      case 'open': {
        const start = program.nowMs()
        opened = await program.open(message.model)
        return {kind: 'opened', facts: opened.facts, loadMs: program.nowMs() - start}
      }
      case 'generate': {
        if (opened === undefined) throw new Error('no model is open')
        const before = process.cpuUsage()
        const timing = await opened.generate(message.request)
        const {user, system} = process.cpuUsage(before)
        return {kind: 'generated', timing: {...timing, processorMs: (user + system) / 1000}}
      }
      case 'close':
        await opened?.close()
        return {kind: 'closed'}
    }
  }

  const say = (message: FromMeasured): void => {
    process.send?.(message, undefined, undefined, () => {
      if (message.kind === 'closed') process.disconnect?.()
    })
  }
  process.on('message', (message: ToMeasured) => {
    answer(message).then(say, (error: unknown) => say(failure(error)))
  })
  process.on('disconnect', () => process.exit())
  // Ctrl-C reaches every process of the terminal: what happens then is the parent's to say.
  process.on('SIGINT', () => undefined)
  say({kind: 'ready'})
}

function failure(error: unknown): FromMeasured {
  const isOurs = error instanceof SlmError
  return {
    kind: 'failed',
    message: error instanceof Error ? error.message : String(error),
    code: isOurs ? error.code : undefined,
    hint: isOurs ? error.hint : undefined,
  }
}
