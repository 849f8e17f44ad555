/**
 * The gateway: where strangers arrive over HTTP and WebSocket. It parses, authenticates,
 * translates, asks a service, and answers. It decides nothing and remembers nothing that matters.
 *
 *   socket ─▶ route ─▶ body (64 KiB) ─▶ proof ─▶ shape ─▶ call ─▶ envelope
 *
 * uWebSockets.js serves one request per connection at a time: whoever pipelines behind a request
 * that is with a service has the connection closed, by its parser and before we hear of the second
 * one, so the first can't be answered any more. What was sent before is done none the less, and found
 * again by its ref_id. Clients read that in the README and at /docs.
 *
 * GG1. A known path with another method is 405 and says which; an unknown path is 404; both in the
 *      envelope of the line that lives there, but for a browser that looks for a page
 *      (`lost-page.ts`).
 * GG2. Closing takes no new work, lets what is with the services finish, then lets go of all.
 * GG3. A port that is taken is an error at the start, never a silent second listener.
 * GG4. What only the demo has does not exist in production.
 * GG5. Where several gateways serve, a nonce that one of them took is none any more at the others,
 *      a moment later.
 */

import uWS, { type HttpRequest, type HttpResponse } from 'uWebSockets.js'
import { fileURLToPath } from 'node:url'
import type { BeginTrace } from '../services/contract/trace.ts'
import type { Millis } from '../services/contract/words.ts'
import type { Call, Signals } from '../services/contract.ts'
import { Visit } from './answer.ts'
import { proofOf } from './auth.ts'
import { Allowances, admitAnybody } from './bearer.ts'
import { Bodies } from './body.ts'
import {
  digiflazzVerbs,
  isDigiflazzPath,
  sayRefused,
  speakDigiflazz,
} from './dialects/digiflazz.ts'
import { documents } from './docs.route.ts'
import { type Client, type Edge, guarded, type Mode } from './edge.ts'
import { Pulse, readHealth, readMetrics, readReadiness } from './health.route.ts'
import {
  dialectKeys,
  Keyring,
  machineKeys,
  memberKeys,
  resellerKeys,
  sessionKeys,
} from './keyring.ts'
import { AddressBuckets, defaultLimits, Flights, type Limits, Nonces } from './limits.ts'
import { type Line, lines } from './lines.ts'
import { Live } from './live.ts'
import { lostOf } from './lost-page.ts'
import { readBalance, readMutations } from './money/wallet.route.ts'
import { choose, readPages, unslashed } from './pages.ts'
import { isJson, readBody } from './reading.ts'
import { type Access, type Hung, routerOf, type Verb } from './router.ts'
import { isSoundboxPath, speakSoundbox } from './soundbox/answer.ts'
import { askerOf, type DemoBox, payDemo, tellBox } from './soundbox/demo-box.route.ts'
import { type EnterMqtt, MqttPipes } from './soundbox/mqtt-pipe.ts'
import { callbackPaths, senderOf, takeCallback } from './topup/callbacks.route.ts'
import { buyDemo, type Demo } from './topup/demo.route.ts'
import { readProducts, Shelves } from './topup/products.route.ts'
import { isXml, printXml, readXmlBody, wantsXml, xmlType } from './topup/rest-xml.ts'
import { findOrder, placeOrder, readOrder } from './topup/transactions.route.ts'

export type GatewayOptions = {
  /** 0 takes a free one. */
  readonly port: number
  readonly call: Call
  /** Subscribes to a signal of the mesh; gives back how to stop. */
  readonly onSignal: <S extends keyof Signals>(
    name: S,
    handler: (signal: Signals[S]) => void,
  ) => () => void
  readonly mode: Mode
  readonly publicUrl: string
  readonly limits?: Partial<Limits>
  /** Proxies of ours in front, whose X-Forwarded-For is believed; none by default. */
  readonly proxies?: number
  /** The way to the MQTT broker of this process; /mqtt leads there. None by default. */
  readonly enterMqtt?: EnterMqtt
  /** Whose orders the button on the demo page makes. */
  readonly demo?: Demo
  /** The box that the page at /kotak may be. */
  readonly demoBox?: DemoBox
  /** Where one plays the world outside: pays a QR, sends an SMS. */
  readonly playUrl?: string
  readonly pages?: string
  /** Routes beyond the core; those of `lines.ts` when absent. */
  readonly lines?: readonly Line[]
  readonly now?: () => Millis
  readonly machineNow?: () => Millis
  readonly onFault?: Edge['onFault']
  /** Told, some at a time, which nonces were used here: other gateways may not take them again. */
  readonly onNonces?: (digests: readonly number[]) => void
  /** None: nothing is traced. */
  readonly beginTrace?: BeginTrace | null
}

export type Gateway = {
  readonly port: number
  /** All that is hung in. */
  readonly table: readonly Hung[]
  close(): Promise<void>
}

