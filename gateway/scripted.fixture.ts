/**
 * For tests and the bench: the mesh behind the gateway, scripted. It stands at the seam `Call`; the
 * gateway in front of it is real, and so are the sockets.
 */

import { createHmac } from 'node:crypto'
import { connect } from 'node:net'
import type { DigiflazzCard, KeyCard, MemberCard } from '../services/contract/identity.ts'
import type { ActivationView } from '../services/contract/number.ts'
import type { OrderView } from '../services/contract/order-view.ts'
import type { Actions, Call, Signals } from '../services/contract.ts'
import { type Gateway, type GatewayOptions, openGateway } from './gateway.ts'

export const userId = '0193a7c2-4d1e-70a1-9f3c-5a7b21d0e880'
export const trxId = '0193a7c2-4d1e-70a1-9f3c-5a7b21d0e881'
export const bornAt = Date.UTC(2026, 0, 2, 3, 4, 5, 678)

const person = {
  userId,
  username: 'user',
  name: 'Toko Contoh',
  role: 'reseller',
  level: 2,
  status: 'active',
} as const

export const keyCard = (change: Partial<KeyCard> = {}): KeyCard => ({
  ...person,
  keyId: 'key-1',
  secret: 'a secret of a test',
  ipAllow: [],
  ratePerMin: 0,
  ...change,
})

export const digiflazzCard = (change: Partial<DigiflazzCard> = {}): DigiflazzCard => ({
  ...person,
  apiKey: 'key',
  ipAllow: [],
  ratePerMin: 0,
  ...change,
})

export const memberCard = (change: Partial<MemberCard> = {}): MemberCard => ({
  ...person,
  memberId: 'MEMBER1',
  pin: '1234',
  password: 'pass',
  ipAllow: [],
  ratePerMin: 0,
  signForms: [],
  templates: {},
  ...change,
})

export const orderView = (change: Partial<OrderView> = {}): OrderView => ({
  trxId,
  userId,
  ref: 'ref-1',
  product: 'TSEL10',
  destination: '081200000001',
  price: 10_500,
  status: 'PROCESSING',
  sn: null,
  failure: null,
  disputed: false,
  moneyEffect: 'held',
  attempts: [],
  timeline: [],
  next: null,
  createdAt: bornAt,
  updatedAt: bornAt,
  ...change,
})

export const activationView = (change: Partial<ActivationView> = {}): ActivationView => ({
  ...{ orderId: trxId, ref: 'ref-1', status: 'otp_received', serviceId: 'wa' },
  ...{ serviceName: 'WhatsApp', countryId: '6', countryName: 'Indonesia', operatorId: 'any' },
  ...{ number: '6281200000001', price: 3_000, moneyEffect: 'charged', otp: '123456' },
  messages: [{ text: 'kode: 123456', code: '123456', receivedAt: bornAt, late: false }],
  ...{
    resendsLeft: 3,
    awaitsNext: false,
    expiresAt: bornAt,
    why: null,
    createdAt: bornAt,
    updatedAt: bornAt,
  },
  ...change,
})

type Scripts = { [A in keyof Actions]?: (params: Actions[A]['params']) => Answered<A> }
type Answered<A extends keyof Actions> = Actions[A]['result'] | Promise<Actions[A]['result']>

const usual: Scripts = {
  'identity.key': ({ keyId }) => (keyId === 'key-1' ? keyCard() : null),
  'identity.digiflazz': ({ username }) => (username === 'user' ? digiflazzCard() : null),
  'identity.member': ({ memberId }) => (memberId === 'MEMBER1' ? memberCard() : null),
  'order.place': ({ ref, product, destination }) => ({
    ok: { order: orderView({ ref, product, destination }), balance: 989_500, repeated: false },
  }),
  'live.watch': () => ({ after: '41.1' }),
}

/** A gateway on a free port, with what it asked of the mesh. */
export class Stage {
  readonly asked: { action: keyof Actions; params: unknown }[] = []
  readonly scripts: Scripts
  readonly #handlers = new Map<keyof Signals, (signal: never) => void>()
  /** Of whose visit each was. */
  readonly visits: { readonly action: string; readonly requestId: string | null }[] = []
  #gateway: Gateway | null = null

