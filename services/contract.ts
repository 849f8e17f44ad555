/**
 * What may be asked of the services, and what they answer: one row per Moleculer action, in a table
 * per line of business (`services/contract/`). They hold types only. The edges (gateway, broker)
 * import nothing of ours but these and the words on the wire (`services/wire/`).
 *
 * Money is whole rupiah in safe integers; times are unix milliseconds; ids are UUIDv7 strings.
 */

import type { AbuseActions, HelpActions } from './contract/abuse.ts'
import type { AlarmActions } from './contract/alarm.ts'
import type { CareActions } from './contract/care.ts'
import type { CatalogueActions } from './contract/catalogue.ts'
import type { ChatActions } from './contract/chat.ts'
import type { ClientAdminActions } from './contract/clients.ts'
import type { CommissionActions } from './contract/commission.ts'
import type { DepositActions, IntentActions } from './contract/deposit.ts'
import type { DeskActions } from './contract/desk.ts'
import type { DeviceActions } from './contract/device.ts'
import type { IdentityActions, PartnerActions } from './contract/identity.ts'
import type { LiveActions, LiveEvent } from './contract/live.ts'
import type { NumberActions } from './contract/number.ts'
import type { NumberAdminActions } from './contract/number-admin.ts'
import type { DialectActions } from './contract/number-dialect.ts'
import type { NumberSupplierActions } from './contract/number-supplier.ts'
import type { OrderActions } from './contract/order.ts'
import type { OrderStatus } from './contract/order-view.ts'
import type { ParserActions } from './contract/parser.ts'
import type { AccountActions, ActivityActions, TotpActions } from './contract/people.ts'
import type { PostpaidActions } from './contract/postpaid.ts'
import type { RoutingActions } from './contract/routing.ts'
import type { SessionActions } from './contract/session.ts'
import type { MerchantActions, PaymentActions, SettlementActions } from './contract/soundbox.ts'
import type { SupplierActions } from './contract/supplier.ts'
import type { WalletActions } from './contract/wallet.ts'
import type { WebhookActions } from './contract/webhook.ts'
import type { Millis, Rupiah } from './contract/words.ts'

export type Actions = AbuseActions &
  AccountActions &
  ActivityActions &
  AlarmActions &
  CareActions &
  CatalogueActions &
  ChatActions &
  ClientAdminActions &
  CommissionActions &
  DepositActions &
  DeskActions &
  DeviceActions &
  HelpActions &
  IdentityActions &
  IntentActions &
  LiveActions &
  MerchantActions &
  NumberAdminActions &
  DialectActions &
  NumberActions &
  NumberSupplierActions &
  OrderActions &
  ParserActions &
  PaymentActions &
  PartnerActions &
  PostpaidActions &
  RoutingActions &
  SessionActions &
  SettlementActions &
  SupplierActions &
  TotpActions &
  WalletActions &
  WebhookActions

/** Signals on the mesh: facts that travel upward. */
export type Signals = {
  /** Something about this client changed that cards in memory say; look them up again. */
  'client.changed': { readonly userId: string }
  /** This key was revoked, or its card says something else. */
  'key.changed': { readonly keyId: string }
  /** Changes of clients, keys and sessions may have been missed. */
  'cards.missed': Record<string, never>
  /** This session ended, or its card says something else. */
  'session.changed': { readonly sid: string }
  /** Another process holds the journal now: watchers who were told by the former one begin anew. */
  'owner.moved': Record<string, never>
  /** A process that watched for its clients is gone. */
  'node.left': { readonly node: string }
  /** At another gateway: as its memory of them has them. */
  'nonces.used': { readonly digests: readonly number[] }
  /** One event of one watched client. */
  'live.event': { readonly userId: string; readonly event: LiveEvent }
  /** One event for those who work for the house. */
  'live.staff': { readonly event: LiveEvent }
  /** A sampled, masked view of orders for the public page of demo mode. */
  'live.pulse': {
    readonly orders: readonly {
      readonly trxId: string
      readonly product: string
      readonly destination: string
      readonly status: OrderStatus
      readonly price: Rupiah
      readonly ms: Millis
    }[]
    readonly acceptedPerS: number
    readonly completedPerS: number
    readonly open: number
  }
}

/**
 * How the edges call: `call('order.place', {...})`, typed by the table above. Whoever calls on
 * behalf of a request may name it, so that what is logged about it can be found.
 */
export type Call = <A extends keyof Actions>(
  action: A,
  params: Actions[A]['params'],
  requestId?: string | null,
) => Promise<Actions[A]['result']>
