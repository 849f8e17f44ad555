/**
 * The live line: a client's own events, as they happen, over a WebSocket.
 *
 *   open ─▶ new ── auth ──▶ proving ──▶ open ◀──▶ replaying (resume)
 *            └── watch (demo mode) ──▶ watching: the masked public view
 *
 * While a replay runs, events that happen meanwhile are held back; when the last page is out they
 * follow, without those that a page already brought.
 *
 * GW1. The services are told to signal a user's events before `ready` is said, so that nothing
 *      falls between the last page of a replay and the first live event.
 * GW2. A resume brings every event after the given id, in order, each once on this connection. What
 *      can't be an id of a stream that he hears is refused: nothing is replayed from nowhere.
 * GW3. Who has not proven itself in time is let go; a person's token is as good as a key; watching
 *      is for demo mode.
 * GW4. A reader too slow for its events is let go with a code that says: come back and resume.
 * GW5. Sockets are bounded: in all, per user, and the public may take half of the places at most.
 * GW6. Messages are answered in the order in which they came, also those sent before the proof was
 *      checked; too many at once end the connection.
 * GW7. Who speaks for a merchant hears what happens to the merchant's payments and batches.
 * GW8. Who works for the house also hears what is said to all staff; those events have ids of their
 *      own, and are resumed after one of them.
 * GW9. Who is told nothing any more, because another process tells now, is let go like a slow
 *      reader: he comes back and resumes.
 * GW10. `ready` says the place from which he hears everything: who is cut off before anything has
 *      happened continues after that, and misses nothing either.
 * SEM1. A line ends when the session or the key behind it does, or when its client is suspended;
 *       if that can't be looked up, it ends too, to come back later.
 */

import type {
  TemplatedApp,
  us_socket_context_t,
  WebSocket,
  WebSocketBehavior,
} from 'uWebSockets.js'
import { z } from 'zod/v4'
import type { Answer } from '../services/contract/answer.ts'
import type { ClientCard, KeyCard, SessionCard } from '../services/contract/identity.ts'
import type { LiveEvent } from '../services/contract/live.ts'
import type { Signals } from '../services/contract.ts'
import { forgetOldest, keepLatest } from '../services/wire/latest.ts'
import { forwardedFor, neighbourhood, peerOf } from './address.ts'
import type { Code, Visit } from './answer.ts'
import { examine, incomplete, type Proof, standingOf } from './auth.ts'
import { examineToken, readToken } from './bearer.ts'
import type { Edge } from './edge.ts'
import { Bucket } from './limits.ts'
import { eventIdShape } from './reading.ts'
import { staff } from './router.ts'
import { parseStrict } from './strict-json.ts'
import { codeText } from './text/codes.id.ts'

/** Of one's own stream, or of the staff's. */
const idShape = z.union([eventIdShape, z.string().regex(/^s\d{1,15}$/)])
const messages = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('auth'),
    key: z.string().max(64).optional(),
    timestamp: z.union([z.string().max(16), z.int().min(0).transform(String)]).optional(),
    nonce: z.string().max(128).optional(),
    signature: z.string().max(64).optional(),
    token: z.string().optional(),
    /** Resume at once: nothing newer can overtake what is missing. */
    after: idShape.optional(),
  }),
  z.object({ type: z.literal('resume'), after: idShape }),
  z.object({ type: z.literal('watch') }),
  z.object({ type: z.literal('ping') }),
])
type Message = z.output<typeof messages>

const pageSize = 200
const inboxMax = 16
const heldMax = 5_000
const recentMax = 1_024
const pulseOrdersMax = 20
const messagesPerMin = 240
const heartbeatMs = 20_000

/** 4000 + the HTTP status, but for the slow reader, whom no status fits. */
const closeCodes = {
  goingAway: 1001,
  unproven: 4401,
  forbidden: 4403,
  timeout: 4408,
  resume: 4410,
  tooMany: 4429,
  unavailable: 4503,
} as const

