/**
 * The payment gateways as they stand now: rows read, adapters looked up, credentials opened; and
 * what can be paid with through each, as the gateway itself last said.
 *
 *   payment_gateway ─▶ usable gateways ─▶ call (never repeated) ─▶ gateway
 *                          └─▶ menu: methods, limits and fees, asked for again every few minutes
 *
 * GWD1. A gateway whose row can't be used is left out and said so; the others are served.
 * GWD2. A change of the table is in use as soon as it is heard.
 * GWD3. Methods and their limits are the gateway's own; while it does not answer, what it said last
 *       is good for an hour, and then nothing is offered. Before all have answered, a method that
 *       nobody named is closed, not unknown.
 * GWD4. A call is written once. What certainly was not sent is told apart from what may have been.
 */

import type { Changes } from '../../../sql/changes.ts'
import type { Database } from '../../../sql/database.ts'
import { type GatewayRow, readGateways } from '../../../sql/money/deposit-intents.ts'
import type { HealthPart } from '../../contract/live.ts'
import { whenHurried } from '../../hurry.ts'
import type { Seal } from '../../seal.ts'
import { HttpPool } from '../../supplier/http-client.ts'
import { Turns } from '../../turns.ts'
import type { Credentials, Exchange, GatewayAdapter, Offered, Unread } from './adapter.ts'

type Gateway = {
  readonly code: string
  readonly adapter: GatewayAdapter
  readonly credentials: Credentials
  readonly active: boolean
}

/** `unsent`: not one byte of it left. */
type Called<Read> = Read | Unread | { readonly unsent: string }

type Choice = Offered & { readonly gateway: string }

type GatewaysDeps = {
  readonly db: Pick<Database, 'pool'>
  readonly seal: Pick<Seal, 'open'>
  readonly changes: Pick<Changes, 'subscribe'>
  readonly adapters: ReadonlyMap<string, GatewayAdapter>
  readonly now: () => number
  readonly onError: (cause: unknown) => void
}

/** What a gateway's credentials are sealed for. */
export const gatewayPurpose = (code: string): string => `gateway:${code}`

const menuFreshMs = 5 * 60_000
const menuGoodMs = 60 * 60_000
const methodsMax = 100
/** Who has not answered yet is asked again as often. */
const beatMs = 5_000

type Usable = Gateway & {
  readonly row: GatewayRow
  readonly pool: HttpPool
  menu: readonly Offered[]
  /** When it last said so; null: never. */
  menuAt: number | null
}

export class Gateways {
  readonly #deps: GatewaysDeps
  #gateways: ReadonlyMap<string, Usable> = new Map()
  #problems: readonly string[] = []
  readonly #reading = new Turns(() => this.#read())
  #asking: Promise<void> | null = null
  #timer: NodeJS.Timeout | undefined
  #unsubscribe: (() => void) | undefined

  constructor(deps: GatewaysDeps) {
    this.#deps = deps
  }