export async function openGateway(options: GatewayOptions): Promise<Gateway> {
  const edge = edgeOf(options)
  const app = uWS.App()
  const live = new Live(edge, app)
  const pipes = options.enterMqtt === undefined ? null : new MqttPipes(edge, options.enterMqtt)
  const table = mount(app, edge, { live, pipes }, options)
  const listener = await listen(app, options.port)
  const silence = [
    options.onSignal('client.changed', ({ userId }) => {
      for (const ring of [
        ...[edge.machines, edge.resellers, edge.members],
        ...[edge.bareKeys, edge.people],
      ]) {
        ring.forgetClient(userId)
      }
      void live.lookAgain(line => line.user?.userId === userId)
    }),
    options.onSignal('key.changed', ({ keyId }) => {
      edge.machines.forget(keyId)
      void live.lookAgain(line => line.keyId === keyId)
    }),
    options.onSignal('cards.missed', () => void live.lookAgain(() => true)),
    options.onSignal('live.event', signal => live.event(signal)),
    options.onSignal('live.staff', ({ event }) => live.staffEvent(event)),
    options.onSignal('live.pulse', signal => live.pulse(signal)),
    options.onSignal('nonces.used', ({ digests }) => edge.nonces.hear(digests)),
    options.onSignal('owner.moved', () => live.moved()),
    options.onSignal('session.changed', ({ sid }) => {
      edge.people.forget(sid)
      void live.lookAgain(line => line.sid === sid)
    }),
  ]
  const sweeper = setInterval(() => {
    edge.bodies.sweep()
    live.sweep()
  }, 1_000)
  return {
    port: uWS.us_socket_local_port(listener as never),
    table,
    async close() {
      if (edge.stopping) return
      edge.stopping = true
      uWS.us_listen_socket_close(listener)
      for (const stop of silence) stop()
      live.close()
      pipes?.close()
      await settled(edge)
      clearInterval(sweeper)
      app.close()
    },
  }
}

function edgeOf(options: GatewayOptions): Edge {
  const limits = { ...defaultLimits, ...options.limits }
  const { now = Date.now, machineNow = now } = options
  const { mode, publicUrl, proxies = 0, onFault = () => undefined, onNonces } = options
  const call: Call = (action, params) => options.call(action, params, edge.serving)
  const keeping = { freshMs: limits.keyFreshMs, now }
  const edge: Edge = {
    call,
    ...{ now, machineNow },
    mode,
    publicUrl,
    playUrl: (mode === 'demo' && options.playUrl) || null,
    limits,
    proxies,
    onFault,
    bodies: new Bodies(limits, now),
    machines: new Keyring(machineKeys(call), keeping),
    resellers: new Keyring(resellerKeys(call), keeping),
    members: new Keyring(memberKeys(call), keeping),
    bareKeys: new Keyring(dialectKeys(call), keeping),
    people: new Keyring(sessionKeys(call), keeping),
    allowances: new Allowances(),
    // A timestamp may lie five minutes ahead and stays acceptable five minutes after.
    nonces: new Nonces(
      ...([limits.nonceMax, 10 * 60_000, now()] as const),
      onNonces && gathered(onNonces),
    ),
    flights: new Flights(limits.inFlightMax),
    failures: new AddressBuckets(limits.authFailuresPerMin),
    paces: {
      client: new AddressBuckets(limits.numberAsksPerMin),
      staff: new AddressBuckets(limits.staffPerMin),
    },
    serving: null,
    stopping: false,
  }
  return edge
}

/** Together what comes within a moment. */
function gathered(tell: (digests: readonly number[]) => void): (digest: number) => void {
  let waiting: number[] = []
  return digest => {
    if (waiting.push(digest) > 1) return
    setTimeout(() => {
      tell(waiting)
      waiting = []
    }, nonceMs)
  }
}

type Handler = (visit: Visit, req: HttpRequest) => void

type Sockets = { readonly live: Live; readonly pipes: MqttPipes | null }