/** One connection, from upgrade to close. */
class Line {
  readonly forwarded: string
  readonly openedAt: number
  readonly spend: Bucket
  ws: WebSocket<Line> | null = null
  user: Person | null = null
  /** Of the person's session; null for a machine. */
  sid: string | null = null
  /** Of the machine's key; null for a person. */
  keyId: string | null = null
  watching = false
  /** Something asynchronous is under way for this line; messages wait in the inbox. */
  busy = false
  /** What was said and not yet worked through; null could not be understood. */
  readonly inbox: (Message | null)[] = []
  /** Events that wait for a replay to end; null when they may go straight out. */
  held: LiveEvent[] | null = null
  /** The latest ids sent, oldest first. */
  readonly recent = new Set<string>()
  /** Called when the socket's buffer has emptied, or never. */
  drained: (() => void) | null = null

  constructor(forwarded: string, now: number) {
    this.forwarded = forwarded
    this.openedAt = now
    this.spend = new Bucket(messagesPerMin, now)
  }
}

export class Live {
  readonly #edge: Edge
  readonly #app: TemplatedApp
  readonly #lines = new Set<Line>()
  readonly #unproven = new Set<Line>()
  readonly #users = new Map<string, Set<Line>>()
  readonly #staff = new Set<Line>()
  /** The last watch call per user; the next one waits for it. */
  readonly #watches = new Map<string, Promise<unknown>>()
  #watchers = 0
  #beatAt: number
  /** What a newcomer sees at once: the last state of the latest orders. */
  readonly #recent = new Map<string, Signals['live.pulse']['orders'][number]>()
  #pulse: string | null = null

  constructor(edge: Edge, app: TemplatedApp) {
    this.#edge = edge
    this.#app = app
    this.#beatAt = edge.now()
  }

  get sockets(): number {
    return this.#lines.size
  }

  upgrade(
    visit: Visit,
    keys: { key: string; protocol: string; extensions: string; context: us_socket_context_t },
  ) {
    const { limits, stopping, now } = this.#edge
    if (stopping) return visit.refuse('STOPPING')
    if (this.#lines.size >= limits.socketsMax) return visit.refuse('OVERLOADED')
    visit.over = true
    const line = new Line(visit.forwarded, now())
    visit.res.upgrade(line, keys.key, keys.protocol, keys.extensions, keys.context)
  }

  behavior(): Omit<WebSocketBehavior<Line>, 'upgrade'> {
    return {
      maxPayloadLength: 16 * 1024,
      idleTimeout: 60,
      sendPingsAutomatically: true,
      // Above our own limit, so that the close frame still finds room behind the backlog.
      maxBackpressure: this.#edge.limits.socketBufferBytesMax * 4,
      open: ws => this.#open(ws),
      message: (ws, bytes, isBinary) => this.#message(ws.getUserData(), bytes, isBinary),
      drain: ws => this.#drain(ws.getUserData()),
      close: ws => this.#gone(ws.getUserData()),
    }
  }

  /** A fact from the mesh, about one user. */
  event({ userId, event }: Signals['live.event']) {
    const lines = this.#users.get(userId)
    if (lines === undefined) return
    const text = print(event)
    for (const line of lines) {
      if (line.held === null) this.#tell(line, event.id, text)
      else if (line.held.length < heldMax) line.held.push(event)
      else this.#end(line, 'SLOW_READER', closeCodes.resume)
    }
  }

  /** A fact for all who work for the house. */
  staffEvent(event: LiveEvent) {
    const text = print(event)
    for (const line of this.#staff) {
      if (line.held === null) this.#tell(line, event.id, text)
      else if (line.held.length < heldMax) line.held.push(event)
      else this.#end(line, 'SLOW_READER', closeCodes.resume)
    }
  }

  /** Cards behind these lines changed: whoever they let in may have to go. */
  async lookAgain(isMeant: (line: LineOwner) => boolean): Promise<void> {
    const lines = [...this.#lines].filter(line => line.user !== null && isMeant(line))
    // One after the other: after an outage it may be about all of them.
    for (const line of lines) {
      if (line.ws === null) continue
      try {
        const code = await this.#judgeAgain(line)
        if (code === 'CLIENT_SUSPENDED') this.#end(line, code, closeCodes.forbidden)
        else if (code !== null) this.#end(line, code, closeCodes.unproven)
      } catch (error) {
        this.#edge.onFault(error, null)
        this.#end(line, 'UNREACHABLE', closeCodes.unavailable)
      }
    }
  }

  /** What is known of it without asking. */
  #cardOf({ sid, keyId }: LineOwner) {
    const { people, machines } = this.#edge
    return sid === null ? machines.peek(keyId ?? '') : people.peek(sid)
  }

  async #judgeAgain({ sid, keyId }: LineOwner): Promise<Code | null> {
    const { people, machines } = this.#edge
    const entry = sid === null ? await machines.look(keyId ?? '') : await people.look(sid)
    if (entry === null) return sid === null ? 'KEY_UNKNOWN' : 'TOKEN_INVALID'
    return entry.card.status === 'active' ? null : 'CLIENT_SUSPENDED'
  }

