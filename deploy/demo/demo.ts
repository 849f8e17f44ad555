/**
 * The first run's data: a catalogue, two suppliers who live in the sandbox, a reseller with money,
 * somebody below him whose orders earn him a commission, and two of the staff. Every credential is
 * generated, kept sealed, and shown in DATA_DIR/demo.json to the person who owns that folder.
 * Production never comes here.
 *
 *   every start: prepareDemo ─▶ registerAtSandbox (it forgets) ─▶ fundDemo (once)
 *
 * C26. A second start changes nothing that an owner or a test may have changed meanwhile.
 * C27. demo.json always works: what is missing or no longer true is made anew, the rest is kept.
 * C28. demo.json can be read by its owner only, and is replaced whole.
 * C29. Money is given once, under a reference that the engine can recognise as well.
 * C30. The sandbox knows our suppliers after every start; an account that it remembers keeps its
 *      balance.
 */

import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type Credentials,
  type EnrolDeps,
  type Enrolment,
  enrol,
  resetLogin,
  rotateApiKey,
  rotateKey,
  sealLogin,
} from '../../services/identity/enrol.ts'
import {
  apiKeyPurpose,
  keyPurpose,
  loginPurpose,
} from '../../services/identity/identity.service.ts'
import { type Seal, SealBroken } from '../../services/seal.ts'
import { supplierPurpose } from '../../services/supplier/directory.ts'
import type { Database } from '../../sql/database.ts'
import { readInstallation, writeInstallation } from '../../sql/installation.ts'
import { addCommissionRule } from '../../sql/money/commission.ts'
import { cardsOfKeys, cardsOfUsernames, clientById } from '../../sql/people/clients.ts'
import {
  addCatalogue,
  moveSupplier,
  readSuppliers,
  replaceCredentials,
  type SupplierRecord,
} from '../../sql/topup/catalogue.ts'
import { StartFailure } from '../start-failure.ts'
import { type DemoSupplier, demoCatalogue, demoSuppliers } from './catalogue.ts'

type DemoDeps = {
  readonly db: Database
  readonly seal: Seal
  readonly shards: number
  readonly dataDir: string
  /** Where the suppliers of the demo live; without one their addresses stay as they are. */
  readonly sandboxUrl: string | null
}

type DemoClient = Credentials

export type Demo = {
  readonly client: DemoClient
  /** Stands below the client, who earns of his orders. */
  readonly downline: DemoClient
  readonly suppliers: readonly SupplierLogin[]
  /** Who signs what takes two persons. */
  readonly staff: { readonly admin: string; readonly finance: string }
  readonly file: string
}

type SupplierLogin = {
  readonly code: DemoSupplier
  readonly username: string
  readonly apiKey: string
  readonly webhookSecret: string
}

/** Rp 1,000,000,000. */
export const openingDeposit = 1_000_000_000
/** Rp 10,000,000. */
export const downlineDeposit = 10_000_000
const sandboxTimeoutMs = 5_000

/** Needs the migrated database only: neither engine nor sandbox must run yet. */
export async function prepareDemo(deps: DemoDeps): Promise<Demo> {
  const suppliers = await needSuppliers(deps)
  const reseller = await needPerson(deps, 'reseller', { name: 'Demo Reseller' })
  const upline = reseller.userId
  const people = {
    reseller,
    downline: await needPerson(deps, 'downline', { name: 'Demo Downline', upline }),
    admin: await needPerson(deps, 'admin', { name: 'Demo Admin', role: 'admin' }),
    finance: await needPerson(deps, 'finance', { name: 'Demo Finance', role: 'finance' }),
  }
  await needCommission(deps)
  const file = demoFile(deps.dataDir)
  writeDemoFile(file, people, suppliers)
  const staff = { admin: people.admin.userId, finance: people.finance.userId }
  return { client: reseller, downline: people.downline, suppliers, staff, file }
}

