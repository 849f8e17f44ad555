/**
 * Who knocks: a card for each way to prove it, opened for the gateway's own eyes; and the partners
 * whose proof is imprecise.
 */

import type { Answer } from './answer.ts'
import type { BillCodes } from './postpaid.ts'

/** Who somebody is to the house; all but `reseller`, `merchant` and `consumer` are staff. */
export type Role =
  | 'reseller'
  | 'admin'
  | 'finance'
  | 'support'
  | 'ops'
  | 'viewer'
  /** Speaks for one merchant of the soundbox line. */
  | 'merchant'
  /** Rents numbers for himself: came by e-mail, has no keys. */
  | 'consumer'

export type MerchantRole = 'owner' | 'finance' | 'ops' | 'viewer'

export type ClientCard = {
  readonly userId: string
  readonly username: string
  readonly name: string
  readonly level: number
  readonly role: Role
  readonly status: 'active' | 'suspended' | 'closed'
}

/** A machine's key for the REST signature, opened for the gateway's own eyes. */
export type KeyCard = ClientCard & {
  readonly keyId: string
  readonly secret: string
  readonly ipAllow: readonly string[]
  readonly ratePerMin: number
  /** Null: twice as many as orders. */
  readonly readPerMin?: number | null
}

/** A Digiflazz-dialect client: signs with md5(username + apiKey + ...). */
export type DigiflazzCard = ClientCard & {
  readonly apiKey: string
  readonly ipAllow: readonly string[]
  readonly ratePerMin: number
  /** Null: twice as many as orders. */
  readonly readPerMin?: number | null
}

/** Imprecise signs of OtomaX clones, each taken only from a partner to whom it was allowed. */
export type SignForm = 'hex' | 'padded' | 'prefix' | 'as-sent' | 'trx-balance' | 'pin-only'

/** A client of the OtomaX dialects: signs with SHA-1 over PIN and password, or sends them. */
export type MemberCard = ClientCard & {
  readonly memberId: string
  readonly pin: string
  readonly password: string
  readonly ipAllow: readonly string[]
  readonly ratePerMin: number
  /** Null: twice as many as orders. */
  readonly readPerMin?: number | null
  readonly signForms: readonly SignForm[]
  /** Null: the usual. */
  readonly bills?: BillCodes | null
  /** Texts that differ from the built-in ones, named `style.outcome`. */
  readonly templates: Readonly<Record<string, string>>
}

/** A person's login, opened for the gateway's own eyes; `secret` signs its access tokens. */
export type SessionCard = ClientCard & {
  readonly sid: string
  readonly secret: string
  /** Null: of whoever has none. */
  readonly email?: string | null
  /** Of the role `merchant`: for whom he speaks. */
  readonly merchant?: { readonly merchantId: string; readonly role: MerchantRole } | null
  readonly ipAllow: readonly string[]
  readonly ratePerMin: number
  /** Null: twice as many as orders. */
  readonly readPerMin?: number | null
}

/** A text that replaces a built-in one, for one partner or for all. */
export type ReplyTemplate = {
  readonly style: string
  readonly outcome: string
  readonly body: string
}

export type PartnerView = {
  /** Null: what holds for everybody. */
  readonly memberId: string | null
  readonly signForms: readonly SignForm[]
  /** Null: the usual. */
  readonly bills: BillCodes | null
  readonly templates: readonly ReplyTemplate[]
}

export type IdentityActions = {
  'identity.key': { params: { keyId: string }; result: KeyCard | null }
  'identity.digiflazz': { params: { username: string }; result: DigiflazzCard | null }
  'identity.member': { params: { memberId: string }; result: MemberCard | null }
}

export type PartnerActions = {
  'partner.get': { params: { memberId: string | null }; result: Answer<PartnerView> }
  'partner.setForms': {
    params: { memberId: string; signForms: readonly SignForm[] }
    result: Answer<PartnerView>
  }
  /** Null brings the usual codes back. */
  'partner.setBills': {
    params: { memberId: string; bills: BillCodes | null }
    result: Answer<PartnerView>
  }
  /** A body of null takes the text away again. */
  'partner.setTemplate': {
    params: { memberId: string | null; style: string; outcome: string; body: string | null }
    result: Answer<PartnerView>
  }
}