  async start(): Promise<void> {
    await this.reload()
    const again = (): void => void this.reload().catch(this.#deps.onError)
    this.#unsubscribe = this.#deps.changes.subscribe({
      change: ({ table }) => {
        if (table === 'payment_gateway') again()
      },
      gap: again,
    })
    this.#timer = setInterval(() => void this.refresh(), beatMs)
    void this.refresh()
  }

  /** Waits for calls that are under way; after `hurry` what comes of them is not known. */
  async stop(hurry?: AbortSignal): Promise<void> {
    clearInterval(this.#timer)
    this.#unsubscribe?.()
    whenHurried(hurry, () => {
      for (const { pool } of this.#gateways.values()) pool.hurry()
    })
    await this.#reading.close()
    await this.#asking
    await Promise.all([...this.#gateways.values()].map(({ pool }) => pool.close()))
  }

  get(code: string): Gateway | undefined {
    return this.#gateways.get(code)
  }

  health(): HealthPart {
    const isOk = this.#problems.length === 0
    return { name: 'gateways', ok: isOk, ms: 0, reason: isOk ? null : this.#problems.join('; ') }
  }

  /** What may be chosen at this moment. */
  menu(): readonly Choice[] {
    const now = this.#deps.now()
    return [...this.#gateways.values()].flatMap(({ code, active, menu, menuAt }) => {
      const isGood = active && menuAt !== null && now - menuAt < menuGoodMs
      return isGood ? menu.map(one => ({ ...one, gateway: code })) : []
    })
  }

  /** Whether everybody has said what he offers: then a method that nobody named does not exist. */
  get isWhole(): boolean {
    return [...this.#gateways.values()].every(({ active, menuAt }) => !active || menuAt !== null)
  }

  /** Resolves when what was written before the call is in use. */
  reload(): Promise<void> {
    return this.#reading.ask()
  }

  /** Asks those whose menu is not fresh any more; also those that did not answer. */
  refresh(): Promise<void> {
    this.#asking ??= this.#askMenus().finally(() => {
      this.#asking = null
    })
    return this.#asking
  }

  async call<Asked, Read>(
    code: string,
    exchange: Exchange<Asked, Read>,
    asked: Asked,
  ): Promise<Called<Read>> {
    const gateway = this.#gateways.get(code)
    if (gateway === undefined) return { unsent: 'gateway_unknown' }
    const outcome = await gateway.pool.send(exchange.ask(asked, gateway.credentials))
    switch (outcome.kind) {
      case 'answer':
        return exchange.read(outcome, asked, gateway.credentials)
      case 'not_sent':
        return { unsent: outcome.why }
      case 'unknown':
        return { unread: outcome.why }
    }
  }

  async #read(): Promise<void> {
    const usable = new Map<string, Usable>()
    const problems: string[] = []
    for (const row of await readGateways(this.#deps.db.pool)) {
      const known = this.#gateways.get(row.code)
      if (known !== undefined && JSON.stringify(known.row) === JSON.stringify(row)) {
        usable.set(row.code, known)
        continue
      }
      const made = this.#usableOf(row)
      if (typeof made === 'string') problems.push(`${row.code}: ${made}`)
      else usable.set(row.code, made)
    }
    const gone = [...this.#gateways.values()].filter(one => usable.get(one.code) !== one)
    this.#gateways = usable
    this.#problems = problems
    // What is under way through it still gets its answer.
    for (const { pool } of gone) void pool.close()
    void this.refresh()
  }

  #usableOf(row: GatewayRow): Usable | string {
    const { code, baseUrl, timeoutMs, maxInFlight, active } = row
    const adapter = this.#deps.adapters.get(row.adapter)
    if (adapter === undefined) return `no adapter named ${row.adapter}`
    if (!URL.canParse(baseUrl) || !/^https?:/.test(baseUrl)) return 'base_url is no http address'
    const credentials = this.#open(row)
    if (credentials === null) return 'credentials do not open'
    const missing = adapter.credentials.filter(name => !credentials[name])
    if (missing.length > 0) return `credentials lack ${missing.join(', ')}`
    const fixed = adapter.fixed?.({ min: row.amountMin, max: row.amountMax })
    return {
      ...{ code, adapter, credentials, active, row },
      pool: new HttpPool(baseUrl, { connectionsMax: maxInFlight, answerMsMax: timeoutMs }),
      menu: fixed ?? [],
      menuAt: fixed === undefined ? null : Number.POSITIVE_INFINITY,
    }
  }

  #open(row: GatewayRow): Credentials | null {
    try {
      const opened: unknown = JSON.parse(
        this.#deps.seal.open(row.credentials, gatewayPurpose(row.code)),
      )
      if (typeof opened !== 'object' || opened === null) return null
      const words = Object.entries(opened).filter(([, word]) => typeof word === 'string')
      return Object.fromEntries(words) as Credentials
    } catch {
      return null
    }
  }

  async #askMenus(): Promise<void> {
    const now = this.#deps.now()
    const due = [...this.#gateways.values()].filter(
      ({ active, menuAt, adapter }) =>
        active && adapter.methods !== null && (menuAt === null || now - menuAt >= menuFreshMs),
    )
    await Promise.all(due.map(one => this.#askMenu(one)))
  }

  async #askMenu(gateway: Usable): Promise<void> {
    try {
      const found = await this.call(gateway.code, gateway.adapter.methods!, null)
      if ('unsent' in found || 'unread' in found) return
      gateway.menu = found.slice(0, methodsMax)
      gateway.menuAt = this.#deps.now()
    } catch (cause) {
      this.#deps.onError(cause)
    }
  }
}
