import {type GraphSource, type OpenSession, openSession, type SessionOptions} from './session.ts'

/** The opened graphs of one model. */
export class ModelSessions {
  private readonly options: SessionOptions
  private readonly opened = new Set<OpenSession>()
  /** Of those that were closed. */
  private pastMs = 0

  constructor(options: SessionOptions) {
    this.options = options
  }

  async open(source: GraphSource): Promise<OpenSession> {
    const session = await openSession(source, this.options)
    this.opened.add(session)
    return session
  }

  /** Milliseconds inside ONNX Runtime so far, all graphs together. */
  computeMs(): number {
    return [...this.opened].reduce((sum, session) => sum + session.computeMs(), this.pastMs)
  }

  async closeOne(session: OpenSession): Promise<void> {
    if (!this.opened.delete(session)) return
    this.pastMs += session.computeMs()
    await session.close()
  }

  async close(): Promise<void> {
    for (const session of this.opened) await this.closeOne(session)
  }
}
