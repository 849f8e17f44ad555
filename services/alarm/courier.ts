/**
 * Carries what channels are told: webhooks by itself, in our Standard Webhooks shape and only to
 * addresses that may be called; chat leaves it to the chat's outbox, unless there is no database.
 *
 * ALD1. A webhook message is sent until it is taken, the same bytes under the same id, each channel
 *       in its order; after twelve tries it is given up, and the next one goes.
 * ALD2. Without the database a message goes straight to every channel that was known before.
 * ALD3. Nothing that opens a channel is in a message, a log or a problem.
 */

import { type ChannelRow, dueMessages, type MessageRow, noteMessage } from '../../sql/alarms.ts'
import type { Database } from '../../sql/database.ts'
import { deliver, type Line } from '../chat/channels.ts'
import { chatLineOf } from '../chat/line.ts'
import type { Seal } from '../seal.ts'
import type { Egress, Sent } from '../webhook/egress.ts'
import { keyOf, letterOf } from '../webhook/shapes.ts'

export type CourierDeps = {
  readonly db: Pick<Database, 'pool'>
  readonly seal: Seal
  readonly egress: Pick<Egress, 'send'>
  readonly now: () => number
  readonly onError: (cause: unknown) => void
}

const triesMax = 12
const pauseMsMax = 10 * 60_000

export const secretPurpose = (name: string): string => `alarm_channel:${name}`

export class Courier {
  readonly #deps: CourierDeps
  #channels: ReadonlyMap<string, ChannelRow> = new Map()
  #lines: ReadonlyMap<string, Line> = new Map()
  #work: Promise<void> | null = null

  constructor(deps: CourierDeps) {
    this.#deps = deps
  }

  /** As they are now; kept for when nobody can be asked. */
  async know(channels: readonly ChannelRow[]): Promise<void> {
    const { db, seal } = this.#deps
    const lines = new Map<string, Line>()
    for (const { name, gateway } of channels) {
      const line = gateway === null ? null : await chatLineOf({ db, seal }, gateway)
      if (line !== null) lines.set(name, line)
    }
    this.#channels = new Map(channels.map(one => [one.name, one]))
    this.#lines = lines
  }

  /** Something may be due. */
  wake(): Promise<void> {
    this.#work ??= this.#run()
      .catch(this.#deps.onError)
      .finally(() => {
        this.#work = null
      })
    return this.#work
  }

  async rest(): Promise<void> {
    await this.#work
  }

  async #run(): Promise<void> {
    const { db, now } = this.#deps
    const due = await dueMessages(db.pool, now())
    await Promise.all(due.map(message => this.#carry(message)))
  }

  async #carry({ id, channel, body, tries }: MessageRow): Promise<void> {
    const { db, now } = this.#deps
    const row = this.#channels.get(channel)
    if (row === undefined) return
    const { problem } = await this.post(row, { id: `alarm_${id}`, event: 'alarm', body })
    const at = now()
    const isOver = problem === 'gone' || tries + 1 >= triesMax
    const state = problem === null ? 'sent' : isOver ? 'failed' : 'waiting'
    const pauseMs = Math.min(5_000 * 2 ** tries, pauseMsMax)
    await noteMessage(db.pool, { id, state, problem, dueAt: at + pauseMs, at })
  }

  async post(
    { name, url, secret }: ChannelRow,
    { id, event, body }: { id: string; event: string; body: string },
  ): Promise<Sent> {
    const { seal, egress, now } = this.#deps
    const key = keyOf(seal.open(secret!, secretPurpose(name)))
    const message = { id, event, shape: 'standard', url: url!, words: body } as const
    return await egress.send(letterOf(message, [key], now()))
  }

  /** Past all tables; true when it arrived. */
  async direct(name: string, { text, body }: { text: string; body: string }): Promise<boolean> {
    const row = this.#channels.get(name)
    if (row === undefined) return false
    const at = this.#deps.now()
    if (row.kind === 'webhook') {
      return (await this.post(row, { id: `alarm_at_${at}`, event: 'alarm', body })).problem === null
    }
    const line = this.#lines.get(name)
    if (line === undefined) return false
    return 'sent' in (await deliver(line, { address: row.address!, text, id: at }))
  }

  get channels(): Iterable<ChannelRow> {
    return this.#channels.values()
  }
}
