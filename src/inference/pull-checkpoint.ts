import {SlmError} from '../errors.ts'

export async function pullCheckpoint(id: string): Promise<string> {
  throw new SlmError('hub', id)
}
