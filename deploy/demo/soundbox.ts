/**
 * The demo's QRIS merchant: approved, with one outlet, a printed QR and a till that makes a QR per
 * payment, under a usual fee. What an owner has changed stays.
 *
 * SAF1. Merchant, outlet, terminals and fee are made once; a second start finds them.
 * SAF2. demo.json names merchant and terminals, the secret of the acquirer's callbacks, and the key
 *       with which his report of a day is fetched.
 * SAF3. The sandbox's acquirer knows that secret, and where to call, after every start.
 */

import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import type { Answer } from '../../services/contract/answer.ts'
import type { TerminalView } from '../../services/contract/soundbox.ts'
import type { Call } from '../../services/contract.ts'
import type { Seal } from '../../services/seal.ts'
import type { CallbackSecret } from '../../services/soundbox/callback-secret.ts'
import type { Database } from '../../sql/database.ts'
import { readInstallation, writeInstallation } from '../../sql/installation.ts'
import { StartFailure } from '../start-failure.ts'
import { demoFile } from './demo.ts'

type DemoSoundboxDeps = {
  readonly db: Pick<Database, 'pool'>
  readonly seal: Pick<Seal, 'keyFor'>
  readonly call: Call
  readonly callbackSecret: Pick<CallbackSecret, 'good'>
  readonly dataDir: string
  readonly now: () => number
}

export type DemoSoundbox = {
  readonly merchantId: string
  readonly outletId: string
  readonly staticTerminalId: string
  readonly terminalId: string
  readonly qr: string
  readonly secret: string
}

const by = 'demo'
const note = 'demo.merchant'
const sandboxTimeoutMs = 5_000

/** 0.7 % of every payment, as the smallest merchants know it from their acquirers. */
const usualPlan = { bps: 70, fixed: 0, rounding: 'half_up' } as const

/** Needs the services, and no engine. */
export async function prepareDemoSoundbox(deps: DemoSoundboxDeps): Promise<DemoSoundbox> {
  const { db, seal, call, callbackSecret, dataDir, now } = deps
  const known = await readInstallation(db.pool, note)
  const merchantId = known ?? (await addMerchant(deps))
  if (known === null) await writeInstallation(db.pool, { name: note, value: merchantId })
  const house = said(await call('merchant.fees', { merchantId: null }))
  if (known === null && house.rows.length === 0) {
    const plan = { merchantId: null, effectiveFrom: now(), plan: usualPlan, by }
    said(await call('merchant.addFee', plan))
  }
  const { rows } = said(await call('merchant.terminals', { merchantId }))
  const printed = rows.find(row => row.kind === 'static') ?? (await addTerminals(call, merchantId))
  const { rows: all } = said(await call('merchant.terminals', { merchantId }))
  const till = all.find(row => row.kind === 'dynamic') ?? printed
  const [secret] = await callbackSecret.good()
  const made = {
    merchantId,
    outletId: printed.outletId,
    staticTerminalId: printed.terminalId,
    terminalId: till.terminalId,
    qr: printed.qr ?? '',
    secret: secret!,
  }
  showInDemoFile(demoFile(dataDir), before => ({
    merchant: {
      ...asObject(before['merchant']),
      merchant_id: merchantId,
      outlet_id: made.outletId,
      terminal_id: made.terminalId,
      static_terminal_id: made.staticTerminalId,
      static_qr: made.qr,
    },
    acquirer: { api_key: acquirerToken(seal) },
    callback_secrets: { ...asObject(before['callback_secrets']), qris: made.secret },
  }))
  return made
}

/** Of the acquirer's report of a day. */
const acquirerToken = (seal: Pick<Seal, 'keyFor'>): string =>
  seal.keyFor('demo acquirer').toString('hex')

export async function registerAcquirerAtSandbox(
  { secret }: Pick<DemoSoundbox, 'secret'>,
  where: {
    readonly sandboxUrl: string
    readonly publicUrl: string
    readonly seal: Pick<Seal, 'keyFor'>
  },
): Promise<void> {
  const { sandboxUrl, publicUrl, seal } = where
  const url = `${sandboxUrl}/_sandbox/accounts`
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    signal: AbortSignal.timeout(sandboxTimeoutMs),
    body: JSON.stringify({
      ...{ party: 'acquirer', username: 'laju', api_key: acquirerToken(seal) },
      webhook_url: `${publicUrl}/integrations/qris/callback`,
      webhook_secret: secret,
    }),
  }).catch((cause: unknown) => cause)
  if (answer instanceof Response && answer.ok) return
  throw new StartFailure(
    `The sandbox at ${url} did not take our QRIS merchant: ` +
      'check SANDBOX_PORT and SANDBOX_URL, or restart the sandbox.',
    { cause: answer },
  )
}

async function addMerchant({ call }: DemoSoundboxDeps): Promise<string> {
  const fields = {
    name: 'Toko Sinar Laju',
    qrName: 'TOKO SINAR LAJU',
    bankCode: 'bca',
    accountName: 'Toko Sinar Laju',
    accountNumber: '1234567890',
  }
  const { merchantId } = said(await call('merchant.create', { by, fields }))
  const approved = { merchantId, verb: 'approve', reason: 'demo', by, role: 'admin' } as const
  said(await call('merchant.judge', approved))
  return merchantId
}

/** The printed one. */
async function addTerminals(call: Call, merchantId: string): Promise<TerminalView> {
  const place = { merchantId, name: 'Toko Pusat', address: 'Jalan Demo 1', city: 'Jakarta', by }
  const { outletId } = said(await call('merchant.addOutlet', place))
  const add = async (label: string, kind: TerminalView['kind']) =>
    said(await call('merchant.addTerminal', { outletId, label, kind, by }))
  const printed = await add('Meja depan', 'static')
  await add('Kasir', 'dynamic')
  return printed
}

/** Puts a part into demo.json; what other lines wrote stays. The file is replaced whole. */
export function showInDemoFile(
  file: string,
  part: (before: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>,
): void {
  const before = existsSync(file)
    ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>)
    : {}
  const draft = `${file}.${process.pid}`
  rmSync(draft, { force: true })
  const content = { ...before, ...part(before) }
  writeFileSync(draft, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600, flag: 'wx' })
  renameSync(draft, file)
}

export const asObject = (value: unknown): object =>
  typeof value === 'object' && value !== null ? value : {}

function said<T>(answer: Answer<T>): T {
  if ('ok' in answer) return answer.ok
  throw new Error(`the demo's merchant was refused: ${JSON.stringify(answer)}`)
}
