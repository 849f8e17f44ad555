/**
 * The suppliers as they stand now: rows read, adapters looked up, credentials opened. An owner's
 * change in the table is in use without a restart.
 *
 * S24. A supplier whose row can't be used (no such adapter, credentials that don't open or lack a
 *      name) is left out and said so; the others are served.
 * S25. A change is in use as soon as it is heard; while reading fails, what was known stays in use.
 * S36. Where suppliers reach us from outside, each is told its own address with every purchase,
 *      with the word that only it knows where it has one.
 * PAN1. An owner's rules and template travel with the credentials; what the adapter can't use of
 *       them leaves the supplier out.
 */

import type { Changes } from '../../sql/changes.ts'
import type { Database } from '../../sql/database.ts'
import { readSuppliers, type SupplierRecord } from '../../sql/topup/catalogue.ts'
import { readSettings, type SupplierSettings } from '../../sql/topup/parser.ts'
import type { HealthPart } from '../contract/live.ts'
import type { Seal } from '../seal.ts'
import { Turns } from '../turns.ts'
import type { Adapter, Credentials } from './adapter.ts'
import type { SupplierAccess } from './caller.ts'

type DirectoryDeps = {
  readonly db: Pick<Database, 'pool'>
  readonly seal: Pick<Seal, 'open'>
  readonly changes: Pick<Changes, 'subscribe'>
  readonly adapters: ReadonlyMap<string, Adapter>
  /** Never true in production. */
  readonly testing: boolean
  /** Base address under which suppliers reach us, when they shall be told with each purchase. */
  readonly callbackBase?: string | null
  /** Told all suppliers whenever they were read. */
  readonly onChange?: (suppliers: readonly SupplierAccess[]) => void
}

export type Directory = {
  readonly get: (code: string) => SupplierAccess | undefined
  readonly all: () => readonly SupplierAccess[]
  readonly reload: () => Promise<void>
  readonly health: () => HealthPart
  readonly stop: () => void
}

/** What a supplier's credentials are sealed for. */
export const supplierPurpose = (code: string): string => `supplier:${code}`

const retryMs = 1000
const tables: ReadonlySet<string> = new Set(['supplier', 'parser_activation', 'supplier_template'])

export async function makeDirectory(deps: DirectoryDeps): Promise<Directory> {
  let suppliers: ReadonlyMap<string, SupplierAccess> = new Map()
  let problems: readonly string[] = []
  const reading = new Turns(read)
  let retry: NodeJS.Timeout | undefined

  async function read(): Promise<void> {
    const usable = new Map<string, SupplierAccess>()
    const found: string[] = []
    const rows = await readSuppliers(deps.db.pool)
    const settings = new Map((await readSettings(deps.db.pool)).map(one => [one.supplier, one]))
    for (const row of rows) {
      const access = accessOf(row, deps, settings.get(row.code))
      if (typeof access === 'string') found.push(`${row.code}: ${access}`)
      else usable.set(row.code, access)
    }
    suppliers = usable
    problems = found
    deps.onChange?.([...usable.values()])
  }

  /** Resolves when what was written before the call is in use. */
  const reload = (): Promise<void> => reading.ask()

  function refresh(): void {
    reload().catch(() => {
      clearTimeout(retry)
      if (!reading.isClosed) retry = setTimeout(refresh, retryMs).unref()
    })
  }

  await reload()
  const unsubscribe = deps.changes.subscribe({
    change: ({ table }) => {
      if (tables.has(table)) refresh()
    },
    gap: refresh,
  })

  return {
    get: code => suppliers.get(code),
    all: () => [...suppliers.values()],
    reload,
    health: () => ({
      name: 'suppliers',
      ok: problems.length === 0,
      ms: 0,
      reason: problems.length === 0 ? null : problems.join('; '),
    }),
    stop() {
      void reading.close()
      clearTimeout(retry)
      unsubscribe()
    },
  }
}

function accessOf(
  row: SupplierRecord,
  deps: DirectoryDeps,
  settings: SupplierSettings | undefined,
): SupplierAccess | string {
  const { code, baseUrl, timeoutMs, maxInFlight, recheckAfterMs, active } = row
  const kind = deps.adapters.get(row.adapter)
  if (kind === undefined) return `no adapter named ${row.adapter}`
  if (!URL.canParse(baseUrl) || !/^https?:/.test(baseUrl)) return 'base_url is no http address'
  const sealed = openCredentials(row, deps.seal)
  if (sealed === null) return 'credentials do not open'
  const credentials = withSettings(sealed, settings)
  let adapter: Adapter
  try {
    adapter = kind.configure?.(credentials) ?? kind
  } catch (cause) {
    return (cause as Error).message
  }
  const missing = adapter.card.credentials.filter(name => !credentials[name])
  if (missing.length > 0) return `credentials lack ${missing.join(', ')}`
  const access = {
    ...{ code, adapter, baseUrl, credentials, timeoutMs, maxInFlight, recheckAfterMs, active },
    testing: deps.testing,
    ...(typeof row.ratePerMin === 'number' ? { ratePerMin: row.ratePerMin } : {}),
    ...(typeof row.accountSinceMs === 'number' ? { accountSince: row.accountSinceMs } : {}),
    callbackIps: (row.callbackIps ?? '').split(/\s+/).filter(one => one !== ''),
  }
  const { callbackBase = null } = deps
  if (callbackBase === null) return access
  return { ...access, callbackUrl: callbackUrl(callbackBase, code, credentials) }
}

/** The route of the gateway that takes them: `callbackPaths` there. */
function callbackUrl(base: string, code: string, { callbackToken }: Credentials): string {
  const url = `${base}/api/v1/callbacks/supplier/${encodeURIComponent(code)}`
  return callbackToken ? `${url}/${encodeURIComponent(callbackToken)}` : url
}

export function openCredentials(
  row: Pick<SupplierRecord, 'code' | 'credentials'>,
  seal: Pick<Seal, 'open'>,
): Credentials | null {
  try {
    const opened: unknown = JSON.parse(seal.open(row.credentials, supplierPurpose(row.code)))
    if (typeof opened !== 'object' || opened === null) return null
    const words = Object.entries(opened).filter(([, word]) => typeof word === 'string')
    return Object.fromEntries(words) as Credentials
  } catch {
    return null
  }
}

function withSettings(sealed: Credentials, settings: SupplierSettings | undefined): Credentials {
  const { rules = null, template = null } = settings ?? {}
  return {
    ...sealed,
    ...(rules === null ? {} : { rules }),
    ...(template === null ? {} : { template }),
  }
}
