/**
 * Carries out what waits in the outbox: a few at once, each address in the order in which it was
 * said, until it arrived, can't arrive, or was tried for long enough.
 *
 *   due ─▶ claimed for a while ─▶ deliver ─▶ sent | failed | again, later
 *
 * CHG1. A message is kept before it is sent, and sent until the channel has it; after a crash in
 *       between it may come twice, never not at all.
 * CHG2. The pause grows with each try, or is as long as the channel asks; after twelve tries it is
 *       given up, and stays readable.
 * CHG3. Messages to one address leave one after the other.
 */

import type { Database } from '../../sql/database.ts'
import { claimDue, type OutMessage, outAgain, outDone } from '../../sql/topup/chat.ts'
import { Turns } from '../turns.ts'
import { deliver, type Line } from './channels.ts'

type PostDeps = {
  readonly db: Pick<Database, 'pool'>
  /** Null for a gateway that is closed, or whose credentials can't be opened. */
  readonly lineOf: (gateway: string) => Promise<Line | null>
  readonly onError: (cause: unknown) => void
}

const atOnce = 16
const leaseMs = 60_000
const triesMax = 12
const pauseMsMax = 10 * 60_000

export class Post {
  readonly #deps: PostDeps
  readonly #work = new Turns(() => this.#run())

  constructor(deps: PostDeps) {
    this.#deps = deps
  }

  /** Something may be due. */
  wake(): void {
    void this.#work.ask()
  }

  /** What is on its way arrives; the rest waits where it stands. */
  close(): Promise<void> {
    return this.#work.close()
  }

  async #run(): Promise<void> {
    try {
      const due = await claimDue(this.#deps.db.pool, { limit: atOnce, leaseMs })
      if (due.length > 0) this.wake()
      await Promise.all(due.map(message => this.#carry(message)))
    } catch (cause) {
      this.#deps.onError(cause)
    }
  }

  async #carry({ id, gateway, address, text, tries }: OutMessage): Promise<void> {
    const { db, lineOf } = this.#deps
    const line = await lineOf(gateway)
    const given =
      line === null
        ? { again: null, problem: 'gateway_closed' }
        : await deliver(line, { address, text, id })
    if ('sent' in given) {
      const { remoteId } = given
      return await outDone(db.pool, { id, state: 'sent', remoteId, problem: null })
    }
    if ('never' in given || tries >= triesMax) {
      const problem = 'never' in given ? given.never : given.problem
      return await outDone(db.pool, { id, state: 'failed', remoteId: null, problem })
    }
    const pauseMs = given.again ?? Math.min(1_000 * 2 ** tries, pauseMsMax)
    await outAgain(db.pool, { id, pauseMs, problem: given.problem })
  }
}
