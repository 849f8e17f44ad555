/** The number line as its staff sees it: what numbers are sold for, who buys, what is earned. */

import type { Answer } from './answer.ts'
import type { ActivationStatus } from './number.ts'
import type { NumberSupplierKind, NumberSupplierRow } from './number-supplier.ts'
import type { ActivityView } from './people.ts'
import type { WalletActions } from './wallet.ts'
import type { Millis, MoneyEffect, Rupiah } from './words.ts'

// -- markup ------------------------------------------------------------------------------------

export type MarkupRounding = 'exact' | 'up_10' | 'up_50' | 'up_100' | 'up_500' | 'up_1000'

export type MarkupWords = { readonly rounding: MarkupRounding } & (
  | { readonly kind: 'percent'; readonly percentBp: number }
  | { readonly kind: 'fixed'; readonly fixed: Rupiah }
  | {
      readonly kind: 'tiered'
      readonly steps: readonly {
        readonly upTo: Rupiah | null
        readonly percentBp: number
        readonly fixed: Rupiah
      }[]
    }
)

/** Level 0 is everybody's; an empty name means all of them. */
export type MarkupPlace = {
  readonly level: number
  readonly service: string
  readonly country: string
  readonly operator: string
}

export type MarkupNote = {
  readonly version: number
  readonly by: string
  readonly reason: string
  readonly at: Millis
}

/** Null takes the rule back. */
export type MarkupWish = { readonly place: MarkupPlace; readonly rule: MarkupWords | null }

export type MarkupMove = MarkupPlace & {
  readonly serviceName: string
  readonly countryName: string
  readonly cost: Rupiah
  readonly was: Rupiah
  readonly becomes: Rupiah
}

/** What a change would do to the offers as they stand. */
export type MarkupPreview = {
  /** Of the rules that it was made of. */
  readonly version: number
  /** Offers that would be sold at another price, of so many that were looked at. */
  readonly offers: number
  readonly looked: number
  readonly raised: number
  readonly lowered: number
  /** Whose prices move, and how many people that are. */
  readonly levels: readonly number[]
  readonly people: number
  /** The largest moves first. */
  readonly moves: readonly MarkupMove[]
}

type MarkupActions = {
  'markup.rules': {
    params: Record<string, never>
    result: Answer<{
      readonly version: number
      readonly usual: MarkupWords
      readonly rules: readonly (MarkupNote & {
        readonly place: MarkupPlace
        readonly rule: MarkupWords
      })[]
    }>
  }
  'markup.history': {
    params: { before?: number; limit: number }
    result: Answer<{
      readonly rows: readonly (MarkupNote & MarkupWish)[]
      readonly next: number | null
    }>
  }
  'markup.preview': { params: MarkupWish; result: Answer<MarkupPreview> }
  /**
   * `version` is that of the rules which the change was made of; `expects`: whether there is a rule
   * of this place already.
   */
  'markup.change': {
    params: MarkupWish & { version: number; by: string; reason: string; expects?: 'none' | 'one' }
    result: Answer<{ readonly version: number }>
  }
}

// -- figures -----------------------------------------------------------------------------------

export type NumberFigures = {
  readonly newUsers: number
  readonly orders: number
  readonly byStatus: Readonly<Partial<Record<ActivationStatus, number>>>
  readonly codes: number
  readonly refunds: number
  readonly refunded: Rupiah
  readonly deposits: number
  readonly deposited: Rupiah
  /** Of codes sold: what was paid, what it cost, what is left. */
  readonly selling: Rupiah
  readonly base: Rupiah
  readonly profit: Rupiah
}

export type NumberStats = {
  readonly countedAt: Millis
  readonly users: number
  readonly open: number
  readonly today: NumberFigures
  /** Today and the six days before. */
  readonly week: NumberFigures
  readonly days: readonly NumberDay[]
}

export type NumberDay = {
  /** YYYY-MM-DD, in Jakarta. */
  readonly day: string
  readonly orders: number
  readonly codes: number
  readonly refunds: number
  readonly selling: Rupiah
  readonly profit: Rupiah
  readonly deposited: Rupiah
}

export type ProfitBy = 'day' | 'service' | 'country' | 'supplier' | 'operator'

export type ProfitRow = {
  readonly key: string
  readonly sold: number
  readonly refunded: number
  readonly lateCosts: number
  readonly selling: Rupiah
  readonly base: Rupiah
  /** Nobody takes a fee of a sale, so it is zero; gateways' fees are the payer's or of no order. */
  readonly fee: Rupiah
  readonly profit: Rupiah
}

export type NumberMoney = {
  readonly kind: 'sold' | 'refunded' | 'deposit'
  /** As the wallet saw it. */
  readonly direction: 'in' | 'out'
  /** Of the order, or of the deposit as we call it. */
  readonly id: string
  readonly userId: string
  readonly username: string | null
  readonly amount: Rupiah
  /** The supplier or the gateway. */
  readonly with: string
  readonly at: Millis
}

// -- people ------------------------------------------------------------------------------------

