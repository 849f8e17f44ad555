/** People who come by themselves, what they prove, and what they did. */

import type { Answer } from './answer.ts'
import type { Role } from './identity.ts'
import type { LoginPlace } from './session.ts'
import type { Millis } from './words.ts'

export type Profile = {
  readonly userId: string
  readonly name: string
  readonly email: string | null
  readonly isEmailVerified: boolean
  /** Asked for and not yet proven. */
  readonly nextEmail: string | null
  readonly phone: string | null
  readonly role: Role
  readonly createdAt: Millis
}

export type ActivityView = {
  readonly id: number
  readonly userId: string
  readonly username: string
  readonly what: string
  readonly address: string
  readonly details: Readonly<Record<string, unknown>>
  readonly at: Millis
}

/** Where somebody asks from: what is counted, and what is kept of it. */
export type AskedFrom = Pick<LoginPlace, 'neighbour' | 'address'>

export type AccountActions = {
  /** Answered alike whether the e-mail is known; a mail tells its owner. */
  'account.register': {
    params: AskedFrom & { name: string; email: string; password: string; phone?: string }
    result: Answer<null>
  }
  'account.verify': { params: AskedFrom & { word: string }; result: Answer<null> }
  'account.resend': { params: AskedFrom & { email: string }; result: Answer<null> }
  'account.forgot': { params: AskedFrom & { email: string }; result: Answer<null> }
  'account.reset': { params: AskedFrom & { word: string; password: string }; result: Answer<null> }
  'account.profile': { params: { userId: string }; result: Answer<Profile> }
  /** A new password needs the old one, and ends every session. Null takes the phone away. */
  'account.change': {
    params: {
      userId: string
      address: string
      name?: string
      phone?: string | null
      password?: { old: string; next: string }
    }
    result: Answer<Profile>
  }
  /** Holds when the new address has proven itself. */
  'account.email': {
    params: { userId: string; address: string; email: string; password: string }
    result: Answer<Profile>
  }
  /** For ever: what names him is shredded, what his money did stays. */
  'account.erase': {
    params: { userId: string; password: string; leavesMoney: boolean }
    result: Answer<{ readonly status: 'closed' | 'suspended' }>
  }
}

export type TotpActions = {
  /** Who has one already proves it to get another. */
  'totp.enrol': {
    params: LoginPlace & { name: string; password: string; code?: string }
    result: Answer<{ readonly secret: string; readonly uri: string }>
  }
  'totp.confirm': {
    params: LoginPlace & { name: string; password: string; code: string }
    result: Answer<{ readonly recoveryCodes: readonly string[] }>
  }
  'totp.standing': {
    params: { userId: string; role: Role }
    result: Answer<{
      readonly isOn: boolean
      readonly isNeeded: boolean
      readonly codesLeft: number
    }>
  }
  /** For who lost telephone and codes. */
  'totp.reset': { params: { username: string; by: string }; result: Answer<null> }
}

export type ActivityActions = {
  /** `what` is `noun.past`, such as `deposit.created`; `details` holds no secret, and little. */
  'activity.note': {
    params: {
      userId: string
      what: string
      /** Shortened already, or empty. */
      address: string
      details?: Readonly<Record<string, string | number | boolean | null>>
    }
    result: Answer<null>
  }
  'activity.list': {
    params: { userId?: string; what?: string; before?: number; limit: number }
    result: Answer<{ readonly rows: readonly ActivityView[]; readonly next: number | null }>
  }
}
