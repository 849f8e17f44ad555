/**
 * Gathers what no rule could read until the next write: one entry per shape, with a count and the
 * latest reply. It costs the order nothing but a look at one word of the report.
 *
 * PAQ1. Replies of one shape are one entry; what is beyond the bound is left out, never kept.
 * PAQ2. A write that fails keeps what was gathered for the next one.
 */

import type { Unread } from '../../sql/topup/parser.ts'
import type { Submit } from '../supplier/callbacks.ts'
import type { Effect } from '../supplier/caller.ts'
import type { CallerThread } from '../supplier/caller-thread.ts'
import { shapeOf } from './draft.ts'
import type { Channel } from './rules.ts'
import { noRule } from './verdict.ts'

const shapesMax = 500

export class UnreadReplies {
  readonly #now: () => number
  #gathered = new Map<string, Unread>()

  constructor(now: () => number = Date.now) {
    this.#now = now
  }

  note(said: {
    readonly supplier: string
    readonly channel: Channel
    readonly text: string
    readonly count?: number
  }): void {
    const { supplier, channel, text: sample } = said
    const shape = shapeOf(sample)
    const key = `${supplier} ${channel} ${shape}`
    const known = this.#gathered.get(key)
    if (known === undefined && this.#gathered.size >= shapesMax) return
    const count = (known?.count ?? 0) + (said.count ?? 1)
    this.#gathered.set(key, { supplier, channel, shape, sample, count, at: this.#now() })
  }

  /** Hands over what was gathered, and takes it back when it could not be written. */
  async flush(write: (unread: readonly Unread[]) => Promise<void>): Promise<void> {
    if (this.#gathered.size === 0) return
    const gathered = [...this.#gathered.values()]
    this.#gathered = new Map()
    try {
      await write(gathered)
    } catch {
      for (const { supplier, channel, sample: text, count } of gathered) {
        this.note({ supplier, channel: channel as Channel, text, count })
      }
    }
  }

  /** The same caller, overheard where replies are read by rules: elsewhere it costs nothing. */
  overhearing(
    caller: Pick<CallerThread, 'perform'>,
    hasRules: (supplier: string) => boolean,
  ): Pick<CallerThread, 'perform'> {
    const overheard = async (effect: Effect) => {
      const report = await caller.perform(effect)
      if (report.code === noRule && report.reply !== undefined) {
        const channel = effect.type === 'check' ? 'status' : 'reply'
        this.note({ supplier: effect.supplier, channel, text: report.reply })
      }
      return report
    }
    return {
      perform: effect => (hasRules(effect.supplier) ? overheard(effect) : caller.perform(effect)),
    }
  }

  /** The same way for reports to their orders, overheard. */
  overhearingReports(submit: Submit): Submit {
    return (ref, report) => {
      const { supplier, code, reply } = report
      if (code === noRule && reply !== undefined) {
        this.note({ supplier, channel: 'callback', text: reply })
      }
      return submit(ref, report)
    }
  }
}