  private constructor(scripts: Scripts) {
    this.scripts = { ...usual, ...scripts }
  }

  static async open(scripts: Scripts = {}, options: Partial<GatewayOptions> = {}): Promise<Stage> {
    const stage = new Stage(scripts)
    stage.#gateway = await openGateway({
      port: 0,
      mode: 'demo',
      publicUrl: 'http://127.0.0.1:3000',
      call: stage.call,
      onSignal: (name, handler) => {
        stage.#handlers.set(name, handler)
        return () => stage.#handlers.delete(name)
      },
      ...options,
    })
    return stage
  }

  get port(): number {
    return this.#gateway!.port
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  get table(): Gateway['table'] {
    return this.#gateway!.table
  }

  close(): Promise<void> {
    return this.#gateway!.close()
  }

  readonly call: Call = async (action, params, requestId) => {
    this.asked.push({ action, params })
    this.visits.push({ action, requestId: requestId ?? null })
    const script = this.scripts[action]
    if (script === undefined) throw new Error(`${action} is not scripted`)
    return script(params)
  }

  signal<S extends keyof Signals>(name: S, signal: Signals[S]): void {
    this.#handlers.get(name)?.(signal as never)
  }

  askedOf<A extends keyof Actions>(action: A): Actions[A]['params'][] {
    return this.asked.filter(one => one.action === action).map(one => one.params) as never
  }
}

export type Ask = {
  readonly method?: string
  readonly path: string
  readonly body?: string | Uint8Array<ArrayBuffer>
  readonly headers?: Record<string, string>
  readonly timestamp?: string
  readonly nonce?: string
  readonly secret?: string
  readonly key?: string
  /** The text to sign instead of the right one. */
  readonly text?: string
}

export function signedHeaders(ask: Ask): Record<string, string> {
  const { method = 'GET', path, body = '', nonce } = ask
  const timestamp = ask.timestamp ?? String(Math.floor(Date.now() / 1_000))
  const head = nonce === undefined ? timestamp : `${timestamp}.${nonce}`
  const signature = createHmac('sha256', ask.secret ?? keyCard().secret)
    .update(ask.text ?? `${head}.${method}.${path}.`)
    .update(body)
    .digest('hex')
  return {
    'x-api-key': ask.key ?? 'key-1',
    'x-timestamp': timestamp,
    'x-signature': signature,
    ...(nonce === undefined ? {} : { 'x-nonce': nonce }),
    ...(method === 'POST' ? { 'content-type': 'application/json' } : {}),
    ...ask.headers,
  }
}

type Told = {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  // The tests look into answers of every shape; a wrong look fails the test.
  readonly body: Answer
}
type Answer = { readonly [name: string]: Answer } & { readonly length: number }

/** A signed request over a real socket. */
export async function send(stage: Stage, ask: Ask): Promise<Told> {
  return plain(stage, { ...ask, headers: signedHeaders(ask) })
}

export async function plain(stage: Stage, ask: Ask): Promise<Told> {
  const { method = 'GET', path, body, headers = {} } = ask
  const response = await fetch(stage.url + path, {
    method,
    headers,
    redirect: 'manual',
    ...(body === undefined ? {} : { body }),
  })
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.startsWith('application/json') && text !== ''
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: isJson ? JSON.parse(text) : null,
  }
}

export const order = (change: Record<string, unknown> = {}): string =>
  JSON.stringify({
    ref_id: 'ref-1',
    product_code: 'TSEL10',
    destination: '081200000001',
    ...change,
  })

export const buy = (stage: Stage, body: string | Uint8Array<ArrayBuffer> = order(), ask = {}) =>
  send(stage, { method: 'POST', path: '/api/v1/transactions', body, ...ask })

/** Writes bytes and gives back all that comes until the server closes or `until` is seen. */
export function raw(stage: Stage, bytes: string | Buffer, until: RegExp): Promise<string> {
  return new Promise(resolve => {
    const socket = connect(stage.port, '127.0.0.1')
    let text = ''
    const done = (): void => {
      socket.destroy()
      resolve(text)
    }
    socket.on('data', chunk => {
      text += chunk.toString()
      if (until.test(text)) done()
    })
    socket.on('error', done)
    socket.on('close', done)
    socket.write(bytes)
  })
}
