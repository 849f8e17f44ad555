/**
 * A soundbox as the post office sees it: the real actor, without a journal under it, and a recorder
 * in the place of the broker.
 */

import { device as deviceActor } from '../../actors/device/device.ts'
import type {
  Acks,
  Device,
  DeviceCommand,
  DeviceFacts,
  Notice,
} from '../../actors/device/device-contract.ts'
import { type AnyCommand, type Context, forget } from '../../engine/actor.ts'
import type { Envelope, Reply } from '../../engine/shard.ts'
import { PostOffice, type Topic } from './post-office.ts'
import { Proofs } from './proofs.ts'

export const boxId = '00000000-0000-7001-8000-00000000000b'
const merchant = '00000000-0000-7002-8000-0000000000aa'

export const everything: readonly Topic[] = ['payment', 'summary', 'config', 'command']

type Said = { readonly topic: Topic; readonly id: string }

/** What was published, and an actor that is told what the office asks of it. */
export class Box {
  now = 1_000_000
  isReachable = true
  /** The next asks fail, as when the journal is away. */
  failures = 0
  readonly said: Said[] = []
  readonly payloads: Readonly<Record<string, unknown>>[] = []
  readonly proofs = new Proofs()
  readonly errors: unknown[] = []
  readonly office: PostOffice
  #state: Device['state'] = deviceActor.initial
  #seq = 0
  #sessions = 0

  constructor(acks: Acks = 'played') {
    this.office = new PostOffice({
      ask: envelope => this.#ask(envelope),
      now: () => this.now,
      proofs: this.proofs,
      onError: cause => this.errors.push(cause),
    })
    const secret = { generation: 1, salt: 's', hash: 'h', fingerprint: 'f' }
    const model = { vendor: 'Laju', name: 'V1', acks, adapter: 'laju' }
    this.tell({ type: 'provision', model, secret, by: 'ops' })
    this.tell({ type: 'bind', merchant, outlet: 'o', terminal: 't', by: 'ops' })
  }

  get device(): DeviceFacts {
    if (this.#state.phase === 'absent') throw new Error('was never provisioned')
    return this.#state.device
  }

  /** As the engine would: decide, fold, and tell the office what is durable. */
  tell(command: DeviceCommand): void {
    const decide = forget(deviceActor).decide[command.type]!
    const context = { now: this.now, id: boxId } as Context
    const decision = decide(this.#state, command as AnyCommand, context)
    if ('refused' in decision) throw new Error(decision.refused)
    if (decision.accepted.length === 0) return
    for (const event of decision.accepted) {
      const evolve = forget(deviceActor).evolve[event.type]!
      this.#state = evolve(this.#state, event, this.now) as Device['state']
    }
    this.#seq++
    this.office.know(boxId, this.#seq, this.#state)
  }

  queue(n: number, at = this.now): void {
    const payment = `00000000-0000-7002-8000-${String(n).padStart(12, '0')}`
    const words = { amount: n * 1_000, text: `bayar ${n}`, lang: 'id', at }
    const notice: Notice = { messageId: `m${n}`, payment, ...words }
    this.tell({ type: 'queue', ...notice })
  }

  ack(messageId: string, status: 'played' | 'received' | 'sent' = 'played'): void {
    this.tell({ type: 'acked', messageId, status })
  }

  /** Connects and listens; resolves when the office has looked at the actor. */
  async connect(hears = everything): Promise<string> {
    this.#sessions++
    return await this.listen(hears)
  }

  /** On the connection that it has. */
  async listen(hears: readonly Topic[]): Promise<string> {
    const session = `s${this.#sessions}`
    this.office.open(boxId, session, {
      hears,
      publish: (_, topic, payload) => {
        if (!this.isReachable) return false
        const id = payload['message_id'] ?? payload['command_id'] ?? payload['version']
        this.said.push({ topic, id: String(id) })
        this.payloads.push(payload)
        return true
      },
    })
    await settled()
    return session
  }

  /** What was said since the last time. */
  heard(): readonly string[] {
    return this.said.splice(0).map(({ topic, id }) => `${topic} ${id}`)
  }

  async after(ms: number): Promise<void> {
    this.now += ms
    this.tell({ type: 'age' })
    this.tell({ type: 'expire' })
    this.office.tick()
    await settled()
  }

  async #ask({ command }: Envelope): Promise<Reply> {
    await undefined
    if (this.failures > 0) {
      this.failures--
      throw new Error('the journal is away')
    }
    if (command !== undefined) this.tell(command as DeviceCommand)
    const rest = { changed: true, available: undefined, balances: undefined }
    return { accepted: true, id: boxId, state: this.#state, seq: this.#seq, ...rest }
  }
}

/** Every promise that only waits for other promises has run. */
const settled = (): Promise<void> => new Promise(resolve => setImmediate(resolve))
