/**
 * The frame: one HTTP server, every party mounted under its own name, the oracle beside them. It
 * reads bodies, gives each call one reply, and knows no party's language.
 *
 *   /digiflazz/v1/…   /digiflazz2/v1/…   parties      /v1/…   the default party at the root
 *   /_sandbox/…                          oracle       /       front page
 *
 * X32. Every party is mounted under its own name; a kind may serve one instance at the root.
 * X33. Every call is answered or cut within limits: bodies are bounded, an unknown path is a 404
 *      with a sentence, a bug of ours is a 500 and not the end of the server.
 */

import uws, { type HttpRequest, type HttpResponse, type us_listen_socket } from 'uWebSockets.js'
import { Agenda } from './agenda.ts'
import { Fleet } from './boxes.ts'
import { Oracle } from './oracle.ts'
import { kinds } from './parties.ts'
import type { Party, Route } from './party.ts'
import { Reply } from './reply.ts'
import { Webhooks } from './webhook.ts'

export type Sandbox = {
  readonly url: string
  readonly port: number
  readonly parties: ReadonlyMap<string, Party>
  close(): Promise<void>
}

const bodyBytesMax = 1024 * 1024

/** Opens on `port`, or on a free one with 0; undefined if the port is taken. */
export async function openSandbox(options: {
  readonly port: number
  readonly host?: string
}): Promise<Sandbox | undefined> {
  const host = options.host ?? '127.0.0.1'
  const delays = new Agenda(() => performance.now())
  const webhooks = new Webhooks()
  const parties = new Map<string, Party>()
  const app = uws.App()

  const mount = (route: Route, prefix: string) => {
    const path = prefix + route.path
    const headers = route.headers ?? []
    const parameterCount = path.split('/:').length - 1
    const handler = (response: HttpResponse, request: HttpRequest) => {
      const reply = new Reply(response, delays)
      response.onAborted(() => {
        reply.isGone = true
      })
      const call = {
        method: route.method,
        query: request.getQuery() ?? '',
        parameters: parameterCount === 0 ? none : parametersOf(request, parameterCount),
        headers: headers.length === 0 ? noHeaders : headersOf(request, headers),
      }
      if (route.method === 'get') return guarded(route, { ...call, body: '' }, reply)
      readBody(response, reply, body => guarded(route, { ...call, body }, reply))
    }
    if (route.method === 'get') app.get(path, handler)
    else app.post(path, handler)
  }

  for (const kind of kinds) {
    for (const name of kind.instances) {
      const party = kind.open(name, { delays, webhooks })
      parties.set(name, party)
      for (const route of party.routes) {
        mount(route, `/${name}`)
        if (kind.atRoot === name) mount(route, '')
      }
    }
  }

  let url = ''
  const oracle = new Oracle({ parties, webhooks, url: () => url })
  for (const route of oracle.routes) mount(route, '')
  const fleet = new Fleet()
  for (const route of fleet.routes) mount(route, '')
  app.any('/*', (response, request) => {
    const reply = new Reply(response, delays)
    response.onAborted(() => {
      reply.isGone = true
    })
    const asked = `${request.getMethod().toUpperCase()} ${request.getUrl()}`
    const names = [...parties.keys()].map(name => `/${name}`).join(', ')
    const wrong = `Nothing answers ${asked} here. Parties: ${names}; see GET / and /_sandbox.`
    readBody(response, reply, () => reply.json(404, { wrong }))
  })

  const socket = await listen(app, host, options.port)
  if (!socket) {
    await Promise.all([...parties.values()].map(party => party.close?.()))
    await webhooks.close()
    return undefined
  }
  const port = uws.us_socket_local_port(socket)
  url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`
  return {
    url,
    port,
    parties,
    close: async () => {
      app.close()
      await fleet.close()
      delays.clear()
      for (const party of parties.values()) party.clock.reset()
      await Promise.all([...parties.values()].map(party => party.close?.()))
      await webhooks.close()
    },
  }
}

const none: readonly string[] = []
const noHeaders: Readonly<Record<string, string>> = {}

/** uWebSockets.js takes a host together with options; its types forgot to say so. */
type ListenExclusively = (
  host: string,
  port: number,
  options: number,
  opened: (socket: us_listen_socket | false) => void,
) => void

/** Exclusively: by default two processes could listen on one port, each with half of the calls. */
function listen(app: uws.TemplatedApp, host: string, port: number) {
  const exclusivePort = 1
  const listenOn = app.listen.bind(app) as unknown as ListenExclusively
  return new Promise<us_listen_socket | false>(resolve => {
    listenOn(host, port, exclusivePort, resolve)
  })
}

function guarded(route: Route, call: Parameters<Route['handle']>[0], reply: Reply) {
  try {
    route.handle(call, reply)
  } catch (error) {
    process.stderr.write(`sandbox: ${route.path}: ${(error as Error).stack}\n`)
    reply.json(500, { wrong: `The sandbox itself failed: ${(error as Error).message}` })
  }
}

/** Nearly every body comes in one piece, and then is copied once, into the text. */
function readBody(response: HttpResponse, reply: Reply, done: (body: string) => void) {
  let pieces: Buffer[] | undefined
  let size = 0
  response.onData((chunk, isLast) => {
    if (reply.isGone) return
    size += chunk.byteLength
    if (size > bodyBytesMax) {
      return reply.json(413, { wrong: `A body may have ${bodyBytesMax} bytes, not more.` })
    }
    if (isLast && !pieces) return done(Buffer.from(chunk).toString())
    pieces ??= []
    pieces.push(Buffer.from(new Uint8Array(chunk)))
    if (isLast) done(Buffer.concat(pieces).toString())
  })
}

function parametersOf(request: HttpRequest, count: number): string[] {
  return Array.from({ length: count }, (_, index) => decoded(request.getParameter(index) ?? ''))
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function headersOf(request: HttpRequest, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map(name => [name, request.getHeader(name)]))
}
