import {createServer, type IncomingMessage, type Server, type ServerResponse} from 'node:http'
import type {AddressInfo} from 'node:net'

export type Answer = (request: IncomingMessage, response: ServerResponse) => void

export interface FileServer {
  readonly origin: string
  /** Path and headers of every request, in order. */
  readonly requests: {readonly path: string; readonly headers: IncomingMessage['headers']}[]
  readonly close: () => Promise<void>
}

/** A small web server for downloads: answers by path, 404 for the rest. */
export async function fileServer(answers: Readonly<Record<string, Answer>>): Promise<FileServer> {
  const requests: FileServer['requests'] = []
  const server: Server = createServer((request, response) => {
    const path = request.url ?? ''
    requests.push({path, headers: request.headers})
    const answer = answers[path]
    if (answer === undefined) response.writeHead(404).end()
    else answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const {port} = server.address() as AddressInfo
  return {
    origin: `http://127.0.0.1:${port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}

/** Serves bytes with an ETag and ranges, as object stores do; `cutAfter`: breaks each connection after so many bytes. */
export function bytes(
  body: Buffer,
  options: {readonly etag?: string; readonly cutAfter?: number} = {},
): Answer {
  const etag = options.etag ?? '"one"'
  return (request, response) => {
    const range = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')
    const ifRange = request.headers['if-range']
    const start = range !== null && (ifRange === undefined || ifRange === etag) ? Number(range[1]) : 0
    if (start >= body.length && range !== null) {
      response.writeHead(416, {'content-range': `bytes */${body.length}`}).end()
      return
    }
    const rest = body.subarray(start)
    const headers = {etag, 'content-length': rest.length}
    if (range !== null && start > 0)
      response.writeHead(206, {
        ...headers,
        'content-range': `bytes ${start}-${body.length - 1}/${body.length}`,
      })
    else response.writeHead(200, headers)
    if (options.cutAfter === undefined || rest.length <= options.cutAfter) response.end(rest)
    // The client drops what it has not read yet when the connection breaks: give it time to read.
    else
      response.write(rest.subarray(0, options.cutAfter), () => void setTimeout(() => response.destroy(), 50))
  }
}