function mount(
  app: uWS.TemplatedApp,
  edge: Edge,
  { live, pipes }: Sockets,
  options: GatewayOptions,
): Hung[] {
  const table: Hung[] = []
  const allowed = new Map<string, string[]>()
  /** What HEAD asks like GET; elsewhere it only learns that the address exists. */
  const probes = new Map<string, (visit: Visit) => void>()
  const greet = (res: HttpResponse, req: HttpRequest): Visit =>
    new Visit(res, {
      method: req.getMethod(),
      path: req.getUrl(),
      query: req.getQuery() ?? '',
      forwarded: edge.proxies === 0 ? '' : req.getHeader('x-forwarded-for'),
    })
  const route = (verb: Verb, path: string, handler: Handler, access = toAnybody) => {
    table.push({ verb, path, access })
    const verbs = allowed.get(path) ?? []
    allowed.set(path, verbs)
    const method = verb === 'del' ? 'DELETE' : verb.toUpperCase()
    verbs.push(method)
    const isSoundbox = isSoundboxPath(path)
    const begin = isUntraced.test(path) ? null : (options.beginTrace ?? null)
    app[verb](path, (res, req) => {
      const visit = greet(res, req)
      if (begin !== null) {
        visit.traced = begin(visit.id, method, path, req.getHeader('traceparent'))
      }
      if (isSoundbox) speakSoundbox(visit)
      guarded(edge, visit, () => handler(visit, req))
    })
  }
  const posted = (
    path: string,
    handler: (visit: Visit, req: HttpRequest) => Taker,
    access = toAnybody,
  ): void => {
    const whole: Handler = (visit, req) => {
      const take = handler(visit, req)
      edge.bodies.read(visit, req.getHeader('content-length'), (_, body) =>
        guarded(edge, visit, () => take(visit, body)),
      )
    }
    route('post', path, whole, access)
  }
  const machine = (path: string, serve: (req: HttpRequest, visit: Visit) => ServeClient): void => {
    const proven: Handler = (visit, req) => {
      const served = serve(req, visit)
      admitAnybody(edge, visit, proofOf(req), noBody, (_, client) => served(visit, client))
    }
    route('get', path, proven, toClients)
  }

  const placing = (visit: Visit, req: HttpRequest): Taker => {
    visit.ordering = true
    const proof = proofOf(req)
    const type = req.getHeader('content-type')
    const read = isJson(type) ? readBody : isXml(type) ? readXmlBody : null
    if (read === readXmlBody) visit.print = inXml
    return (_, body) => {
      if (read === null) {
        return visit.refuse('CONTENT_TYPE_UNSUPPORTED', { moneyEffect: 'none' })
      }
      admitAnybody(edge, visit, proof, body, (_, client, whole) =>
        guarded(edge, visit, () => placeOrder(edge, visit, client, whole, read)),
      )
    }
  }
  /** As JSON or XML, as Accept says. */
  const either = (serve: ServeClient) => (req: HttpRequest, visit: Visit) => {
    if (wantsXml(req.getHeader('accept'))) visit.print = inXml
    return serve
  }
  posted('/api/v1/transactions', placing, toClients)
  const find = either((visit, client) => findOrder(edge, visit, client))
  const read = either((visit, client) => readOrder(edge, visit, client))
  machine('/api/v1/transactions', find)
  machine('/api/v1/transactions/:trx_id', read)
  const balance = either((visit, client) => readBalance(edge, visit, client))
  machine('/api/v1/balance', (req, visit) => {
    visit.takesConsumers = true
    return balance(req, visit)
  })
  machine('/api/v1/mutations', (_, visit) => {
    visit.takesConsumers = true
    return (_, client) => readMutations(edge, visit, client)
  })

  const shelves = new Shelves(edge)
  machine('/api/v1/products', req => {
    const etag = req.getHeader('if-none-match')
    return readProducts(edge, shelves, { etag, accept: req.getHeader('accept-encoding') })
  })

  const callers = new AddressBuckets(edge.limits.callbacksPerMin)
  for (const path of callbackPaths) {
    posted(path, (_, req) => takeCallback(edge, callers, senderOf(req)))
    route('get', path, (visit, req) =>
      takeCallback(edge, callers, senderOf(req))(visit, Buffer.from(visit.query)),
    )
  }

  for (const verb of digiflazzVerbs) {
    const speak = speakDigiflazz(edge, shelves, verb)
    posted(`/h2h/v1/${verb}`, (visit, req) => {
      visit.dialect = sayRefused
      const accept = verb === 'price-list' ? req.getHeader('accept-encoding') : ''
      return (_, body) => speak(visit, body, accept)
    })
  }

  const router = routerOf(edge, route)
  for (const hang of options.lines ?? lines) hang(router, edge)

  const pulse = new Pulse(edge)
  const probe = (path: string, handler: (visit: Visit) => void) => {
    route('get', path, handler)
    probes.set(path, handler)
  }
  for (const path of ['/health', '/api/v1/health']) probe(path, visit => readHealth(visit))
  probe('/health/ready', visit => readReadiness(edge, visit, { pulse, deep: false }))
  probe('/health/deep', visit => readReadiness(edge, visit, { pulse, deep: true }))
  route('get', '/metrics', visit => readMetrics(edge, visit, () => live.sockets))

  if (options.mode === 'demo' && options.demo !== undefined) {
    const buyers = new AddressBuckets(edge.limits.demoBuysPerMin)
    const { demo } = options
    posted('/demo/buy', (visit, req) => {
      visit.ordering = true
      const idempotencyKey = req.getHeader('idempotency-key')
      return buyDemo(edge, demo, { buyers, shelves, idempotencyKey })
    })
    const visitors = new AddressBuckets(edge.limits.demoBuysPerMin)
    const parts = { box: options.demoBox, visitors }
    posted('/demo/box', (_, req) => tellBox(edge, parts, askerOf(req), options.publicUrl))
    posted('/demo/pay', (_, req) => payDemo(edge, parts, askerOf(req)))
  }

  documents(edge, router, { publicUrl: options.publicUrl, table })

  const folder = options.pages ?? fileURLToPath(new URL('./ui', import.meta.url))
  const pages = readPages(folder, options.publicUrl)
  for (const path of unslashed(pages))
    route('get', `${path}/`, visit => {
      const asked = visit.query === '' ? '' : `?${visit.query}`
      const headers = { 'Cache-Control': 'no-cache', Location: `${path}${asked}` }
      visit.send(308, 'text/plain', '', headers)
    })
  for (const page of pages)
    route('get', page.path, (visit, req) => {
      const asked = [req.getHeader('if-none-match'), req.getHeader('accept-encoding')] as const
      const { status, body, headers } = choose(page, ...asked)
      visit.send(status, page.type, body, headers)
    })

  app.ws('/ws', {
    ...live.behavior(),
    upgrade: (res, req, context) => {
      const visit = greet(res, req)
      live.upgrade(visit, {
        key: req.getHeader('sec-websocket-key'),
        protocol: req.getHeader('sec-websocket-protocol'),
        extensions: req.getHeader('sec-websocket-extensions'),
        context,
      })
    },
  })

  if (pipes !== null)
    app.ws('/mqtt', {
      ...pipes.behavior(),
      upgrade: (res, req, context) => {
        const visit = greet(res, req)
        pipes.upgrade(visit, {
          key: req.getHeader('sec-websocket-key'),
          protocol: req.getHeader('sec-websocket-protocol'),
          extensions: req.getHeader('sec-websocket-extensions'),
          context,
        })
      },
    })

  // A pattern for every method of a path has to come after, and per path: uWebSockets.js prefers
  // any handler of the very method, so one wildcard per method would hide the others.
  for (const [path, verbs] of allowed)
    app.any(path, (res, req) => {
      const visit = greet(res, req)
      speakAsThere(visit)
      if (visit.method === 'head' && verbs.includes('GET')) {
        const look = probes.get(path)
        if (look === undefined) return visit.send(200, 'text/plain', '')
        return guarded(edge, visit, () => look(visit))
      }
      visit.refuse('METHOD_NOT_ALLOWED', {
        details: { allow: verbs },
        headers: { Allow: verbs.join(', ') },
      })
    })
  const lost = lostOf(table, options.publicUrl)
  app.any('/*', (res, req) => {
    const visit = greet(res, req)
    if (lost(visit, req.getHeader('accept'))) return
    speakAsThere(visit)
    visit.refuse('NOT_FOUND')
  })
  return table
}

