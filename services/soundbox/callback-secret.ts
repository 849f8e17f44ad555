/**
 * The secret under which the acquirer signs its callbacks: drawn once, kept sealed, shown to
 * whoever draws a new one. Those before it go on for a while, so that both sides can change over.
 *
 *   draw ─▶ read ─▶ drawn for this request? ─▶ that one, shown again; none, if it is not the newest
 *                          └ no ─▶ written if nobody drew meanwhile, else read again
 *
 * SAE1. A signature under the present secret, or any before it until its time is over, is good.
 * SAE2. What was drawn by another process is known here within a second.
 * SAE3. The same request draws once: its answer may be lost, or its asker, and it shows the same.
 * SAE4. Of two who draw at once each gets a secret that is good.
 * SAE5. So many of before are good at most: who draws one more is told to wait.
 */

import { randomBytes } from 'node:crypto'
import type { Database } from '../../sql/database.ts'
import { readInstallation, replaceInstallation } from '../../sql/installation.ts'
import type { Answer } from '../contract/answer.ts'
import type { Millis } from '../contract/words.ts'
import { refuse } from '../refusal.ts'
import { type Seal, SealBroken } from '../seal.ts'

type Drawn = {
  readonly secret: string
  /** For which request; absent for the first, and for those of older versions. */
  readonly request?: string
}
type Former = Drawn & { readonly until: Millis }

type Kept = Drawn & {
  /** The newest first; an older version kept one of them, or null. */
  readonly before: readonly Former[] | Former | null
}

type Deps = {
  readonly db: Pick<Database, 'pool'>
  readonly seal: Pick<Seal, 'open' | 'close'>
  readonly now: () => Millis
}

const name = 'qris.callback'
const freshMs = 1_000
const formerMax = 10
/** Whose time is over is known for as long as a request may come again. */
const rememberedMs = 8 * 86_400_000

export class CallbackSecret {
  readonly #deps: Deps
  #kept: Kept | null = null
  #readAt: Millis = Number.NEGATIVE_INFINITY

  constructor(deps: Deps) {
    this.#deps = deps
  }

  /** The secrets that are good now, the present one first. */
  async good(): Promise<readonly string[]> {
    const now = this.#deps.now()
    if (this.#kept === null || Math.abs(now - this.#readAt) >= freshMs) {
      this.#know(await this.#readOrBegin())
    }
    const { secret, before } = this.#kept!
    return [secret, ...goodOf(before, now).map(one => one.secret)]
  }

  /** A new one; the present one goes on for `graceMs`. Null: drawn before, and another since. */
  async draw(graceMs: Millis, request?: string): Promise<Answer<{ secret: string | null }>> {
    for (;;) {
      const { sealed, kept } = await this.#read()
      const former = listOf(kept?.before ?? null)
      if (kept !== null && request !== undefined) {
        if (kept.request === request) return { ok: { secret: kept.secret } }
        if (former.some(one => one.request === request)) return { ok: { secret: null } }
      }
      const now = this.#deps.now()
      if (goodOf(former, now).length >= formerMax) return refuse('ASKED_TOO_OFTEN')
      const drawn = { secret: fresh(), ...(request === undefined ? {} : { request }) }
      const before = former.filter(({ until }) => until + rememberedMs > now)
      if (kept !== null) before.unshift({ ...drawnOf(kept), until: now + graceMs })
      if (await this.#replace(sealed, { ...drawn, before })) return { ok: { secret: drawn.secret } }
    }
  }

  /** What is kept; the first secret, if there is none that can be read. */
  async #readOrBegin(): Promise<Kept> {
    for (;;) {
      const { sealed, kept } = await this.#read()
      if (kept !== null) return kept
      const first = { secret: fresh(), before: [] }
      if (await this.#replace(sealed, first)) return first
    }
  }

  async #read(): Promise<{ readonly sealed: string | null; readonly kept: Kept | null }> {
    const sealed = await readInstallation(this.#deps.db.pool, name)
    if (sealed === null) return { sealed, kept: null }
    try {
      return { sealed, kept: JSON.parse(this.#deps.seal.open(sealed, name)) as Kept }
    } catch (cause) {
      // Sealed under a master key that is lost: a new one must be agreed upon anyway.
      if (cause instanceof SealBroken) return { sealed, kept: null }
      throw cause
    }
  }

  async #replace(was: string | null, kept: Kept): Promise<boolean> {
    const value = this.#deps.seal.close(JSON.stringify(kept), name)
    const isMine = await replaceInstallation(this.#deps.db.pool, { name, value, was })
    if (isMine) this.#know(kept)
    return isMine
  }

  #know(kept: Kept): void {
    this.#kept = kept
    this.#readAt = this.#deps.now()
  }
}

const fresh = (): string => randomBytes(32).toString('hex')
const drawnOf = ({ before: _, ...drawn }: Kept): Drawn => drawn

const listOf = (before: Kept['before']): readonly Former[] =>
  before === null ? [] : 'until' in before ? [before] : before

const goodOf = (before: Kept['before'], now: Millis): readonly Former[] =>
  listOf(before).filter(({ until }) => until > now)