type Addresses = {
  readonly sandboxUrl: string
  /** Where it can call us back. */
  readonly publicUrl: string
  /** What we have at a supplier that forgot it. */
  readonly balanceOf: (supplier: string) => Promise<number>
}

/** On every start, once the sandbox answers. */
export async function registerAtSandbox(
  { suppliers }: Pick<Demo, 'suppliers'>,
  { sandboxUrl, publicUrl, balanceOf }: Addresses,
): Promise<void> {
  const accounts = JSON.stringify(await askSandbox(`${sandboxUrl}/_sandbox/accounts`))
  for (const { code, username, apiKey, webhookSecret } of suppliers) {
    const remembers = accounts.includes(JSON.stringify(username))
    await askSandbox(`${sandboxUrl}/_sandbox/accounts`, {
      party: code,
      username,
      api_key: apiKey,
      webhook_url: `${publicUrl}/api/v1/callbacks/supplier/${code}`,
      webhook_secret: webhookSecret,
      ...(remembers ? {} : { balance: await balanceOf(code) }),
    })
  }
}

/**
 * Gives reseller and downline their opening money through the engine. A `ref` is the same for ever:
 * should we die between the deposit and our note of it, the engine can see that it was done.
 */
export async function fundDemo(
  { client, downline }: Pick<Demo, 'client' | 'downline'>,
  deps: {
    readonly db: Pick<Database, 'pool'>
    readonly deposit: (userId: string, amount: number, ref: string) => Promise<unknown>
  },
): Promise<boolean> {
  const { pool } = deps.db
  let isFunded = false
  for (const { name, userId, amount, ref } of [
    { name: 'demo.funded', userId: client.userId, ...openingGift },
    { name: 'demo.funded.downline', userId: downline.userId, ...downlineGift },
  ]) {
    if ((await readInstallation(pool, name)) === userId) continue
    await deps.deposit(userId, amount, ref)
    await writeInstallation(pool, { name, value: userId })
    isFunded = true
  }
  return isFunded
}

const openingGift = { amount: openingDeposit, ref: 'demo-opening-deposit' }
const downlineGift = { amount: downlineDeposit, ref: 'demo-downline-deposit' }

/** A fifth of the margin goes to who brought the buyer, until the owner decides otherwise. */
async function needCommission({ db }: DemoDeps): Promise<void> {
  const name = 'demo.commission'
  if ((await readInstallation(db.pool, name)) !== null) return
  await addCommissionRule(db.pool, { levels: [{ percent_bp: 2_000, fixed: 0 }] })
  await writeInstallation(db.pool, { name, value: 'default' })
}

export const demoFile = (dataDir: string): string => join(dataDir, 'demo.json')

async function needSuppliers({ db, seal, sandboxUrl }: DemoDeps): Promise<SupplierLogin[]> {
  const base = sandboxUrl ?? 'http://127.0.0.1:4000'
  const known = new Map((await readSuppliers(db.pool)).map(row => [row.code, row]))
  const logins: SupplierLogin[] = []
  const missing: SupplierRecord[] = []
  for (const code of demoSuppliers) {
    const row = known.get(code)
    const kept = row && openLogin(row, seal)
    const login = kept ?? drawLogin(code)
    const credentials = kept ? row.credentials : closeLogin(login, seal)
    const baseUrl = `${base}/${code}/v1`
    logins.push(login)
    if (row === undefined) missing.push({ ...supplierDefaults(code), baseUrl, credentials })
    else if (!kept) await replaceCredentials(db.pool, { code, credentials })
    if (row && sandboxUrl !== null) await moveSupplier(db.pool, { code, baseUrl })
  }
  // All or nothing: a catalogue that exists is the owner's, and nothing he deleted comes back.
  if (known.size === 0) await addCatalogue(db.pool, { ...demoCatalogue(), suppliers: missing })
  return logins.filter(({ code }) => known.size === 0 || known.has(code))
}

