/** Orders by chat: its gateways, who writes there, and what is answered. */

import type { Answer } from './answer.ts'
import type { Millis } from './words.ts'

export type ChatGatewayView = {
  readonly name: string
  readonly kind: 'plain' | 'whatsapp' | 'whatsapp_cloud' | 'telegram'
  readonly baseUrl: string
  readonly grammar?: unknown
  readonly active: boolean
}

export type ChatSenderView = {
  readonly id: number
  readonly gateway: string
  readonly address: string
  readonly userId: string
  readonly name: string
  readonly username: string
  readonly status: string
  readonly wrongPins: number
  readonly lockedUntil: Millis | null
  readonly createdAt: Millis
}

export type ChatMessageView = {
  readonly id: number
  readonly gateway: string
  readonly address: string
  readonly text: string
  readonly state: string
  readonly problem: string | null
  readonly createdAt: Millis
}

export type ChatActions = {
  /** What a channel brought, as it came; the body in base64. `reply` for who waits for it. */
  'chat.receive': {
    params: {
      gateway: string
      door: 'inbox' | 'cloud' | 'telegram'
      headers: Readonly<Record<string, string>>
      body: string
    }
    result:
      | { verdict: 'accepted'; reply: string | null }
      | { verdict: 'forged' | 'malformed' | 'unknown_gateway' }
  }
  /** Meta's question whether we are who we say; null is no. */
  'chat.challenge': { params: { gateway: string; query: string }; result: string | null }
  'chat.gateways': {
    params: Record<string, never>
    result: Answer<{ rows: readonly ChatGatewayView[] }>
  }
  /** Credentials that are not given stay; an empty `grammar` is the usual one. */
  'chat.putGateway': {
    params: ChatGatewayView & { credentials?: Readonly<Record<string, string>> }
    result: Answer<ChatGatewayView>
  }
  'chat.senders': {
    params: { after: number; limit: number }
    result: Answer<{ rows: readonly ChatSenderView[] }>
  }
  /** `client` is a username or an id. */
  'chat.link': {
    params: { gateway: string; address: string; client: string }
    result: Answer<{ id: number; gateway: string; address: string }>
  }
  'chat.unlink': { params: { id: number }; result: Answer<null> }
  'chat.unlock': { params: { id: number }; result: Answer<null> }
  'chat.templates': {
    params: Record<string, never>
    result: Answer<{ rows: readonly { name: string; text: string; usual: string }[] }>
  }
  /** Text null takes the owner's wording away. */
  'chat.putTemplate': {
    params: { name: string; text: string | null }
    result: Answer<{ text: string; unknown: readonly string[] }>
  }
  'chat.preview': {
    params: { text: string }
    result: Answer<{ text: string; unknown: readonly string[] }>
  }
  'chat.messages': {
    params: { box: 'inbox' | 'outbox'; before: number; limit: number }
    result: Answer<{ rows: readonly ChatMessageView[] }>
  }
}
