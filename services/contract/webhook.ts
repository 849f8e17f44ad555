/** Where a client wants to be called, and each call; secrets are told once, when made. */

import type { Answer } from './answer.ts'
import type { Millis } from './words.ts'

/**
 * How a client's own server is called: our words, Digiflazz's, a report URL of OtomaX or IRS, or
 * Digiflazz itself, which we sell to.
 */
export type WebhookShape = 'standard' | 'digiflazz' | 'otomax' | 'irs' | 'digiflazz-seller'

export type WebhookEvent =
  | 'order.created'
  | 'order.processing'
  | 'order.attention'
  | 'order.success'
  | 'order.failed'
  | 'order.refunded'
  | 'complaint.answered'
  | 'complaint.decided'
  | 'balance.updated'

export type WebhookView = {
  readonly id: string
  readonly url: string
  readonly shape: WebhookShape
  readonly events: readonly WebhookEvent[]
  readonly active: boolean
  /** Until when the former secret signs as well; null when there is none. */
  readonly formerSecretUntil: Millis | null
  readonly createdAt: Millis
}

export type DeliveryView = {
  readonly id: string
  /** Null when it went to the order's own callback address. */
  readonly webhookId: string | null
  readonly trxId: string | null
  readonly event: string
  readonly shape: WebhookShape
  readonly url: string | null
  readonly status: 'waiting' | 'delivered' | 'given_up'
  readonly attempts: number
  readonly nextAt: Millis | null
  readonly triedAt: Millis | null
  readonly answerStatus: number | null
  /** How the answer began. */
  readonly answer: string | null
  readonly problem: string | null
  readonly ms: Millis | null
  readonly createdAt: Millis
}

export type WebhookActions = {
  'webhook.list': { params: { userId: string }; result: Answer<readonly WebhookView[]> }
  'webhook.create': {
    params: {
      userId: string
      url: string
      shape: WebhookShape
      events?: readonly WebhookEvent[]
      secret?: string
    }
    result: Answer<{ webhook: WebhookView; secret: string }>
  }
  'webhook.change': {
    params: {
      userId: string
      id: string
      url?: string
      shape?: WebhookShape
      events?: readonly WebhookEvent[]
      active?: boolean
    }
    result: Answer<WebhookView>
  }
  'webhook.rotate': {
    params: { userId: string; id: string; secret?: string }
    result: Answer<{ webhook: WebhookView; secret: string }>
  }
  'webhook.remove': { params: { userId: string; id: string }; result: Answer<null> }
  'webhook.ping': { params: { userId: string; id: string }; result: Answer<DeliveryView> }
  'webhook.deliveries': {
    params: { userId: string; cursor?: string; limit: number; trxId?: string }
    result: Answer<{ rows: readonly DeliveryView[]; next: string | null }>
  }
  'webhook.replay': {
    params: { userId: string } & ({ deliveryId: string } | { from: Millis; to: Millis })
    result: Answer<{ count: number; more: boolean }>
  }
}
