/**
 * What happens in a world of soundboxes: a merchant's payments, boxes that come and go, speak, lose
 * their acknowledgements; persons who move, block and replace them. The
 * truth is kept here, by what became durable and by what boxes spoke.
 *
 * DVL1. A message is queued once, and ends once: acknowledged, in a digest, or dropped.
 * DVL2. What is proved as played was spoken; what is told to a box is in the journal, and is of the
 *       merchant at whose counter it stands.
 * DVL3. At rest each payment was told how its sound ended, as the box's journal says, and says so
 *       itself, also when it had called it silent before; or the box had refused it. What waits in
 *       a digest when its box is taken away is silent.
 * DVL4. Digests say how many and how much was missed since the counter was taken, to the rupiah.
 */

import { type AnyActor, forget } from '../../engine/actor.ts'
import { assert } from '../../engine/assert.ts'
import { type ActorId, fingerprint, type Key, keyOf, makeId, shardOf } from '../../engine/ids.ts'
import type { Errand } from '../../engine/outbox.ts'
import type { EffectId, JournalRecord, Line } from '../../engine/record.ts'
import type { Envelope } from '../../engine/shard.ts'
import type { Outside, World } from '../../engine/sim/world.ts'
import { floorOf } from '../chart.ts'
import { device, speakWithinMs } from '../device/device.ts'
import type {
  Device,
  DeviceCommand,
  DeviceEffect,
  DeviceEvent,
  Notice,
} from '../device/device-contract.ts'
import { payment } from '../payment/payment.ts'
import type { Payment, PaymentEvent, PaymentFacts } from '../payment/payment-contract.ts'

export const boxActors: readonly AnyActor[] = [forget(device), forget(payment)]

type Box = {
  readonly key: Key
  readonly shard: number
  /** How many in ten of its acknowledgements are lost for good. */
  readonly loses: number
  /** By the journal. */
  id: ActorId | null
  merchant: ActorId | null
  readonly queue: Map<string, Notice>
  missed: { count: number; total: number }
  isTelling: boolean
  /** Whose messages are in the digest, and in the one that is told. */
  untold: string[]
  telling: string[]
  connected: boolean
}

type Message = { readonly payment: ActorId; ended: 'played' | 'digest' | 'silent' | null }

const by = 'a person'
const day = '20261014'

export class BoxStory implements Outside {
  readonly actors: readonly AnyActor[]
  readonly floorOf = floorOf
  readonly seen = new Map<string, number>()
  readonly #boxes: Box[] = []
  readonly #messages = new Map<string, Message>()
  /** Notices of payments that a box's word will answer, too: `services/soundbox/notices.ts`. */
  readonly #unanswered = new Map<string, EffectId>()
  /** How the payment's own journal says that its sound ended. */
  readonly #sounds = new Map<string, { outcome: string; why: string } | null>()
  readonly #spoken = new Set<string>()
  /** What payments were told of their messages. */
  readonly #told = new Map<string, string>()
  readonly #happened = new Set<string>()
  #merchants: ActorId[] = []
  #world!: World
  #words = 0
  #hasCome = false

  constructor(cast: readonly AnyActor[] = boxActors) {
    this.actors = cast
  }