function supplierDefaults(code: DemoSupplier): Omit<SupplierRecord, 'baseUrl' | 'credentials'> {
  return {
    code,
    name: `Sandbox ${code}`,
    adapter: 'digiflazz',
    timeoutMs: 30_000,
    maxInFlight: 1_024,
    recheckAfterMs: 60_000,
    active: true,
  }
}

const drawLogin = (code: DemoSupplier): SupplierLogin => ({
  code,
  username: `laju${randomBytes(6).toString('hex')}`,
  apiKey: randomBytes(20).toString('hex'),
  webhookSecret: randomBytes(20).toString('hex'),
})

const closeLogin = ({ code, ...credentials }: SupplierLogin, seal: Seal): string =>
  seal.close(JSON.stringify(credentials), supplierPurpose(code))

/** Null when they were sealed under a master key that is lost: then we make new ones. */
function openLogin({ code, credentials }: SupplierRecord, seal: Seal): SupplierLogin | null {
  const opened = openOrNull(seal, credentials, supplierPurpose(code))
  if (opened === null) return null
  const login = JSON.parse(opened) as Omit<SupplierLogin, 'code'>
  return { ...login, code: code as DemoSupplier }
}

type Who = 'reseller' | 'downline' | 'admin' | 'finance'

async function needPerson(deps: DemoDeps, who: Who, enrolment: Enrolment): Promise<DemoClient> {
  const name = `demo.${who}`
  const userId = await readInstallation(deps.db.pool, name)
  const row = userId === null ? null : await clientById(deps.db.pool, userId)
  if (row === null) {
    const made = await enrol(deps, { level: 0, ratePerMin: 0, ...enrolment })
    await writeInstallation(deps.db.pool, { name, value: made.userId })
    return made
  }
  const { username, memberId } = row
  const kept = readPerson(demoFile(deps.dataDir), who)
  const isSame = kept?.userId === row.userId
  return {
    userId: row.userId,
    username,
    memberId: memberId ?? '',
    ...(await needKeys(deps, { userId: row.userId, username, kept: isSame ? kept : null })),
    ...(await needLogin(deps, row, isSame ? kept : null)),
  }
}

/** One whose login was only hashed, as it once was, gets it sealed as well. */
async function needLogin(
  deps: EnrolDeps,
  row: NonNullable<Awaited<ReturnType<typeof clientById>>>,
  kept: DemoClient | null,
): Promise<Pick<DemoClient, 'pin' | 'password'>> {
  const { userId, pinSealed, passwordSealed } = row
  if (kept === null || !(await verifies(deps.seal, kept, row)))
    return (await resetLogin(deps, userId))!
  const { pin, password } = kept
  const isSealed =
    openOrNull(deps.seal, pinSealed ?? '', loginPurpose(userId, 'pin')) === pin &&
    openOrNull(deps.seal, passwordSealed ?? '', loginPurpose(userId, 'password')) === password
  if (!isSealed) await sealLogin(deps, userId, { pin, password })
  return { pin, password }
}

/** Keys that work are kept; a key that was rotated away, or no longer opens, is made anew. */
async function needKeys(
  deps: EnrolDeps,
  client: { userId: string; username: string; kept: DemoClient | null },
): Promise<Pick<DemoClient, 'apiKey' | 'hmacKey' | 'hmacSecret'>> {
  const { userId, username, kept } = client
  const { db, seal } = deps
  const [keyRow] = kept === null ? [] : await cardsOfKeys(db.pool, [kept.hmacKey])
  const secret = keyRow && openOrNull(seal, keyRow.secret, keyPurpose(keyRow.keyId))
  const isKeyGood = keyRow?.userId === userId && secret === kept?.hmacSecret
  const { hmacKey, hmacSecret } = isKeyGood ? kept! : (await rotateKey(deps, userId))!

  const [apiRow] = await cardsOfUsernames(db.pool, [username])
  const opened = apiRow ? openOrNull(seal, apiRow.secret, apiKeyPurpose(userId)) : null
  const { apiKey } = opened === null ? (await rotateApiKey(deps, userId))! : { apiKey: opened }
  return { hmacKey, hmacSecret, apiKey }
}

