/**
 * Many brokers, one owner of the journal: boxes come in anywhere, and what they say and hear goes
 * through whoever owns it (the head). He alone knows which box is where; the others tell him.
 *
 *   box ─▶ broker here ─▶ mesh ─┬─ we are the head ─▶ services
 *                               └─ another is ─(wire: up)─▶ his mesh ─▶ his services
 *   services ─▶ mesh ─┬─ the box is here ─▶ broker here ─▶ box
 *                     └─ at another ─(wire: down)─▶ his mesh ─▶ his broker ─▶ box
 *
 * MSH1. The head is who claims the journal with the highest epoch; a lower one that was outdone is
 *       never followed again. While there is none, boxes stay, logins and messages wait as long as
 *       the broker's limits let them, and heartbeats are let go.
 * MSH2. To a new head everybody announces all boxes that he has, once; what was asked of the last
 *       head and not answered is asked again. So a box whose owner died goes on.
 * MSH4. What a broker tells the head is numbered. Where a number is missing, also at the end, or a
 *       box speaks that he does not know, he is announced everything again; so Redis may lose what
 *       it likes.
 * MSH5. What goes down to a box is sent once: a lost message is one without a receipt, and the
 *       services say it again. Without a wire that carries, they hear no at once.
 * MSH6. A broker that was not heard for five seconds has no boxes any more, and one that leaves has
 *       none at once.
 * MSH7. Who has found no head for half a minute lets his boxes go: they may find one elsewhere.
 * MSH8. Boxes at the head's own broker notice nothing of a wire that is cut.
 */

import type { Subscription } from 'aedes'
import type { HealthPart } from '../services/contract/live.ts'
import type { Millis } from '../services/contract/words.ts'
import type { Door, DownlinkKind, Gone, LoginAnswer } from './door.ts'
import type { Asked, Down, Packet, Payload, Up } from './mesh-words.ts'
import type { SharedSessions } from './sessions.ts'
import { type Trespasser, Trespassers } from './trespassers.ts'
import { type Connection, type Guest, Whereabouts } from './whereabouts.ts'
import type { Wire } from './wire.ts'

type MeshOptions = {
  readonly wire: Wire
  readonly services: Door
  /** With which our ownership of the journal began; null: it is not ours. */
  readonly epoch: () => number | null
  readonly now: () => Millis
  readonly onFault: (cause: unknown) => void
  readonly limits?: Partial<MeshLimits>
}

type MeshLimits = {
  readonly tickMs: Millis
  /** Ticks from one word to all until the next. */
  readonly beatTicks: number
  /** Beats that a broker may miss before it counts as gone. */
  readonly silentBeats: number
  /** Ticks without a head until boxes are let go. */
  readonly headlessTicks: number
  /** Ticks that a login or a message may wait for its answer. */
  readonly callTicks: number
  readonly callsMax: number
  readonly nodesMax: number
}

const defaultLimits: MeshLimits = {
  ...{ tickMs: 250, beatTicks: 4, silentBeats: 5, headlessTicks: 120 },
  ...{ callTicks: 60, callsMax: 10_000, nodesMax: 64 },
}

/** The broker of this process; one that has no ports has no boxes. */
type OwnBroker = {
  publish(deviceId: string, kind: DownlinkKind, payload: Payload, tag?: string | null): boolean
  disconnect(deviceId: string, why?: Gone['why']): boolean
  disconnectAll(why?: Gone['why']): void
}

/** Since the start, but for the first three: at this moment. */
type MeshStats = {
  readonly isUp: boolean
  /** Other brokers that are heard. */
  readonly nodes: number
  /** Boxes at other brokers, as their head knows them; 0 unless we are it. */
  readonly boxes: number
  readonly announced: number
  readonly sent: number
  readonly unsent: number
}

type Head = { readonly node: string; readonly epoch: number }

/** Another broker. */
type Node = {
  silent: number
  epoch: number | null
  /** Of what it told us as its head; -1: nothing yet. */
  seq: number
  isGapped: boolean
  /** Whom it has named since its announcement began; null: none is under way. */
  named: Set<string> | null
}