  begin(world: World): void {
    this.#world = world
    const { prng } = world
    this.#merchants = [1, 2].map(n =>
      makeId(world.now, prng.below(world.shards), this.#key(`m${n}`)),
    )
    for (let count = prng.between(1, 3); count > 0; count--) this.#addBox(count)
    for (let count = prng.between(3, world.isLong ? 20 : 8); count > 0; count--) {
      world.later(prng.below(prng.pick([1_000, 60_000, 400_000])) + 5_000, () => this.#pay(count))
    }
    for (let count = prng.below(4); count > 0; count--) {
      world.later(prng.below(300_000) + 5_000, () => this.#meddle(prng.pick(this.#boxes)))
    }
  }

  #addBox(n: number): void {
    const { prng, shards } = this.#world
    const key = this.#key(`box ${n}`)
    const box: Box = {
      ...{ key, shard: prng.below(shards), loses: prng.below(6) },
      ...{ id: null, merchant: null, missed: { count: 0, total: 0 }, isTelling: false },
      ...{ untold: [], telling: [] },
      ...{ queue: new Map(), connected: prng.chance(0.7) },
    }
    this.#boxes.push(box)
    const model = { vendor: 'v', name: 'm', acks: 'played', adapter: 'laju' } as const
    const secret = { generation: 1, salt: 's', hash: `h${n}`, fingerprint: 'f' }
    this.#tell(box, { type: 'provision', model, secret, by }, () => this.#bind(box))
    for (let flaps = prng.below(6); flaps > 0; flaps--) {
      this.#world.later(prng.below(400_000), () => {
        box.connected = !box.connected
        if (box.connected) this.#publish(box)
      })
    }
  }

  // -- persons -------------------------------------------------------------------------------

  #bind(box: Box): void {
    const merchant = this.#world.prng.pick(this.#merchants)
    const terminal = `t${this.#world.prng.below(2)}`
    this.#tell(box, { type: 'bind', merchant, outlet: 'o', terminal, by })
  }

  #meddle(box: Box): void {
    const { prng } = this.#world
    switch (prng.below(5)) {
      case 0:
        this.#tell(box, { type: 'unbind', by })
        break
      case 1:
        this.#tell(box, { type: 'block', reason: 'stolen', by })
        break
      case 2:
        this.#tell(box, { type: 'unblock', by })
        break
      case 3:
        // Some with time for the one before, the next one while that runs.
        for (let n = prng.between(1, 3); n > 0; n--) {
          const hash = `${this.#words}`.padStart(64, '0')
          const graceMs = prng.pick([0, 1, 60_000, 900_000])
          const secret = { generation: 1, salt: 's', hash, fingerprint: 'f' }
          this.#tell(box, { type: 'rotate', secret, graceMs, by })
        }
        break
      default:
        this.#bind(box)
    }
  }

  #tell(box: Box, command: DeviceCommand, hear: () => void = () => {}): void {
    const { shard, key } = box
    const label = `${command.type} ${key} ${this.#words++}`
    let isHeard = false
    const once = () => {
      if (!isHeard) hear()
      isHeard = true
    }
    const isPromise = false
    this.#world.ask({ shard, key, kind: 'device', command }, label, once, { isPromise })
  }

  // -- payments ------------------------------------------------------------------------------

  #pay(n: number): void {
    const merchant = this.#world.prng.pick(this.#merchants)
    const box = this.#boxes.find(one => one.merchant === merchant && one.id !== null)
    const key = fingerprint('payment', String(n))
    const amount = 1_000 * n
    const facts: PaymentFacts = {
      ...{ merchant, outlet: 'o', terminal: 't0', kind: 'static' as const, amount, qr: '' },
      ...{ reference: `r${n}`, expiresAt: null, by },
    }
    const notice = { messageId: `m${n}`, device: box?.id ?? null, text: `bayar ${n}`, lang: 'id' }
    const command: Payment['command'] = {
      ...{ type: 'pay', eventId: `e${n}`, acquirerRef: '', merchant, terminal: 't0', amount },
      ...{ paidAt: this.#world.now - this.#world.prng.pick([0, 0, 90_000]), payer: '', day },
      ...{ notice, facts },
      plan: { bps: 70, fixed: 0, rounding: 'half_up' },
    }
    const envelope = { shard: shardOf(merchant), key, kind: 'payment', command }
    this.#world.ask(envelope, labelOf(key), reply => {
      assert('accepted' in reply, 'DVL3: what was paid is booked')
    })
  }

  perform(errand: Errand, world: World, answer: (envelope: Envelope | null) => void): void {
    const back = { shard: errand.shard, key: keyOf(errand.from), kind: errand.kind }
    let isAnswered = false
    const once = (command: Envelope['command'] | null) => {
      if (!isAnswered) answer(command === null ? null : { ...back, command: command! })
      isAnswered = true
    }
    if (errand.effect.type === 'notify') this.#notify(errand, world, once)
    else this.#prove(errand.effect as DeviceEffect, world, once)
  }

  #notify(
    errand: Errand,
    world: World,
    answer: (command: Payment['command'] | null) => void,
  ): void {
    const {
      device: id,
      merchant,
      messageId,
      amount,
      text,
      lang,
      at,
    } = errand.effect as Payment['effect']
    const notice = { messageId, payment: errand.from, amount, text, lang, at, merchant }
    const command: DeviceCommand = { type: 'queue', ...notice }
    const envelope = { shard: shardOf(id), key: keyOf(id), kind: 'device', command }
    this.#unanswered.set(messageId, errand.id)
    world.ask(
      envelope,
      `queue ${messageId}`,
      reply => {
        if ('accepted' in reply && reply.changed) return answer(null)
        const why = 'refused' in reply ? reply.refused : null
        if (why !== null) this.#unanswered.delete(messageId)
        answer({ type: 'noticed', messageId, why })
      },
      { isPromise: false },
    )
  }

  #prove(effect: DeviceEffect, world: World, answer: (command: Device['command']) => void): void {
    const { payment: id, messageId, outcome, why } = effect
    // What was told before a crash is told again, and may come behind what is so since.
    if (this.#told.get(messageId) !== 'silent') this.#told.set(messageId, outcome)
    const command: Payment['command'] = { type: 'prove', messageId, outcome, why }
    const place = { shard: shardOf(id), key: keyOf(id), kind: 'payment' }
    const notice = this.#unanswered.get(messageId)
    const envelope = { ...place, command, ...(notice === undefined ? {} : { cause: notice }) }
    world.ask(envelope, `prove ${messageId} ${this.#words++}`, reply => {
      assert('accepted' in reply, 'DVL3: a payment takes the word of its box')
      this.#unanswered.delete(messageId)
      answer({ type: 'proved' })
    })
  }

  // -- boxes and their post office -------------------------------------------------------------

  /** From what is durable, as after any crash: whoever is connected is told what waits for him. */
  #publish(box: Box): void {
    const { prng } = this.#world
    if (!box.connected) return
    if (box.missed.count > 0 && !box.isTelling) this.#summarize(box)
    for (const { messageId, at } of box.queue.values()) {
      if (this.#world.now >= at + speakWithinMs) continue
      this.#world.later(prng.below(800), () => this.#hear(box, messageId))
    }
  }

  #hear(box: Box, messageId: string): void {
    const { prng } = this.#world
    if (!box.connected) return
    this.#see('spoken')
    this.#spoken.add(messageId)
    if (prng.below(10) < box.loses) return
    const command: DeviceCommand = { type: 'acked', messageId, status: 'played' }
    this.#world.later(prng.pick([10, 2_000, 90_000]), () => this.#tell(box, command))
  }

  #summarize(box: Box): void {
    const messageId = `s${this.#words++}`
    this.#tell(box, { type: 'summarize', messageId }, () => {
      this.#tell(box, { type: 'acked', messageId, status: 'received' })
    })
  }

  /** In the end everybody comes back, and hears what he missed. */
  atRest(): boolean {
    const isNew = !this.#hasCome
    this.#hasCome = true
    if (isNew) {
      for (const box of this.#boxes) {
        box.connected = true
        this.#publish(box)
      }
      return true
    }
    this.#checkAtRest()
    return false
  }

  hasHappened(label: string): boolean {
    return this.#happened.has(label)
  }

  // -- the truth -----------------------------------------------------------------------------

  onRecord(record: JournalRecord, line: Line): void {
    for (const event of record.events) {
      this.#see(event.type)
      if (record.kind === 'payment') this.#onPayment(line.key, event as PaymentEvent)
      else {
        const box = this.#boxes.find(one => one.key === line.key)!
        box.id = record.id
        this.#onBox(box, event as DeviceEvent)
      }
    }
  }

  #onPayment(key: Key, event: PaymentEvent): void {
    if (event.type === 'paid') {
      const label = labelOf(key)
      assert(this.#world.mayHaveHappened(label), 'V4: of what was untouched nothing comes')
      this.#happened.add(label)
      this.#sounds.set(event.notice.messageId, null)
    } else if (event.type === 'proved') {
      const { messageId, outcome, why } = event
      const before = this.#sounds.get(messageId)
      const isOpen = before === null || before?.why === 'no_proof'
      const isUntold = before?.outcome === 'digest' && outcome === 'silent'
      assert(isOpen || isUntold, 'DVL3: a payment hears once how it ended')
      if (isUntold) this.#see('digest lost')
      this.#sounds.set(messageId, { outcome, why })
      this.#see(`sound ${outcome}`)
      if (outcome !== 'played') return
      assert(this.#spoken.has(messageId), 'DVL2: what is proved as played was spoken')
    }
  }

  #onBox(box: Box, event: DeviceEvent): void {
    switch (event.type) {
      case 'bound':
        assert(box.queue.size === 0, 'DVL2: who changes his counter has nothing left to say')
        box.merchant = event.merchant
        return
      case 'unbound':
        assert(box.queue.size === 0, 'DVL2: who leaves his counter has nothing left to say')
        box.merchant = null
        return
      case 'queued': {
        const { messageId, payment: of } = event
        assert(!this.#messages.has(messageId), 'DVL1: a message is queued once')
        assert(box.merchant !== null, 'DVL2: a box speaks at a counter')
        this.#messages.set(messageId, { payment: of, ended: null })
        box.queue.set(messageId, event)
        for (const ms of [0, 5_000, 20_000, 40_000]) {
          this.#world.later(ms, () => this.#publish(box))
        }
        return
      }
      case 'acked':
        this.#end(box, event.messageId, 'played')
        return
      case 'aged':
        for (const { messageId } of event.notices) {
          const { amount } = box.queue.get(messageId) ?? { amount: 0 }
          const { count, total } = box.missed
          box.missed = { count: count + 1, total: total + amount }
          this.#end(box, messageId, 'digest')
          box.untold.push(messageId)
        }
        return
      case 'dropped':
        for (const { messageId } of event.notices) this.#end(box, messageId, 'silent')
        this.#untell(box, event.missed ?? [])
        box.missed = { count: 0, total: 0 }
        box.isTelling = false
        return
      case 'summarized':
        assert(box.missed.count > 0, 'DVL4: a digest is of something')
        this.#checkSummary(box, event.messageId)
        box.missed = { count: 0, total: 0 }
        box.isTelling = true
        box.telling = box.untold
        box.untold = []
        return
      case 'summary_acked':
        box.isTelling = false
        box.telling = []
    }
  }

  #checkSummary(box: Box, messageId: string): void {
    const { count, total } = box.missed
    const { shard, key } = box
    this.#world.ask({ shard, key, kind: 'device' }, `read ${messageId}`, reply => {
      const state = reply.state as Device['state']
      const summary = state.phase === 'absent' ? null : state.device.summary
      if (summary?.messageId !== messageId) return
      assert(summary.count === count, 'DVL4: a digest says how many were missed')
      assert(summary.total === total, 'DVL4: a digest says how much was missed')
      this.#see('digest read')
    })
  }

  #untell(box: Box, missed: readonly { readonly messageId: string }[]): void {
    const said = missed.map(one => one.messageId)
    const waiting = [...box.telling, ...box.untold]
    assert(said.join() === waiting.join(), 'DVL3: who takes a box away hears what it did not tell')
    for (const id of waiting) this.#messages.get(id)!.ended = 'silent'
    box.telling = []
    box.untold = []
  }

  #end(box: Box, messageId: string, how: 'played' | 'digest' | 'silent'): void {
    const message = this.#messages.get(messageId)
    assert(box.queue.delete(messageId), 'DVL1: only what is queued ends')
    assert(message?.ended === null, 'DVL1: a message ends once')
    message.ended = how
  }

  #checkAtRest(): void {
    for (const [messageId, { ended }] of this.#messages) {
      assert(ended !== null, `DVL1: ${messageId} comes to an end`)
      assert(this.#told.get(messageId) === ended, `DVL3: the payment of ${messageId} is told so`)
    }
    for (const [messageId, sound] of this.#sounds) {
      assert(sound !== null, `DVL3: ${messageId} ends for its payment`)
      const ended = this.#messages.get(messageId)?.ended ?? 'silent'
      // Only letters of this world come twice: a box that refused one may take its repeat later.
      const isRefused = sound.outcome === 'silent' && sound.why.startsWith('DEVICE_')
      assert(isRefused || sound.outcome === ended, `DVL3: ${messageId} is ${ended} at its box`)
    }
  }

  #see(what: string): void {
    this.seen.set(what, (this.seen.get(what) ?? 0) + 1)
  }

  #key(word: string): Key {
    return fingerprint(word, String(this.#world.prng.uint32()))
  }
}

const labelOf = (key: Key): string => `pay ${key}`