export type NumberUser = {
  readonly userId: string
  readonly username: string
  readonly name: string
  readonly email: string | null
  readonly isEmailVerified: boolean
  readonly phone: string | null
  readonly role: 'consumer' | 'reseller'
  readonly level: number
  readonly status: 'active' | 'suspended' | 'closed'
  readonly version: number
  readonly ban: {
    readonly reason: string
    /** Null: when somebody lifts it. */
    readonly endsAt: Millis | null
    readonly by: string
    readonly at: Millis
  } | null
  readonly createdAt: Millis
}

export type NumberUserFile = {
  readonly user: NumberUser
  readonly money: { readonly balance: Rupiah; readonly held: Rupiah; readonly available: Rupiah }
  readonly totals: {
    readonly orders: number
    readonly codes: number
    readonly refunds: number
    readonly spent: Rupiah
  }
  /** The newest of each. */
  readonly orders: readonly NumberOrderRow[]
  readonly mutations: Ok<WalletActions['wallet.mutations']['result']>['rows']
  readonly activity: readonly ActivityView[]
}

type Ok<A> = A extends { readonly ok: infer T } ? T : never

// -- orders ------------------------------------------------------------------------------------

export type NumberOrderRow = {
  readonly orderId: string
  readonly userId: string
  readonly username: string | null
  readonly ref: string
  readonly status: ActivationStatus
  readonly isOpen: boolean
  readonly service: string
  readonly serviceName: string
  readonly country: string
  readonly countryName: string
  readonly operator: string
  readonly supplier: string
  readonly number: string | null
  readonly price: Rupiah
  readonly cost: Rupiah
  readonly moneyEffect: MoneyEffect
  readonly codes: number
  readonly late: number
  readonly resends: number
  readonly why: string | null
  readonly placedAt: Millis
  readonly updatedAt: Millis
}

export type NumberOrderFile = {
  readonly order: NumberOrderRow & {
    readonly phase: string
    readonly theirId: string | null
    readonly boughtAt: Millis | null
    readonly waitEndsAt: Millis
    readonly diesAt: Millis | null
  }
  /** What came, without what it says. */
  readonly messages: readonly {
    readonly at: Millis
    readonly isCode: boolean
    readonly late: boolean
  }[]
  readonly timeline: readonly {
    readonly at: Millis
    readonly what: string
    readonly by: string
    readonly details: Readonly<Record<string, unknown>>
  }[]
  readonly profit: readonly {
    readonly what: string
    readonly selling: Rupiah
    readonly base: Rupiah
    readonly fee: Rupiah
    readonly profit: Rupiah
    readonly at: Millis
  }[]
}

export type SupplierWeek = {
  readonly orders: number
  /** Orders whose number was had, and those that a code came for. */
  readonly bought: number
  readonly codes: number
  /** Orders that it did not sell, or whose end nobody knows. */
  readonly errors: number
  /** Of a hundred numbers; null while there are too few. */
  readonly successRate: number | null
  /** Seconds from number to first code: of half of them, and of nine in ten. */
  readonly codeP50S: number | null
  readonly codeP90S: number | null
}

type Plain = Readonly<Record<string, unknown>>

export type UserExport = {
  readonly user: NumberUser
  readonly madeAt: Millis
  /** Of which kinds there is more than stands here. */
  readonly capped: readonly string[]
  readonly sessions: readonly Plain[]
  readonly changes: readonly Plain[]
  readonly activity: readonly Plain[]
  readonly orders: readonly Plain[]
  readonly deposits: readonly Plain[]
  readonly mutations: readonly Plain[]
}

// -- settings ----------------------------------------------------------------------------------

export type NumberSettings = {
  readonly name: string
  /** Where "butuh bantuan?" leads; null shows no such link. */
  readonly helpUrl: string | null
  /** How long is waited for a code. */
  readonly waitMinutes: number
  /** How long a code stands on an invoice link, after it came. */
  readonly codeShownHours: number
  /** After so many days nobody can read the messages of an order any more. */
  readonly retentionDays: number
  /** A refund of more needs a second person. */
  readonly refundAloneMax: Rupiah
}