type Call = {
  readonly asked: Asked
  readonly done: (answer: LoginAnswer | null) => void
  readonly failed: (cause: unknown) => void
  age: number
}

const wordsMax = 200

export class Mesh {
  readonly #options: MeshOptions
  readonly #limits: MeshLimits
  readonly #wire: Wire
  readonly #services: Door
  #broker: OwnBroker | null = null
  #head: Head | null = null
  #epoch: number | null = null
  /** The highest epoch that was ever followed. */
  #epochSeen = 0
  readonly #nodes = new Map<string, Node>()
  /** The boxes of our own broker. */
  readonly #guests = new Map<string, Guest>()
  /** All boxes at all brokers, while we are the head. */
  readonly #places: Whereabouts
  readonly #calls = new Map<number, Call>()
  readonly #trespassers = new Trespassers()
  #lastCall = 0
  #up: Up[] = []
  readonly #down = new Map<string, Down[]>()
  #isFlushing = false
  #seq = 0
  #isFirst = false
  #ticks = 0
  #headless = 0
  #timer: NodeJS.Timeout | undefined
  #isClosed = false
  #counts = { announced: 0, sent: 0, unsent: 0 }

  constructor(options: MeshOptions) {
    this.#options = options
    this.#limits = { ...defaultLimits, ...options.limits }
    this.#wire = options.wire
    this.#services = options.services
    this.#places = new Whereabouts({
      ...{ services: options.services, now: options.now },
      end: (one, why) => this.#end(one, why),
    })
    this.#wire.listen((from, packet) => this.#hear(from, packet as Packet))
  }

  /** What our own broker has behind it. */
  readonly door: Door = {
    login: async asked => {
      if (this.#isHead) return await this.#services.login(asked)
      return (await this.#ask({ t: 'login', asked }))!
    },
    connected: box => {
      const guest: Guest = { ...box, hears: null }
      this.#guests.set(box.deviceId, guest)
      if (this.#isHead) this.#places.arrive({ ...guest, node: this.#wire.id }, { isNew: true })
      else this.#tell({ t: 'box', box: guest, isNew: true })
    },
    listening: box => {
      const guest = this.#guests.get(box.deviceId)
      if (guest?.session === box.session) guest.hears = box.hears
      if (this.#isHead) this.#places.listens(box)
      else this.#tell({ t: 'listening', box })
    },
    gone: box => {
      if (this.#guests.get(box.deviceId)?.session === box.session) {
        this.#guests.delete(box.deviceId)
      }
      if (this.#isHead) this.#places.leave(box)
      else this.#tell({ t: 'gone', box })
    },
    uplink: said => {
      if (this.#isHead) return this.#services.uplink(said)
      if (said.topic !== 'heartbeat') return this.#ask({ t: 'uplink', said }).then(() => undefined)
      this.#tell({ t: 'beat', said })
    },
    delivered: receipt => {
      if (this.#isHead) this.#services.delivered(receipt)
      else this.#tell({ t: 'delivered', receipt })
    },
    refused: trespass => {
      this.#services.refused(trespass)
      this.#tell({ t: 'trespass', deviceId: trespass.deviceId })
    },
  }

  get stats(): MeshStats {
    const boxes = this.#places.countBut(this.#wire.id)
    return { isUp: this.#wire.isUp, nodes: this.#nodes.size, boxes, ...this.#counts }
  }

  readonly health = (): HealthPart => {
    const reason = !this.#wire.isUp
      ? 'Redis does not carry: boxes at other brokers are not reached'
      : this.#head === null
        ? 'nobody owns the journal: boxes wait'
        : null
    return { name: 'mesh', ok: reason === null, ms: 0, reason }
  }

  /** Which boxes at other brokers tried lately what they may not. */
  trespassers(): readonly Trespasser[] {
    return this.#trespassers.list(this.#options.now())
  }

  /** What boxes subscribed to whose sessions last, wherever they come in next. */
  readonly sessions: SharedSessions = {
    recall: async id =>
      (await this.#wire.recall(`session:${id}`)) as readonly Subscription[] | null,
    keep: (id, filters) => {
      this.#wire.keep(`session:${id}`, filters.length === 0 ? null : filters)
    },
  }

  /** Whose boxes come and go by `door`; null: there is none. */
  start(broker: OwnBroker | null): void {
    this.#broker = broker
    this.tick()
    this.#timer = setInterval(() => this.tick(), this.#limits.tickMs)
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    clearInterval(this.#timer)
    this.#flush()
    this.#isClosed = true
    this.#beat({ leaves: true })
    for (const { failed } of this.#calls.values()) failed(new Error('the mesh is closed'))
    this.#calls.clear()
    await this.#wire.close()
  }

  /** To a box wherever it is; false: it is nowhere, does not hear it, or can't be reached now. */
  publish(deviceId: string, kind: DownlinkKind, payload: Payload, tag: string | null): boolean {
    const place = this.#places.of(deviceId)
    if (place === undefined) return false
    const { node, session } = place
    if (node === this.#wire.id) {
      return this.#broker?.publish(deviceId, kind, payload, tag) ?? false
    }
    if (!place.hears?.includes(kind) || !this.#wire.isUp) return false
    this.#order(node, { t: 'say', deviceId, session, kind, payload, tag })
    return true
  }

  disconnect(deviceId: string, why: Gone['why'] = 'closed'): void {
    const place = this.#places.of(deviceId)
    if (place !== undefined) this.#end(place, why)
  }

  /** Looks whose the journal is by now; also by itself, again and again. */
  tick(): void {
    if (this.#isClosed) return
    const epoch = this.#options.epoch()
    const isNew = epoch !== this.#epoch
    this.#epoch = epoch
    if (isNew) this.#choose()
    this.#ticks++
    const isBeat = this.#ticks % this.#limits.beatTicks === 0
    if (isBeat) this.#countSilence()
    if (isBeat || isNew) this.#beat({ leaves: false })
    this.#age()
    if (this.#head !== null) this.#headless = 0
    else if (++this.#headless >= this.#limits.headlessTicks) {
      this.#headless = 0
      this.#broker?.disconnectAll()
    }
  }

  get #isHead(): boolean {
    return this.#head !== null && this.#head.node === this.#wire.id
  }

  // -- who is the head -----------------------------------------------------------------------

  #choose(): void {
    let best: Head | null = null
    if (this.#epoch !== null) best = { node: this.#wire.id, epoch: this.#epoch }
    for (const [node, { epoch }] of this.#nodes) {
      if (epoch !== null && epoch > (best?.epoch ?? -1)) best = { node, epoch }
    }
    this.#follow(best !== null && best.epoch >= this.#epochSeen ? best : null)
  }

  #follow(head: Head | null): void {
    const last = this.#head
    if (last?.node === head?.node && last?.epoch === head?.epoch) return
    this.#flush()
    const wasHead = this.#isHead
    this.#head = head
    if (wasHead) this.#stepDown()
    if (head === null) return
    this.#epochSeen = head.epoch
    if (this.#isHead) this.#lead()
    else this.#announce()
  }

  #stepDown(): void {
    this.#places.leaveAll('closed', () => true)
    this.#down.clear()
    for (const node of this.#nodes.values()) Object.assign(node, unheard)
  }

  #lead(): void {
    for (const guest of this.#guests.values()) {
      this.#places.arrive({ ...guest, node: this.#wire.id }, { isNew: false })
    }
    for (const [n, { asked, done, failed }] of this.#calls) {
      this.#calls.delete(n)
      this.#serve(asked).then(done, failed)
    }
  }

  /** Everything that the head has to know of us; what he was asked before follows. */
  #announce(): void {
    this.#counts.announced++
    this.#seq = 0
    this.#isFirst = true
    this.#up = []
    for (const box of this.#guests.values()) this.#tell({ t: 'box', box, isNew: false })
    this.#tell({ t: 'all_told' })
    for (const [n, { asked }] of this.#calls) this.#tell({ ...asked, n })
  }

  #countSilence(): void {
    for (const [id, node] of this.#nodes) {
      if (++node.silent > this.#limits.silentBeats) this.#vanish(id)
    }
  }

  #vanish(id: string): void {
    this.#nodes.delete(id)
    this.#down.delete(id)
    this.#places.leaveAll('lost', ({ node }) => node === id)
    this.#choose()
  }

  #beat({ leaves }: { leaves: boolean }): void {
    this.#flush()
    const follows = this.#head?.epoch ?? null
    const epoch = leaves ? null : this.#epoch
    this.#send(null, { k: 'beat', epoch, follows, seq: this.#seq, leaves })
  }

  // -- what the others say -------------------------------------------------------------------

  #hear(from: string, packet: Packet): void {
    if (this.#isClosed || from === this.#wire.id) return
    switch (packet.k) {
      case 'beat':
        this.#beaten(from, packet)
        break
      case 'up':
        this.#told(from, packet)
        break
      case 'down':
        if (this.#follows(from, packet.epoch)) this.#carryOut(packet.words)
        break
      case 'again':
        if (this.#follows(from, packet.epoch)) this.#announce()
    }
  }

  #follows(node: string, epoch: number): boolean {
    return this.#head?.node === node && this.#head.epoch === epoch
  }

  #beaten(from: string, { epoch, follows, seq, leaves }: Packet & { k: 'beat' }): void {
    if (leaves) {
      if (this.#nodes.has(from)) this.#vanish(from)
      return
    }
    let node = this.#nodes.get(from)
    if (node === undefined) {
      if (this.#nodes.size >= this.#limits.nodesMax) return
      node = { silent: 0, epoch: null, ...unheard }
      this.#nodes.set(from, node)
      // He need not wait for our next word to find his head.
      this.#beat({ leaves: false })
    }
    node.silent = 0
    if (node.epoch !== epoch) {
      node.epoch = epoch
      this.#choose()
    }
    if (!this.#isHead || follows !== this.#head?.epoch) return
    if (seq !== node.seq || node.isGapped) this.#askAgain(from, node)
  }

  #askAgain(from: string, node: Node): void {
    node.isGapped = true
    this.#send(from, { k: 'again', epoch: this.#head!.epoch })
  }

  #told(from: string, { epoch, seq, isFirst, words }: Packet & { k: 'up' }): void {
    const node = this.#nodes.get(from)
    if (node === undefined || !this.#isHead || epoch !== this.#head?.epoch) return
    if (isFirst) Object.assign(node, { isGapped: false, named: new Set() })
    else if (seq !== node.seq + 1 && !node.isGapped) this.#askAgain(from, node)
    if (node.isGapped) return
    node.seq = seq
    for (const word of words) {
      try {
        this.#take(from, node, word)
      } catch (cause) {
        this.#options.onFault(cause)
      }
    }
  }

  #take(from: string, node: Node, word: Up): void {
    switch (word.t) {
      case 'box':
        node.named?.add(word.box.deviceId)
        this.#places.arrive({ ...word.box, node: from }, word)
        break
      case 'all_told':
        this.#forgetUnnamed(from, node)
        break
      case 'listening':
        this.#places.listens(word.box)
        break
      case 'gone':
        this.#places.leave(word.box)
        break
      case 'beat':
        if (this.#places.isOutdone(from, word.said)) break
        if (!word.said.will && this.#places.of(word.said.deviceId) === undefined)
          this.#askAgain(from, node)
        void Promise.resolve(this.#services.uplink(word.said)).catch(this.#options.onFault)
        break
      case 'delivered':
        if (!this.#places.isOutdone(from, word.receipt)) this.#services.delivered(word.receipt)
        break
      case 'trespass':
        this.#trespassers.note(word.deviceId, this.#options.now())
        break
      case 'login':
      case 'uplink':
        this.#answer(from, word)
    }
  }

  #answer(from: string, { n, ...asked }: Asked & { readonly n: number }): void {
    if (asked.t === 'uplink' && this.#places.isOutdone(from, asked.said)) {
      this.#order(from, { t: 'failed', n, why: 'a newer connection' })
      return
    }
    this.#serve(asked).then(
      answer => this.#order(from, { t: 'done', n, answer }),
      cause => this.#order(from, { t: 'failed', n, why: String(cause).slice(0, 200) }),
    )
  }

  /** Called at once: messages of a box must not overtake each other. */
  async #serve(asked: Asked): Promise<LoginAnswer | null> {
    if (asked.t === 'login') return await this.#services.login(asked.asked)
    await this.#services.uplink(asked.said)
    return null
  }

  /** The announcement is over: whoever was not in it is not there. */
  #forgetUnnamed(from: string, node: Node): void {
    const { named } = node
    node.named = null
    this.#places.leaveAll('lost', place => place.node === from && !named?.has(place.deviceId))
  }

  #carryOut(words: readonly Down[]): void {
    for (const word of words) {
      if (word.t === 'done' || word.t === 'failed') {
        const call = this.#calls.get(word.n)
        this.#calls.delete(word.n)
        if (word.t === 'done') call?.done(word.answer)
        else call?.failed(new Error(word.why))
      } else if (this.#isHere(word)) {
        const { deviceId } = word
        if (word.t === 'end') this.#broker?.disconnect(deviceId, word.why)
        else this.#broker?.publish(deviceId, word.kind, word.payload, word.tag)
      }
    }
  }

  #isHere({ deviceId, session }: { deviceId: string; session: string }): boolean {
    return this.#guests.get(deviceId)?.session === session
  }

  #end({ node, deviceId, session }: Connection, why: Gone['why']): void {
    if (node !== this.#wire.id) this.#order(node, { t: 'end', deviceId, session, why })
    else if (this.#isHere({ deviceId, session })) this.#broker?.disconnect(deviceId, why)
  }

  // -- what leaves ---------------------------------------------------------------------------

  #ask(asked: Asked): Promise<LoginAnswer | null> {
    if (this.#isClosed || this.#calls.size >= this.#limits.callsMax) {
      return Promise.reject(new Error('too much waits for the owner of the journal'))
    }
    return new Promise((done, failed) => {
      const n = ++this.#lastCall
      this.#calls.set(n, { asked, done, failed, age: 0 })
      this.#tell({ ...asked, n })
    })
  }

  #age(): void {
    for (const [n, call] of this.#calls) {
      if (++call.age < this.#limits.callTicks) continue
      this.#calls.delete(n)
      call.failed(new Error('no answer of the owner of the journal'))
    }
  }

  /** Said to nobody, it is in the next announcement, or of no use then. */
  #tell(word: Up): void {
    if (this.#head === null || this.#isHead) return
    this.#up.push(word)
    this.#flushSoon()
  }

  #order(node: string, word: Down): void {
    const words = this.#down.get(node)
    if (words === undefined) this.#down.set(node, [word])
    else words.push(word)
    this.#flushSoon()
  }

  #flushSoon(): void {
    if (this.#isFlushing) return
    this.#isFlushing = true
    setImmediate(() => this.#flush())
  }

  #flush(): void {
    this.#isFlushing = false
    const { epoch } = this.#head ?? {}
    const [up, down] = [this.#up, [...this.#down]]
    this.#up = []
    this.#down.clear()
    if (epoch === undefined || this.#isClosed) return
    if (!this.#isHead) {
      for (const words of portions(up)) {
        const isFirst = this.#isFirst
        this.#isFirst = false
        this.#send(this.#head!.node, { k: 'up', epoch, seq: ++this.#seq, isFirst, words })
      }
      return
    }
    for (const [node, all] of down) {
      for (const words of portions(all)) this.#send(node, { k: 'down', epoch, words })
    }
  }

  #send(to: string | null, packet: Packet): void {
    if (this.#wire.send(to, packet)) this.#counts.sent++
    else this.#counts.unsent++
  }
}

const unheard = { seq: -1, isGapped: false, named: null }

function* portions<T>(words: readonly T[]): Iterable<readonly T[]> {
  for (let at = 0; at < words.length; at += wordsMax) yield words.slice(at, at + wordsMax)
}
