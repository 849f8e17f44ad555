/**
 * Sends what waits in the outbox, over SMTP. Who takes a mail puts it off first, so that it is
 * tried again should he die; the same mail always has the same Message-ID, so that one that came
 * twice is seen once.
 *
 *   due ─▶ taken (put off) ─▶ SMTP ─┬▶ sent
 *                                   ├▶ refused for good, or too late ─▶ dead, and told
 *                                   └▶ later ─▶ due again, ever less often
 *
 * MAB1. A mail that could not go is tried again; a mail server that is away loses none.
 * MAB2. What the other side refuses for good, or what nobody needs any more, is given up and told.
 * MAB3. Whatever ended leaves nothing behind of what it said, nor is that ever logged.
 * MAB4. Where no server is named nothing is taken: it waits.
 * MAB5. Leaving waits for a mail that is on its way for a moment only, then puts it off: a server
 *       that takes it all the same gets it twice, under one Message-ID.
 */

import type { Transporter } from 'nodemailer'
import type { Database } from '../../sql/database.ts'
import { type DueMail, endMail, forgetMails, putOffMail, takeMails } from '../../sql/people/mail.ts'
import type { Millis } from '../contract/words.ts'
import { type Seal, SealBroken } from '../seal.ts'
import { type Letter, mailPurpose } from './outbox.ts'
import { type MailKind, mailText } from './text.id.ts'

type SenderDeps = {
  readonly db: Pick<Database, 'pool'>
  readonly seal: Pick<Seal, 'open'>
  readonly now: () => Millis
  /** Null: nobody takes our mail yet. */
  readonly smtpUrl: () => Promise<string | null>
  readonly from: string
  /** Base of the links. */
  readonly publicUrl: () => string
  readonly isOwner: () => boolean
  /** A mail that was given up, or trouble with the database. */
  readonly onError: (cause: unknown) => void
  readonly betweenMs?: number
}

const takenMax = 20
const leaseMs = 5 * 60_000
/** One that is on its way when we leave may arrive for so long. */
const landMs = 2_000
const attemptsMax = 40
const waits = [15_000, 60_000, 5 * 60_000, 20 * 60_000, 3_600_000] as const
const keptMs = 30 * 86_400_000
const timeouts = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 30_000 }

/** Where a link leads. The word stands behind the hash, which no server and no log ever sees. */
export const linkPaths = {
  welcome: '/nomor#/verifikasi/',
  verify: '/nomor#/verifikasi/',
  newEmail: '/nomor#/verifikasi/',
  reset: '/nomor#/sandi-baru/',
  known: '/nomor#/lupa-sandi',
  emailMoves: '/nomor',
} as const satisfies Record<MailKind, string>

export class Sender {
  readonly #deps: SenderDeps
  #timer: NodeJS.Timeout | null = null
  #running: Promise<void> | null = null
  #transport: { readonly url: string; readonly post: Transporter } | null = null
  #stopped = false
  readonly #tooLate = Promise.withResolvers<never>()

  constructor(deps: SenderDeps) {
    this.#deps = deps
    this.#tooLate.promise.catch(() => {})
  }

  start(): void {
    this.#timer = setInterval(() => void this.send(), this.#deps.betweenMs ?? 2_000)
    this.#timer.unref()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    if (this.#timer !== null) clearInterval(this.#timer)
    const patience = setTimeout(
      () => this.#tooLate.reject(Object.assign(new Error('we leave'), { code: 'LEAVING' })),
      landMs,
    )
    await this.#running
    clearTimeout(patience)
    this.#transport?.post.close()
  }

  /** All that is due now; at most one run at a time. */
  send(): Promise<void> {
    this.#running ??= this.#run().finally(() => {
      this.#running = null
    })
    return this.#running
  }

  async #run(): Promise<void> {
    const { db, now, smtpUrl, isOwner, onError } = this.#deps
    try {
      if (this.#stopped || !isOwner()) return
      const url = await smtpUrl()
      if (url === null) return
      const nowMs = now()
      await forgetMails(db.pool, { beforeMs: nowMs - keptMs, limit: 100 })
      for (const mail of await takeMails(db.pool, { nowMs, leaseMs, limit: takenMax })) {
        if (this.#stopped) return
        await this.#post(mail, await this.#transportTo(url))
      }
    } catch (cause) {
      onError(cause)
    }
  }

  async #post(mail: DueMail, post: Transporter): Promise<void> {
    const { db, now, from, publicUrl, onError } = this.#deps
    const { id, kind, attempts } = mail
    const giveUp = async (problem: string) => {
      await endMail(db.pool, { id, state: 'dead', problem, nowMs: now() })
      onError(new Error(`a mail was given up (${kind}): ${problem}`))
    }
    const letter = this.#opened(mail)
    if (letter === null) return await giveUp('sealed under a master key that is lost')
    if (letter.until <= now()) return await giveUp('too late')
    const link = `${publicUrl()}${linkPaths[letter.kind]}${letter.word ?? ''}`
    const { subject, text } = mailText[letter.kind](link)
    try {
      const messageId = `<${id}@${domainOf(from)}>`
      const sent = post.sendMail({ from, to: letter.to, subject, text, messageId })
      await Promise.race([sent, this.#tooLate.promise])
    } catch (cause) {
      const problem = problemOf(cause)
      if (isForGood(cause) || attempts >= attemptsMax) return await giveUp(problem)
      const waitMs = waits[Math.min(attempts, waits.length) - 1]!
      return await putOffMail(db.pool, { id, problem, dueMs: now() + waitMs })
    }
    await endMail(db.pool, { id, state: 'sent', problem: null, nowMs: now() })
  }

  #opened({ id, sealed }: DueMail): Letter | null {
    try {
      return JSON.parse(this.#deps.seal.open(sealed, mailPurpose(id))) as Letter
    } catch (cause) {
      if (cause instanceof SealBroken) return null
      throw cause
    }
  }

  async #transportTo(url: string): Promise<Transporter> {
    if (this.#transport?.url !== url) {
      // Who sends no mail does not carry what sends it.
      const { createTransport } = await import('nodemailer')
      this.#transport?.post.close()
      const isClosed = { disableFileAccess: true, disableUrlAccess: true }
      this.#transport = { url, post: createTransport({ url, ...timeouts, ...isClosed }) }
    }
    return this.#transport.post
  }
}

type SmtpError = { readonly code?: string; readonly responseCode?: number }

/** Of the answer only its kind: what it says in words may repeat whom we wrote to. */
function problemOf(cause: unknown): string {
  const { code = 'unknown', responseCode } = cause as SmtpError
  return responseCode === undefined ? code : `${code} ${responseCode}`
}

/** This address, or this message, and no other day will change it. */
const isForGood = (cause: unknown): boolean => {
  const { code, responseCode = 0 } = cause as SmtpError
  return (code === 'EENVELOPE' || code === 'EMESSAGE') && responseCode >= 550
}

const domainOf = (from: string): string => /@([\w.-]+)/.exec(from)?.[1] ?? 'localhost'