/** Refused in the words of those who are at home at this address, where nobody answers. */
function speakAsThere(visit: Visit): void {
  if (isSoundboxPath(visit.path)) speakSoundbox(visit)
  else if (isDigiflazzPath(visit.path)) visit.dialect = sayRefused
}

/** Watched by machines, every few seconds. */
/** A nonce that comes at two gateways within it may be taken twice. */
const nonceMs = 20
const isUntraced = /^\/(?:metrics|health|api\/v1\/health)(?:\/|$)/

const toAnybody: Access = { signed: false }
const toClients: Access = { signed: true }

type Taker = (visit: Visit, body: Buffer) => void
type ServeClient = (visit: Visit, client: Client) => void

const noBody = Buffer.alloc(0)
const inXml = { type: xmlType, of: printXml }

/** Their LIBUS_LISTEN_EXCLUSIVE_PORT, which their types keep in an enum that does not exist. */
const exclusivePort = 1

function listen(app: uWS.TemplatedApp, port: number): Promise<uWS.us_listen_socket> {
  return new Promise((resolve, reject) => {
    app.listen(port, exclusivePort, listener => {
      if (listener) resolve(listener)
      else reject(new PortTaken(port))
    })
  })
}

class PortTaken extends Error {
  override readonly name = 'PortTaken'
  readonly port: number

  constructor(port: number) {
    super(`port ${port} is taken: stop what listens there, or set PORT to another`)
    this.port = port
  }
}

/** Until nothing is with the services any more, or for as long as closing may take. */
async function settled(edge: Edge): Promise<void> {
  const deadline = Date.now() + edge.limits.drainMs
  while (edge.flights.total > 0 && Date.now() < deadline)
    await new Promise(resolve => setTimeout(resolve, 10))
  // Answers of the last moment are still on their way out of the buffers.
  await new Promise(resolve => setImmediate(resolve))
}