type DeskActions = {
  'numberDesk.stats': { params: Record<string, never>; result: Answer<NumberStats> }
  'numberDesk.profit': {
    params: { from: Millis; to: Millis; by: ProfitBy }
    result: Answer<{ readonly rows: readonly ProfitRow[]; readonly total: ProfitRow }>
  }
  /** What moved into and out of wallets: codes sold, refunds after them, deposits paid. */
  'numberDesk.transactions': {
    params: {
      userId?: string
      kind?: NumberMoney['kind']
      from: Millis
      to: Millis
      cursor?: string
      limit: number
    }
    result: Answer<{ readonly rows: readonly NumberMoney[]; readonly next: string | null }>
  }
  'numberDesk.users': {
    params: {
      q?: string
      status?: NumberUser['status']
      role?: NumberUser['role']
      banned?: boolean
      cursor?: string
      limit: number
    }
    result: Answer<{ readonly rows: readonly NumberUser[]; readonly next: string | null }>
  }
  'numberDesk.user': { params: { userId: string }; result: Answer<NumberUserFile> }
  'numberDesk.change': {
    params: { userId: string; version: number; by: string; name?: string; level?: number }
    result: Answer<NumberUser>
  }
  'numberDesk.status': {
    params: { userId: string; status: NumberUser['status']; reason: string; by: string }
    result: Answer<NumberUser>
  }
  /** A suspension that ends by itself; `until` null: when somebody lifts it. */
  'numberDesk.ban': {
    params: { userId: string; reason: string; until: Millis | null; by: string }
    result: Answer<NumberUser>
  }
  'numberDesk.unban': {
    params: { userId: string; reason: string; by: string }
    result: Answer<NumberUser>
  }
  'numberDesk.orders': {
    params: {
      status?: ActivationStatus
      open?: boolean
      late?: boolean
      userId?: string
      supplier?: string
      service?: string
      country?: string
      /** The rented number, or how it ends. */
      number?: string
      from?: Millis
      to?: Millis
      cursor?: string
      limit: number
    }
    result: Answer<{ readonly rows: readonly NumberOrderRow[]; readonly next: string | null }>
  }
  'numberDesk.order': { params: { orderId: string }; result: Answer<NumberOrderFile> }
  /** What the messages say; null where their time is over. Asked for with a reason only. */
  'numberDesk.reveal': {
    params: { orderId: string }
    result: Answer<{
      readonly messages: readonly {
        readonly at: Millis
        readonly text: string | null
        readonly code: string | null
        readonly late: boolean
      }[]
    }>
  }
  /** How each supplier stands, and how it did in the last seven days. */
  'numberDesk.suppliers': {
    params: Record<string, never>
    result: Answer<{
      readonly suppliers: readonly (NumberSupplierRow & { readonly week: SupplierWeek })[]
      readonly kinds: readonly NumberSupplierKind[]
    }>
  }
  /** All that is known of one user, for a request that is lawful. */
  'numberDesk.export': {
    params: { userId: string; withMessages: boolean }
    result: Answer<UserExport>
  }
  'numberDesk.settings': {
    params: Record<string, never>
    result: Answer<{ readonly version: number; readonly settings: NumberSettings }>
  }
  'numberDesk.set': {
    params: {
      version: number
      settings: Partial<NumberSettings>
      by: string
      reason: string
    }
    result: Answer<{ readonly version: number; readonly settings: NumberSettings }>
  }
}

// -- by hand -----------------------------------------------------------------------------------

/** Who does it; his name goes into the journal. */
export type StaffHand = { readonly userId: string; readonly name: string }

/** A refund that another person has to want as well. */
export type WaitingRefund = {
  readonly id: number
  readonly orderId: string
  readonly amount: Rupiah
  readonly reason: string
  /** What became of our money at the supplier, as far as the first person knows. */
  readonly supplier: 'charged' | 'returned' | null
  readonly by: string
  readonly byId: string
  readonly at: Millis
}

type Handled = {
  readonly orderId: string
  readonly status: ActivationStatus
  readonly moneyEffect: MoneyEffect
  /** Not done yet: a second person is needed. */
  readonly waits: WaitingRefund | null
}

type HandActions = {
  /** Asks the supplier to take the number back. */
  'numberHand.cancel': { params: { orderId: string; by: StaffHand }; result: Answer<Handled> }
  'numberHand.refund': {
    params: {
      orderId: string
      by: StaffHand
      reason: string
      supplier?: 'charged' | 'returned'
    }
    result: Answer<Handled>
  }
  /** Of what nobody can say: it is spent. */
  'numberHand.charge': {
    params: { orderId: string; by: StaffHand; reason: string }
    result: Answer<Handled>
  }
  'numberHand.refunds': {
    params: Record<string, never>
    result: Answer<{ readonly rows: readonly WaitingRefund[] }>
  }
  'numberHand.reject': {
    params: { id: number; by: StaffHand }
    result: Answer<{ readonly id: number }>
  }
}

// -- names -------------------------------------------------------------------------------------

/** A supplier's word for an app or a country, and what it is to whoever buys. */
export type NumberNameRow = {
  readonly kind: 'service' | 'country'
  readonly word: string
  /** By which name a supplier told it, and who uses the word. */
  readonly told: string
  readonly suppliers: readonly string[]
  readonly id: string
  readonly name: string
  readonly by: 'staff' | 'known' | 'supplier'
  /** Of staff's word: whose it is, why and since when. */
  readonly who: string | null
  readonly reason: string | null
  readonly at: Millis | null
}

type NameActions = {
  'numberNames.list': {
    params: { kind: 'service' | 'country'; search: string; after: string; limit: number }
    result: Answer<{
      readonly version: number
      readonly rows: readonly NumberNameRow[]
      readonly next: string | null
    }>
  }
  /** `id` null takes back what was said of the word; `name` null leaves what it is called. */
  'numberNames.put': {
    params: {
      kind: 'service' | 'country'
      word: string
      id: string | null
      name: string | null
      version: number
      by: string
      reason: string
    }
    result: Answer<{ readonly version: number }>
  }
}

export type NumberAdminActions = MarkupActions & DeskActions & HandActions & NameActions