/** Null for what was sealed under a master key that is lost. */
function openOrNull(seal: Seal, sealed: string, purpose: string): string | null {
  try {
    return seal.open(sealed, purpose)
  } catch (error) {
    if (error instanceof SealBroken) return null
    throw error
  }
}

async function verifies(
  seal: Seal,
  { pin, password }: DemoClient,
  { pinHash, passwordHash }: { pinHash: string | null; passwordHash: string | null },
): Promise<boolean> {
  return (
    (await seal.verify(pin, pinHash ?? '')) &&
    (await seal.verifyPassword(password, passwordHash ?? ''))
  )
}

/** Null when the file is missing or is not what we wrote. */
function readPerson(file: string, who: Who): DemoClient | null {
  const person = (readDemoFile(file) as { [who: string]: Record<string, unknown> | null })[who]
  if (typeof person !== 'object' || person === null) return null
  const entries = Object.entries(fileNames).map(([ours, theirs]) => [ours, person[theirs]])
  if (entries.some(([, value]) => typeof value !== 'string')) return null
  return Object.fromEntries(entries) as DemoClient
}

function readDemoFile(file: string): Record<string, unknown> {
  if (!existsSync(file)) return {}
  try {
    const content: unknown = JSON.parse(readFileSync(file, 'utf8'))
    return typeof content === 'object' && content !== null ? { ...content } : {}
  } catch {
    return {}
  }
}

/** Our names to those of the file, which outside programs rely on. */
const fileNames: Readonly<Record<keyof DemoClient, string>> = {
  userId: 'user_id',
  username: 'username',
  apiKey: 'api_key',
  hmacKey: 'hmac_key',
  hmacSecret: 'hmac_secret',
  memberId: 'member_id',
  pin: 'pin',
  password: 'password',
}

/** What other lines wrote into the file stays. */
function writeDemoFile(
  file: string,
  people: Readonly<Record<Who, DemoClient>>,
  suppliers: readonly SupplierLogin[],
): void {
  const before = readDemoFile(file)
  const shown = Object.entries(people).map(([who, person]) => {
    const named = Object.entries(fileNames).map(([ours, theirs]) => [
      theirs,
      person[ours as keyof DemoClient],
    ])
    return [who, { ...(before[who] as object | undefined), ...Object.fromEntries(named) }]
  })
  const content = {
    ...before,
    ...Object.fromEntries(shown),
    callback_secrets: Object.fromEntries(
      suppliers.map(({ code, webhookSecret }) => [code, webhookSecret]),
    ),
  }
  const draft = `${file}.${process.pid}`
  mkdirSync(join(file, '..'), { recursive: true })
  rmSync(draft, { force: true })
  writeFileSync(draft, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600, flag: 'wx' })
  renameSync(draft, file)
}

async function askSandbox(url: string, body?: Record<string, unknown>): Promise<unknown> {
  const refuse = (reason: string, cause?: unknown) =>
    new StartFailure(
      `The sandbox at ${url} did not take our demo accounts (${reason}): ` +
        'check SANDBOX_PORT and SANDBOX_URL, or restart the sandbox.',
      { cause },
    )
  let answer: Response
  let text = ''
  try {
    answer = await fetch(url, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { 'content-type': 'application/json' },
      signal: AbortSignal.timeout(sandboxTimeoutMs),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    text = await answer.text()
  } catch (cause) {
    throw refuse((cause as Error).message, cause)
  }
  if (!answer.ok) throw refuse(`HTTP ${answer.status}: ${text.slice(0, 200)}`)
  return JSON.parse(text)
}
