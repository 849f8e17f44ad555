/**
 * Who wants to be called, in memory: the hot path asks one map, by wallet, and nothing else. The
 * secrets are opened here and stay here.
 *
 * WHC1. A change made by any process is in effect here when it is heard; while the table can't be
 *       read, what was known last holds.
 * WHC2. After a rotation the new and the former secret both sign for a day, the new one first.
 * WHC3. An order's own address is signed with the client's endpoint secret of that shape, the
 *       oldest active one's; without one, with the key that the client has anyway: the newest two
 *       HMAC secrets (standard), or the api_key (Digiflazz).
 */

import { wallet } from '../../actors/chart.ts'
import type { Changes } from '../../sql/changes.ts'
import type { DatabasePool } from '../../sql/database.ts'
import {
  allEndpoints,
  dialectKeyOf,
  type EndpointRow,
  signingKeysOf,
} from '../../sql/topup/webhooks.ts'
import type { WebhookShape } from '../contract/webhook.ts'
import { apiKeyPurpose, keyPurpose } from '../identity/identity.service.ts'
import type { Seal } from '../seal.ts'
import { Turns } from '../turns.ts'
import { keyOf } from './shapes.ts'

export type Endpoint = Pick<EndpointRow, 'id' | 'userId' | 'url' | 'shape' | 'active'> & {
  readonly events: ReadonlySet<string>
  readonly secret: string
  readonly former: { readonly secret: string; readonly until: number } | null
}

type EndpointsDeps = {
  readonly pool: DatabasePool
  readonly seal: Seal
  readonly changes: Pick<Changes, 'subscribe'>
  readonly onError?: (cause: unknown) => void
}

const clientsMax = 10_000
const retryMs = 1_000

export const secretPurpose = (endpointId: string): string => `webhook:${endpointId}`

export class Endpoints {
  readonly #deps: EndpointsDeps
  /** Active ones, by the wallet that a journal line names. */
  #byOwner = new Map<string, readonly Endpoint[]>()
  #byId = new Map<string, Endpoint>()
  /** Of clients whose orders carry their own address. */
  readonly #clientKeys = new Map<string, Promise<readonly Buffer[]>>()
  readonly #loading = new Turns(() => this.#load())
  #timer: NodeJS.Timeout | undefined
  #unsubscribe = () => {}

  constructor(deps: EndpointsDeps) {
    this.#deps = deps
  }

  async start(): Promise<void> {
    await this.#read()
    this.#unsubscribe = this.#deps.changes.subscribe({
      change: ({ table }) => {
        if (table === 'webhook_endpoint') void this.load()
        else if (table === 'client' || table === 'client_key') this.#clientKeys.clear()
      },
      gap: () => {
        this.#clientKeys.clear()
        void this.load()
      },
    })
  }

  stop(): void {
    void this.#loading.close()
    clearTimeout(this.#timer)
    this.#unsubscribe()
  }

  /** Active endpoints of the owner of this wallet. */
  of(owner: string): readonly Endpoint[] | undefined {
    return this.#byOwner.get(owner)
  }

  get(id: string): Endpoint | undefined {
    return this.#byId.get(id)
  }

  /** Those that must not be called now, as targets. */
  paused(): string[] {
    return [...this.#byId.values()].filter(one => !one.active).map(one => one.id)
  }

  /** Resolves when everything that was written before the call is known here. */
  load(): Promise<void> {
    return this.#loading.ask()
  }

  /** The raw secrets to sign with, the newest first. */
  async keysFor({ userId, endpointId, shape }: Signer, now: number): Promise<readonly Buffer[]> {
    const endpoint =
      endpointId === null
        ? this.#byOwner.get(wallet(userId))?.find(one => one.shape === shape)
        : this.#byId.get(endpointId)
    if (endpoint !== undefined) return keysOf(endpoint, now)
    return endpointId === null ? await this.#ownKeys(userId, shape) : []
  }

  async #load(): Promise<void> {
    try {
      await this.#read()
    } catch (cause) {
      this.#deps.onError?.(cause)
      clearTimeout(this.#timer)
      if (!this.#loading.isClosed) this.#timer = setTimeout(() => void this.load(), retryMs).unref()
    }
  }

  async #read(): Promise<void> {
    const byOwner = new Map<string, Endpoint[]>()
    const byId = new Map<string, Endpoint>()
    for (const row of await allEndpoints(this.#deps.pool)) {
      const endpoint = this.#opened(row)
      if (endpoint === null) continue
      byId.set(row.id, endpoint)
      if (!row.active) continue
      const owner = wallet(row.userId)
      byOwner.set(owner, [...(byOwner.get(owner) ?? []), endpoint])
    }
    this.#byOwner = byOwner
    this.#byId = byId
  }

  /** Null when its secret can't be opened: one broken row must not silence all others. */
  #opened(row: EndpointRow): Endpoint | null {
    try {
      return this.#openedRow(row)
    } catch (cause) {
      this.#deps.onError?.(cause)
      return null
    }
  }

  #openedRow(row: EndpointRow): Endpoint {
    const { id, userId, url, shape, active, events, formerSecret, formerUntil } = row
    const open = (sealed: string) => this.#deps.seal.open(sealed, secretPurpose(id))
    const former =
      formerSecret === null || formerUntil === null
        ? null
        : { secret: open(formerSecret), until: formerUntil }
    const secret = open(row.secret)
    return { id, userId, url, shape, active, events: new Set(events), secret, former }
  }

  #ownKeys(userId: string, shape: WebhookShape): Promise<readonly Buffer[]> {
    const name = `${shape}/${userId}`
    const known = this.#clientKeys.get(name)
    if (known !== undefined) return known
    if (this.#clientKeys.size >= clientsMax) this.#clientKeys.clear()
    const keys = this.#readOwnKeys(userId, shape)
    this.#clientKeys.set(name, keys)
    keys.catch(() => this.#clientKeys.delete(name))
    return keys
  }

  async #readOwnKeys(userId: string, shape: WebhookShape): Promise<readonly Buffer[]> {
    const { pool, seal } = this.#deps
    if (shape === 'digiflazz') {
      const sealed = await dialectKeyOf(pool, userId)
      return sealed === null ? [] : [Buffer.from(seal.open(sealed, apiKeyPurpose(userId)))]
    }
    const rows = await signingKeysOf(pool, userId)
    return rows.map(({ id, secret }) => Buffer.from(seal.open(secret, keyPurpose(id))))
  }
}

type Signer = {
  readonly userId: string
  readonly endpointId: string | null
  readonly shape: WebhookShape
}

function keysOf({ secret, former }: Endpoint, now: number): readonly Buffer[] {
  const keys = [keyOf(secret)]
  if (former !== null && former.until > now) keys.push(keyOf(former.secret))
  return keys
}