  pulse(data: Signals['live.pulse']) {
    this.#app.publish('pulse', JSON.stringify({ type: 'pulse', data }))
    for (const order of data.orders) {
      keepLatest(this.#recent, order.trxId, order, pulseOrdersMax)
    }
    const orders = [...this.#recent.values()]
    this.#pulse = JSON.stringify({ type: 'pulse', data: { ...data, orders } })
  }

  /** Nobody tells these lines anything any more: they begin anew, where they stopped. */
  moved() {
    for (const line of [...this.#lines]) {
      if (line.user !== null) this.#end(line, 'NOT_THE_OWNER', closeCodes.resume)
    }
  }

  /** Called every second by the gateway. */
  sweep() {
    const now = this.#edge.now()
    for (const line of this.#unproven) {
      if (now - line.openedAt < this.#edge.limits.socketAuthMs) break
      this.#end(line, 'AUTH_TIMEOUT', closeCodes.timeout)
    }
    if (now - this.#beatAt >= heartbeatMs) {
      this.#beatAt = now
      this.#app.publish('beat', '{"type":"ping"}')
    }
  }

  close() {
    for (const line of [...this.#lines]) line.ws?.end(closeCodes.goingAway, 'STOPPING')
  }

  #open(ws: WebSocket<Line>) {
    const line = ws.getUserData()
    line.ws = ws
    this.#lines.add(line)
    this.#unproven.add(line)
    ws.subscribe('beat')
  }

  #gone(line: Line) {
    line.ws = null
    line.held = null
    line.inbox.length = 0
    line.drained?.()
    this.#lines.delete(line)
    this.#unproven.delete(line)
    this.#staff.delete(line)
    if (line.watching && line.user === null) this.#watchers--
    if (line.user !== null) this.#leave(line, heardBy(line.user))
  }

  #drain(line: Line) {
    if ((line.ws?.getBufferedAmount() ?? 0) === 0) line.drained?.()
  }

  #message(line: Line, bytes: ArrayBuffer, isBinary: boolean) {
    if (line.spend.take(this.#edge.now()) > 0)
      return this.#end(line, 'RATE_LIMITED', closeCodes.tooMany)
    const parsed = parseStrict(Buffer.from(bytes))
    const read = 'problem' in parsed || isBinary ? null : messages.safeParse(parsed.value)
    if (line.inbox.length >= inboxMax) return this.#end(line, 'RATE_LIMITED', closeCodes.tooMany)
    line.inbox.push(read?.success ? read.data : null)
    if (!line.busy) void this.#work(line)
  }

  /** Works through the inbox, one message after the other. */
  async #work(line: Line): Promise<void> {
    line.busy = true
    try {
      for (let next = line.inbox.shift(); next !== undefined; next = line.inbox.shift())
        await this.#obey(line, next)
    } catch (error) {
      this.#edge.onFault(error, null)
      this.#end(line, 'UNREACHABLE', closeCodes.unavailable)
    } finally {
      line.busy = false
    }
  }

  async #obey(line: Line, message: Message | null): Promise<void> {
    if (message === null) return this.#refuse(line, 'VALIDATION_FAILED')
    switch (message.type) {
      case 'ping':
        return this.#send(line, '{"type":"pong"}')
      case 'watch':
        return this.#watch(line)
      case 'auth':
        return this.#prove(line, message)
      case 'resume':
        if (line.user === null) return this.#refuse(line, 'AUTH_REQUIRED')
        return this.#replay(line, heardBy(line.user), message.after)
    }
  }

  #watch(line: Line) {
    if (this.#edge.mode !== 'demo') return this.#end(line, 'FORBIDDEN', closeCodes.forbidden)
    if (line.watching) return
    if (line.user === null) {
      if (this.#watchers >= this.#edge.limits.socketsMax / 2)
        return this.#end(line, 'SOCKET_LIMIT', closeCodes.tooMany)
      this.#watchers++
    }
    line.watching = true
    this.#unproven.delete(line)
    line.ws?.subscribe('pulse')
    this.#send(line, this.#pulse ?? '{"type":"ping"}')
  }

  async #prove(line: Line, message: Extract<Message, { type: 'auth' }>): Promise<void> {
    if (line.user !== null) return this.#refuse(line, 'VALIDATION_FAILED')
    const { key = '', timestamp = '', nonce = '', signature = '', token } = message
    const { card, code } =
      token === undefined
        ? await this.#judge(line, { key, timestamp, nonce, signature })
        : await this.#judgeToken(line, token)
    if (line.ws === null) return
    if (code !== null || card === null) return this.#fail(line, code ?? 'KEY_UNKNOWN')
    const whose = heardBy(card)
    const lines = this.#users.get(whose) ?? new Set()
    if (lines.size >= this.#edge.limits.socketsPerUserMax)
      return this.#end(line, 'SOCKET_LIMIT', closeCodes.tooMany)
    this.#users.set(whose, lines.add(line))
    if (line.watching) this.#watchers--
    line.user = card
    line.sid = 'sid' in card ? card.sid : null
    line.keyId = 'keyId' in card ? card.keyId : null
    line.held = []
    this.#unproven.delete(line)
    if (staff.includes(card.role)) this.#staff.add(line)
    const begins = await this.#signalling(whose, true)
    // Its card may have changed while it was looked up, before this line could be found by it.
    if (this.#cardOf(line) === undefined) await this.lookAgain(one => one === line)
    const { userId, username } = card
    const after = message.after ?? begins ?? undefined
    const user = { user_id: userId, username }
    this.#send(line, JSON.stringify({ type: 'ready', name: 'app:ready', user, after }))
    if (message.after !== undefined) await this.#replay(line, whose, message.after)
    else this.#release(line)
  }

  async #judge(line: Line, proof: Proof): Promise<Judged> {
    const broken = incomplete(proof)
    if (broken !== null) return { card: null, code: broken }
    const { machines, now, machineNow, failures } = this.#edge
    let entry = machines.peek(proof.key)
    if (entry === undefined) {
      if (failures.isEmpty(neighbourhood(this.#address(line)), now()))
        return { card: null, code: 'RATE_LIMITED' }
      entry = await machines.look(proof.key)
    }
    if (entry === null || line.ws === null) return { card: null, code: 'KEY_UNKNOWN' }
    const signed = { method: 'GET', path: '/ws', query: '', body: nothing }
    const code =
      examine(this.#edge, entry, proof, signed, machineNow()) ??
      standingOf(entry, () => this.#address(line))
    return { card: entry.card, code }
  }

  async #judgeToken(line: Line, text: string): Promise<Judged> {
    const token = readToken(text)
    if (token === null) return { card: null, code: 'TOKEN_INVALID' }
    const { people, now, machineNow, failures } = this.#edge
    let entry = people.peek(token.sid)
    if (entry === undefined) {
      if (failures.isEmpty(neighbourhood(this.#address(line)), now()))
        return { card: null, code: 'RATE_LIMITED' }
      entry = await people.look(token.sid)
    }
    if (entry === null || line.ws === null) return { card: null, code: 'TOKEN_INVALID' }
    const code =
      examineToken(entry, token, machineNow()) ?? standingOf(entry, () => this.#address(line))
    return { card: entry.card, code }
  }

  #address(line: Line): string {
    const { proxies } = this.#edge
    const peer = line.ws === null ? '' : peerOf(line.ws)
    return proxies === 0 ? peer : (forwardedFor(line.forwarded, proxies) ?? peer)
  }

  #fail(line: Line, code: Code) {
    const { failures, now } = this.#edge
    if (failures.take(neighbourhood(this.#address(line)), now()) > 0)
      return this.#end(line, 'RATE_LIMITED', closeCodes.tooMany)
    const forbidden = code === 'FORBIDDEN' || code === 'CLIENT_SUSPENDED'
    this.#end(line, code, forbidden ? closeCodes.forbidden : closeCodes.unproven)
  }

  async #replay(line: Line, userId: string, after: string): Promise<void> {
    line.held ??= []
    const isOfStaff = after.startsWith('s')
    if (isOfStaff && !this.#staff.has(line)) {
      this.#refuse(line, 'VALIDATION_FAILED')
      return this.#release(line)
    }
    for (let more = true; more; ) {
      const page: Answer<{ events: readonly LiveEvent[]; more: boolean; next?: string }> = isOfStaff
        ? await this.#edge.call('live.staffSince', { after, limit: pageSize })
        : await this.#edge.call('live.since', { userId, after, limit: pageSize })
      if (line.ws === null) return
      if ('fault' in page) return this.#end(line, page.fault, closeCodes.unavailable)
      if ('refused' in page) {
        this.#refuse(line, page.refused)
        break
      }
      for (const event of page.ok.events) this.#tell(line, event.id, print(event))
      const next: string = page.ok.next ?? page.ok.events.at(-1)?.id ?? after
      // Without anything for him there may be more behind what concerned others.
      more = page.ok.more && next !== after
      after = next
      if (more) await this.#room(line)
      if (line.ws === null) return
    }
    this.#release(line)
  }

  /** A replay waits for its reader; only live events may outrun him. */
  #room(line: Line): Promise<void> {
    if (line.ws === null || line.ws.getBufferedAmount() === 0) return Promise.resolve()
    return new Promise(resolve => {
      line.drained = () => {
        line.drained = null
        resolve()
      }
    })
  }

  #release(line: Line) {
    const held = line.held ?? []
    line.held = null
    for (const event of held) this.#tell(line, event.id, print(event))
  }

  #tell(line: Line, id: string, text: string) {
    if (line.ws === null || line.recent.has(id)) return
    line.recent.add(id)
    forgetOldest(line.recent, recentMax)
    this.#send(line, text)
  }

  #send(line: Line, text: string) {
    if (line.ws === null) return
    line.ws.send(text)
    if (line.ws.getBufferedAmount() > this.#edge.limits.socketBufferBytesMax)
      this.#end(line, 'SLOW_READER', closeCodes.resume)
  }

  #refuse(line: Line, code: Code) {
    const message = codeText[code]
    line.ws?.send(JSON.stringify({ type: 'refused', error_code: code, message }))
  }

  #end(line: Line, code: Code, closeCode: number) {
    if (line.ws === null) return
    this.#refuse(line, code)
    line.ws.end(closeCode, code)
  }

  #leave(line: Line, userId: string) {
    const lines = this.#users.get(userId)
    if (!lines?.delete(line) || lines.size > 0) return
    this.#users.delete(userId)
    this.#signalling(userId, false).catch(error => this.#edge.onFault(error, null))
  }

  /**
   * One call at a time per user, in order: an old "off" must not overtake a new "on". Gives the
   * place in his stream after which he hears everything; null when nobody can say.
   */
  #signalling(userId: string, on: boolean): Promise<string | null> {
    const before = this.#watches.get(userId) ?? Promise.resolve()
    const mine = before
      .catch(() => undefined)
      .then(async () => (await this.#edge.call('live.watch', { userId, on }))?.after ?? null)
      .finally(() => {
        if (this.#watches.get(userId) === mine) this.#watches.delete(userId)
      })
    this.#watches.set(userId, mine)
    return mine
  }
}

/** Whose line it is, and by what he was let in. */
type LineOwner = Pick<Line, 'user' | 'sid' | 'keyId'>

type Judged = { readonly card: KeyCard | SessionCard | null; readonly code: Code | null }

/** Only people speak for a merchant, no machine does. */
type Person = ClientCard & Pick<SessionCard, 'merchant'>

/** In whose name events are told to him. */
const heardBy = ({ merchant, userId }: Person): string => merchant?.merchantId ?? userId

const nothing = new Uint8Array(0)

const print = ({ id, name, data }: LiveEvent): string =>
  JSON.stringify({ type: 'event', id, name, data })
