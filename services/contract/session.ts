/** People: how they come in, and what they see of themselves. */

import type { Answer } from './answer.ts'
import type { ClientCard, Role, SessionCard } from './identity.ts'
import type { Millis } from './words.ts'

/** Where somebody logs in from: what is counted, and what is shown to the account's owner. */
export type LoginPlace = {
  readonly neighbour: string
  readonly address: string
  readonly agent: string
}

export type LoggedIn = {
  readonly accessToken: string
  readonly expiresAt: Millis
  readonly refresh: string
  readonly refreshExpiresAt: Millis
  readonly user: Omit<ClientCard, 'status'>
  /** Of the role `merchant`: for whom he speaks. */
  readonly merchant?: SessionCard['merchant']
}

export type SessionView = {
  readonly id: string
  readonly address: string
  readonly agent: string
  readonly createdAt: Millis
  readonly usedAt: Millis
}

export type SessionActions = {
  'session.card': { params: { sid: string }; result: SessionCard | null }
  /**
   * `name` is a username, a member id or an e-mail; `roles` are those whom this door is for, and
   * `lifeMs` is how long session and access token are good where there is no refreshing.
   */
  'session.login': {
    params: LoginPlace & {
      name: string
      password: string
      /** Of the authenticator, or for recovery; asked for with SECOND_FACTOR_REQUIRED. */
      code?: string
      roles?: readonly Role[]
      lifeMs?: Millis
    }
    result: Answer<LoggedIn>
  }
  'session.refresh': { params: LoginPlace & { refresh: string }; result: Answer<LoggedIn> }
  /** `address`, here and below: shortened, for the record of what people did. */
  'session.logout': { params: { refresh: string; address?: string }; result: Answer<null> }
  'session.list': { params: { userId: string }; result: Answer<readonly SessionView[]> }
  'session.end': {
    params: { userId: string; sid: string; address?: string }
    result: Answer<null>
  }
  'self.profile': {
    params: { userId: string }
    result: Answer<
      Omit<ClientCard, 'status'> & {
        readonly memberId: string | null
        /** Username of who stands above. */
        readonly upline: string | null
      }
    >
  }
  'self.keys': {
    params: { userId: string }
    result: Answer<{
      /** How the key of the Digiflazz dialect ends. */
      readonly apiKeyHint: string | null
      readonly hmacKey: string | null
      readonly createdAt: Millis | null
      readonly allowList: readonly string[]
    }>
  }
  /** All keys stop and new ones are told, once. */
  'self.rotateKeys': {
    params: { userId: string; password: string }
    result: Answer<{
      readonly apiKey: string
      readonly hmacKey: string
      readonly hmacSecret: string
    }>
  }
  'self.downlines': {
    params: { userId: string; cursor?: string; limit: number }
    result: Answer<{
      readonly rows: readonly {
        readonly userId: string
        readonly username: string
        readonly name: string
        readonly level: number
        readonly status: ClientCard['status']
        readonly createdAt: Millis
      }[]
      readonly next: string | null
    }>
  }
}
