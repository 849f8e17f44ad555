/**
 * A mail that is to be sent is a row, written with whatever it tells of. What it says rests sealed:
 * it may hold a link that lets somebody in.
 *
 *   sealed ─▶ row (with the deed) ─▶ sender.ts ─▶ SMTP
 *
 * MAA1. A link's word exists in the mail only: in the outbox it is sealed, in its own table hashed.
 */

import { createHash, randomBytes, randomUUID } from 'node:crypto'
import type { NewMail } from '../../sql/people/mail.ts'
import type { Millis } from '../contract/words.ts'
import type { Seal } from '../seal.ts'
import type { MailKind } from './text.id.ts'

/** What rests in a row. */
export type Letter = {
  readonly to: string
  readonly kind: MailKind
  /** Of the link, where there is one. */
  readonly word: string | null
  /** After this nobody needs it. */
  readonly until: Millis
}

export type Wish = {
  readonly kind: MailKind
  readonly to: string
  readonly word?: string
  readonly nowMs: Millis
  readonly lifeMs: Millis
  /** Whose it is, where that is not whoever has the e-mail. */
  readonly userId?: string
}

export const mailPurpose = (id: string): string => `mail:${id}`

export function sealedMail(seal: Pick<Seal, 'close'>, wish: Wish): NewMail {
  const { kind, to, word = null, nowMs, lifeMs, userId } = wish
  const id = randomUUID()
  const letter: Letter = { to, kind, word, until: nowMs + lifeMs }
  const sealed = seal.close(JSON.stringify(letter), mailPurpose(id))
  return { id, kind, sealed, nowMs, ...(userId === undefined ? {} : { userId }) }
}

/** For a link: nobody guesses it, so one round of SHA-256 is enough. */
export const drawWord = (): string => randomBytes(32).toString('base64url')
export const hashOfWord = (word: string): string =>
  createHash('sha256').update(word).digest('base64url')
