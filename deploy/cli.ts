/**
 * The command line: `npm run laju -- <verb>`. It reads the database itself, and asks the running
 * engine for whatever would change the journal: only the holder of the shards may write there.
 *
 * DC1. Every verb ends with exit code 0 when it did what it says, 1 when not, 2 when it was misused
 *      or had nothing to work on (settings, database).
 * DC2. With --json there is nothing on stdout but JSON.
 * DC3. A word that a verb has no use for is a misuse, never passed over: it was meant to say
 *      something.
 * DC4. Where no engine holds the shards, nobody waits a minute for one: it is said after a few
 *      seconds, and what was asked is taken back.
 */

import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { levels } from '../services/catalogue/book.ts'
import type { Answer } from '../services/contract/answer.ts'
import type { PersonMade } from '../services/contract/desk.ts'
import type { DeviceView } from '../services/contract/device.ts'
import type { MerchantRole } from '../services/contract/identity.ts'
import { createPerson, rotatePerson } from '../services/desk/person.service.ts'
import {
  enrol,
  enrolMany,
  resetLogin,
  rotateApiKey,
  rotateKey,
} from '../services/identity/enrol.ts'
import { makeSeal } from '../services/seal.ts'
import { newSecret } from '../services/soundbox/secret.ts'
import {
  changeClient,
  changeStatus as changeClientStatus,
  noteChange,
} from '../sql/client-admin.ts'
import { type ClientRow, clientByUsername } from '../sql/clients.ts'
import { readClosings } from '../sql/closings.ts'
import { askControl, isEngineThere, readResult, takeBack } from '../sql/control.ts'
import { type Database, DatabaseRefused, openDatabase } from '../sql/database.ts'
import { MigrationRefused, migrate } from '../sql/migrate.ts'
import { personByEmail } from '../sql/people.ts'
import { dropTotp } from '../sql/totp.ts'
import { checkAcl } from './acl-check.ts'
import { openPostgres } from './postgres.ts'
import { loadSettings, masterKey, type Settings } from './settings.ts'
import { StartFailure } from './start-failure.ts'

const help = `npm run laju -- <verb>

  verify [--json]                         read the whole journal again, independently
  migrate                                 bring the database to this version
  user create [--name N] [--level L] [--rate R] [--ip LIST] [--deposit RP] [--count N] [--json]
                                          LIST is addresses and ranges: 10.0.0.1,203.0.113.0/24
  user change --username U [--name N] [--level L] [--rate R] [--ip LIST] [--by WHO]
                                          an empty LIST lets it come from anywhere again
  user rotate --username U [--json]       new keys; the old ones stop at once
  user login --username U [--json]        a new PIN and password; the old ones stop at once
  user suspend|activate|close --username U [--reason T] [--by WHO]
                                          what is closed stays so; closing asks the running engine,
                                          and is refused while the client has money with us
  person create --email E --name N --role admin|finance|ops|support|viewer [--json]
  person create --email E --name N --merchant ID [--role owner|finance|ops|viewer] [--json]
                                          who logs in at the desk of the soundbox line; the
                                          password is shown once
  person rotate --email E [--json]        a new password; the old one and its sessions end
  person totp --email E [--by WHO]        takes the second factor from who lost telephone and codes
  device provision --vendor V --name MODEL [--acks played|received|none] [--adapter A]
                   [--serial S] [--terminal ID] [--json]
                                          asks the running engine; the secret is shown once
  device rotate --device ID [--grace SECONDS] [--json]
                                          a new secret; the old one stops at once, or later
  device acl-check FILE                   which lines of a Mosquitto ACL file let a box reach what
                                          is not its own
  deposit --username U --amount RP --ref R [--note T]
  order resolve <trx_id> --verdict success|failed|refund|accept_loss|dismiss --reason T
                         [--sn SN] [--by WHO] [--supplier-returned]
  order hold|release|recheck <trx_id> --reason T [--by WHO]
  order reroute <trx_id> --reason T [--supplier S] [--not-sold] [--by WHO]
                                          to S, or to whom routing chooses; --not-sold is your word
                                          that the attempt of which nobody knows was not sold
  rebuild                                 fold the read models again from the first line
  closing [--json]                        the closed days, each computed again from the journal
  backup [--to FOLDER] [--json]           everything of one moment, while the engine goes on; into
                                          a folder of DATA_DIR/backups; without the master key
  restore plan FOLDER [--json]            what a restore would do here, and what stands in its way
  restore validate FOLDER [--json]        restores into a database of its own, verifies it, drops it
  restore run FOLDER                      into a database in which nothing is yet
  export journal|orders|mutations [--from T] [--to T] [--username U]
                                          lines of JSON (journal) or safe CSV to stdout
  replay --what-if FILE [--from T] [--to T] [--json]
                                          recorded orders under other routing rules and prices;
                                          FILE is {"rules", "prices", "costs"}; it only reads
`

const { values, positionals } = parsed(() =>
  parseArgs({
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      name: { type: 'string' },
      ip: { type: 'string' },
      username: { type: 'string' },
      email: { type: 'string' },
      role: { type: 'string' },
      merchant: { type: 'string' },
      vendor: { type: 'string' },
      acks: { type: 'string' },
      adapter: { type: 'string' },
      serial: { type: 'string' },
      terminal: { type: 'string' },
      device: { type: 'string' },
      grace: { type: 'string' },
      level: { type: 'string' },
      rate: { type: 'string' },
      deposit: { type: 'string' },
      count: { type: 'string' },
      amount: { type: 'string' },
      ref: { type: 'string' },
      note: { type: 'string' },
      verdict: { type: 'string' },
      reason: { type: 'string' },
      sn: { type: 'string' },
      by: { type: 'string' },
      'supplier-returned': { type: 'boolean' },
      supplier: { type: 'string' },
      'not-sold': { type: 'boolean' },
      'what-if': { type: 'string' },
      from: { type: 'string' },
      to: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  }),
)

class Misuse extends Error {}

type Tools = { readonly url: string; readonly db: Database; readonly settings: Settings }
type Verb = (tools: Tools) => Promise<number>

const verbs: Readonly<Record<string, Verb>> = {
  verify: verifyJournal,
  migrate: async () => say('Database is up to date.'),
  'user create': createUsers,
  'user rotate': rotateUser,
  'user login': renewLogin,
  'user change': changeUser,
  'user suspend': tools => changeStatus(tools, 'suspended'),
  'user activate': tools => changeStatus(tools, 'active'),
  'user close': closeUser,
  'person create': createDeskPerson,
  'person rotate': rotateDeskPerson,
  'person totp': takeSecondFactor,
  'device provision': provisionDevice,
  'device rotate': rotateDevice,
  deposit: payIn,
  'order resolve': resolveOrder,
  'order hold': tools => touchOrder(tools, 'hold'),
  'order release': tools => touchOrder(tools, 'release'),
  'order recheck': tools => touchOrder(tools, 'recheck'),
  'order reroute': tools => touchOrder(tools, 'reroute'),
  backup: backUpAll,
  'restore plan': planRestoring,
  'restore validate': validateBackup,
  'restore run': restoreAll,
  export: exportRecords,
  rebuild: tools => askEngine(tools, 'rebuild', {}),
  closing: checkClosings,
  replay: replayOrders,
}

/** What comes behind a verb's own words; the others take nothing. */
const wordsAfter: Readonly<Record<string, number>> = {
  'device acl-check': 1,
  'order resolve': 1,
  'order hold': 1,
  'order release': 1,
  'order recheck': 1,
  'order reroute': 1,
  'restore plan': 1,
  'restore validate': 1,
  'restore run': 1,
  export: 1,
}

async function main(): Promise<number> {
  const isAclCheck = positionals.slice(0, 2).join(' ') === 'device acl-check'
  if (isAclCheck && strayIn('device acl-check') === undefined) return checkAclFile()
  const names = [positionals.slice(0, 2).join(' '), positionals[0] ?? '']
  const name = isAclCheck ? names[0] : names.find(one => Object.hasOwn(verbs, one))
  const stray = name === undefined ? undefined : strayIn(name)
  if (stray !== undefined && !values.help) {
    process.stderr.write(`${name} takes no "${stray}". See npm run laju -- --help\n`)
    return 2
  }
  const verb = name === undefined ? undefined : verbs[name]
  if (values.help || verb === undefined) {
    process.stderr.write(help)
    return values.help ? 0 : 2
  }
  try {
    return await withDatabase(verb)
  } catch (cause) {
    if (cause instanceof Misuse) {
      process.stderr.write(`${cause.message}\n`)
      return 2
    }
    const known =
      cause instanceof StartFailure ||
      cause instanceof MigrationRefused ||
      cause instanceof DatabaseRefused
    process.stderr.write(`${known ? cause.message : String((cause as Error).stack ?? cause)}\n`)
    return known ? 2 : 1
  }
}

/** The first word that nobody would look at. */
const strayIn = (name: string): string | undefined =>
  positionals[name.split(' ').length + (wordsAfter[name] ?? 0)]

/** These bring the schema with them. */
const unmigrated: readonly Verb[] = [planRestoring, restoreAll]

async function withDatabase(verb: Verb): Promise<number> {
  const settings = loadSettings(join(import.meta.dirname, '..'))
  const server =
    settings.databaseUrl === null ? await openPostgres({ dataDir: settings.dataDir }) : null
  const url = settings.databaseUrl ?? server!.url
  try {
    const db = await openDatabase(url)
    try {
      if (!unmigrated.includes(verb)) await migrate(url)
      return await verb({ url, db, settings })
    } finally {
      await db.end()
    }
  } finally {
    await server?.stop()
  }
}

async function verifyJournal({ url }: Tools): Promise<number> {
  const { printReport, verify } = await import('./verify.ts')
  const report = await verify({ url })
  printReport(report, { json: values.json })
  return report.ok ? 0 : 1
}

async function backUpAll({ url, settings }: Tools): Promise<number> {
  const { backUp } = await import('./backup.ts')
  const now = new Date()
  const name = `laju-${now.toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}`
  const folder = values.to ?? join(settings.dataDir, 'backups', name)
  const manifest = await backUp(url, { folder, keyId: keyIdOf(settings), now })
  const { tables, journalLines } = manifest
  const bytes = tables.reduce((all, table) => all + table.bytes, 0)
  if (values.json) print(snake({ folder, bytes, ...manifest }))
  else {
    say(`${folder}: ${tables.length} tables, ${journalLines} journal lines, ${bytes} bytes.`)
    say(`The master key ${manifest.keyId} is not in it: keep it elsewhere.`)
  }
  return 0
}

/** What was sealed says which key opens it. */
const keyIdOf = (settings: Settings): string =>
  makeSeal(masterKey(settings)).close('', 'backup').split('.')[1]!

const whereOf = (settings: Settings) => {
  const folder = positionals[2]
  if (folder === undefined) throw new Misuse('Name the folder of the backup.')
  return { folder, keyId: keyIdOf(settings) }
}

async function planRestoring({ url, settings }: Tools): Promise<number> {
  const { planRestore } = await import('./restore.ts')
  const plan = await planRestore(url, whereOf(settings))
  const { manifest, rows, migrations, obstacles } = plan
  if (values.json) print(snake({ ...plan }))
  else {
    say(`Taken ${manifest.takenAt}: ${manifest.tables.length} tables, ${rows} rows.`)
    for (const name of migrations) say(`Then migration ${name}.`)
    for (const one of obstacles) say(`In the way: ${one}`)
    if (obstacles.length === 0) say('Nothing stands in the way: restore run.')
  }
  return obstacles.length === 0 ? 0 : 1
}

async function validateBackup({ url, settings }: Tools): Promise<number> {
  const { validate } = await import('./restore.ts')
  const { printReport } = await import('./verify.ts')
  const { report } = await validate(url, whereOf(settings))
  printReport(report, { json: values.json })
  return report.ok ? 0 : 1
}

async function restoreAll({ url, settings }: Tools): Promise<number> {
  const { restore } = await import('./restore.ts')
  const { rows } = await restore(url, whereOf(settings))
  return say(`${rows} rows are back. Now: npm run laju -- verify`)
}

async function exportRecords({ url, db }: Tools): Promise<number> {
  const { exported, exportTo } = await import('./export.ts')
  const what = exported.find(one => one === positionals[1])
  if (what === undefined) throw new Misuse(`export takes one of ${exported.join(', ')}.`)
  const userId = values.username === undefined ? null : (await knownUser(db)).userId
  const wish = { what, from: dateOf('from'), to: dateOf('to'), userId }
  const count = await exportTo(process.stdout, url, wish)
  process.stderr.write(`${count} records\n`)
  return 0
}

function dateOf(name: 'from' | 'to'): Date | null {
  const text = values[name]
  if (text === undefined) return null
  if (Number.isNaN(Date.parse(text))) throw new Misuse(`--${name} is a time such as 2026-11-01.`)
  return new Date(text)
}

async function checkClosings({ db }: Tools): Promise<number> {
  const { doubts } = await import('../services/closing/closing.ts')
  const days = await readClosings(db.pool, { before: null, limit: closedDaysMax })
  const found = await doubts(db.pool)
  if (values.json) {
    const rows = days.map(({ day, hash, signer }) => ({ day, hash, signer }))
    process.stdout.write(`${JSON.stringify({ days: rows, doubts: found })}\n`)
  } else {
    for (const { day, hash } of days.toReversed()) process.stdout.write(`${day} ${hash}\n`)
    for (const { day, what } of found) process.stderr.write(`${day}: ${what}\n`)
    process.stdout.write(`${days.length} days, ${found.length} doubts\n`)
  }
  return found.length === 0 ? 0 : 1
}

const closedDaysMax = 10_000

async function createUsers(tools: Tools): Promise<number> {
  const { db, settings } = tools
  const deps = { db, seal: makeSeal(masterKey(settings)), shards: settings.shards }
  const count = whole('count', 1)
  const ratePerMin = whole('rate', 60)
  const enrolment = {
    name: values.name ?? 'Reseller',
    level: level(levels - 1),
    ratePerMin,
    ...(values.ip === undefined ? {} : { ipAllow: ranges(values.ip) }),
  }
  const users =
    count === 1 ? [await enrol(deps, enrolment)] : await enrolMany(deps, { ...enrolment, count })
  if (values.deposit !== undefined) {
    const amount = whole('deposit', 0)
    const deposits = users.map(({ userId }) => ({
      userId,
      amount,
      ref: `opening-${userId}`,
      note: values.note ?? 'Saldo awal',
    }))
    const code = await askEngine(tools, 'deposit', { deposits }, { quiet: true })
    if (code !== 0) return code
  }
  if (values.json) print(users.map(snake))
  else for (const user of users) say(JSON.stringify(snake(user), null, 2))
  return 0
}

const staffRoles = ['admin', 'finance', 'ops', 'support', 'viewer'] as const
const merchantRoles = ['owner', 'finance', 'ops', 'viewer'] as const

async function createDeskPerson({ db, settings }: Tools): Promise<number> {
  const { email, name, merchant: merchantId, role = merchantId ? 'owner' : '' } = values
  if (email === undefined || !/^[\x21-\x7e]+@[\x21-\x7e]+$/.test(email) || name === undefined) {
    throw new Misuse('person create takes --email and --name.')
  }
  const known: readonly string[] = merchantId === undefined ? staffRoles : merchantRoles
  if (!known.includes(role)) throw new Misuse(`--role is one of ${known.join(', ')}.`)
  const deps = { db, seal: makeSeal(masterKey(settings)), shards: settings.shards, now: Date.now }
  const wish = { email, name, by: values.by ?? 'command line' }
  const made = await createPerson(
    deps,
    merchantId === undefined
      ? { ...wish, role: role as (typeof staffRoles)[number] }
      : { ...wish, ...{ merchantId, merchantRole: role as MerchantRole }, role: 'merchant' },
  )
  return toldPerson(made)
}

async function rotateDeskPerson({ db, settings }: Tools): Promise<number> {
  const { email } = values
  if (email === undefined) throw new Misuse('person rotate takes --email.')
  return toldPerson(await rotatePerson({ db, seal: makeSeal(masterKey(settings)) }, { email }))
}

async function takeSecondFactor({ db }: Tools): Promise<number> {
  const { email, by = 'command line' } = values
  if (email === undefined) throw new Misuse('person totp takes --email.')
  const row = await personByEmail(db.pool, email)
  if (row === null || !(await dropTotp(db.pool, row.userId))) {
    process.stderr.write('Nobody with this e-mail has a second factor.\n')
    return 1
  }
  const { userId } = row
  const note = { what: 'changed', fields: { totp: null }, reason: 'second factor', by } as const
  await noteChange(db.pool, { userId, ...note })
  process.stdout.write('The second factor is gone; the next login asks to set one up.\n')
  return 0
}

function toldPerson(made: Answer<PersonMade>): number {
  if (!('ok' in made)) {
    print(made)
    return 1
  }
  const { userId, email, name, role, merchant, password } = made.ok
  const of = { merchantId: merchant?.merchantId ?? null, merchantRole: merchant?.role ?? null }
  print(snake({ userId, email, name, role, ...of, password }))
  return 0
}

async function rotateUser({ db, settings }: Tools): Promise<number> {
  const deps = { db, seal: makeSeal(masterKey(settings)), shards: settings.shards }
  const { userId } = await knownUser(db)
  const fresh = { ...(await rotateKey(deps, userId)), ...(await rotateApiKey(deps, userId)) }
  print(snake(fresh))
  return 0
}

async function renewLogin({ db, settings }: Tools): Promise<number> {
  const deps = { db, seal: makeSeal(masterKey(settings)), shards: settings.shards }
  const { userId, memberId } = await knownUser(db)
  print(snake({ memberId, ...(await resetLogin(deps, userId)) }))
  return 0
}

async function changeUser({ db }: Tools): Promise<number> {
  const { name } = values
  const { username, role } = await knownUser(db)
  // Who rents numbers has levels of that line, which go further.
  const levelMax = role === 'consumer' ? numberLevelMax : levels - 1
  const fields = {
    ...(name === undefined ? {} : { name }),
    ...(values.level === undefined ? {} : { level: level(levelMax) }),
    ...(values.rate === undefined ? {} : { ratePerMin: whole('rate', 0) }),
    ...(values.ip === undefined ? {} : { ipAllow: ranges(values.ip) }),
  }
  if (Object.keys(fields).length === 0) {
    throw new Misuse('Nothing to change: name --name, --level, --rate or --ip.')
  }
  const change = { username, version: null, fields, reason: '', by: whoAsks() }
  const told = await changeClient(db.pool, change)
  if (told === 'done') return say(`${username} is changed.`)
  return fail(`${username} is ${told}: nothing was changed.`)
}

async function changeStatus({ db }: Tools, status: 'active' | 'suspended'): Promise<number> {
  const { username } = await knownUser(db)
  const change = { username, status, reason: values.reason ?? '', by: whoAsks() }
  const told = await changeClientStatus(db.pool, change)
  if (told === 'done') return say(`${username} is now ${status}.`)
  return fail(`${username} is closed, and stays so.`)
}

/** Only the engine knows what is in a wallet now. */
async function closeUser(tools: Tools): Promise<number> {
  const { username } = await knownUser(tools.db)
  const change = { username, status: 'closed', reason: values.reason ?? '', by: whoAsks() }
  const code = await askEngine(tools, 'clientStatus', change, { quiet: true })
  return code === 0 ? say(`${username} is now closed.`) : code
}

/** The secret is drawn here, so that the request and its answer hold nothing that opens a door. */
async function provisionDevice(tools: Tools): Promise<number> {
  const { vendor, name, acks, adapter = 'laju', serial, terminal } = values
  if (vendor === undefined || name === undefined) {
    throw new Misuse('device provision takes --vendor and --name.')
  }
  const { secret, kept } = newSecret(1)
  const { salt, hash } = kept
  const own = {
    ...(acks === undefined ? {} : { acks }),
    ...(serial === undefined ? {} : { serial }),
  }
  const model = { vendor, name, adapter, ...own }
  const asked = { model, kept: { salt, hash }, by: whoAsks(), terminalId: terminal ?? null }
  const show = (answer: object) => ({ ...shownDevice(answer), secret })
  return await askEngine(tools, 'deviceProvision', asked, { show })
}

async function rotateDevice(tools: Tools): Promise<number> {
  if (values.device === undefined) throw new Misuse('--device is missing.')
  const { secret, kept } = newSecret(1)
  const { salt, hash } = kept
  const graceMs = whole('grace', 0) * 1_000
  const asked = { deviceId: values.device, graceMs, kept: { salt, hash }, by: whoAsks() }
  const show = (answer: object) => ({ ...shownDevice(answer), secret })
  return await askEngine(tools, 'deviceRotate', asked, { show })
}

function shownDevice(answer: object): object {
  const { device } = (answer as { ok: { device: DeviceView } }).ok
  const { deviceId, status, credential, binding } = device
  const { generation, fingerprint } = credential
  return snake({
    deviceId,
    status,
    generation,
    fingerprint,
    terminalId: binding?.terminalId ?? null,
  })
}

/** Needs no database: it only reads the file. */
function checkAclFile(): number {
  const [, , file] = positionals
  try {
    if (file === undefined) throw new Misuse('device acl-check takes the path of a file.')
    const found = checkAcl(readFileSync(file, 'utf8'))
    if (values.json) process.stdout.write(`${JSON.stringify({ found })}\n`)
    else {
      for (const { line, text, problem } of found) {
        process.stdout.write(line === 0 ? `${problem}\n` : `line ${line}: ${problem}: ${text}\n`)
      }
      if (found.length === 0) process.stdout.write('A box reaches its own topics and no others.\n')
    }
    return found.length === 0 ? 0 : 1
  } catch (cause) {
    process.stderr.write(`${(cause as Error).message}\n`)
    return 2
  }
}

async function payIn(tools: Tools): Promise<number> {
  const { userId } = await knownUser(tools.db)
  if (values.ref === undefined) throw new Misuse('--ref is missing: the same one never pays twice.')
  const amount = whole('amount', 0)
  const deposits = [{ userId, amount, ref: values.ref, note: values.note ?? 'Deposit' }]
  return await askEngine(tools, 'deposit', { deposits })
}

async function resolveOrder(tools: Tools): Promise<number> {
  const [, , trxId] = positionals
  const { verdict, reason, sn } = values
  if (trxId === undefined || verdict === undefined || reason === undefined) {
    throw new Misuse('order resolve <trx_id> --verdict ... --reason "..." are all needed.')
  }
  if (!['success', 'failed', 'refund', 'accept_loss', 'dismiss'].includes(verdict)) {
    throw new Misuse(
      `--verdict ${verdict} is none of success, failed, refund, accept_loss, dismiss.`,
    )
  }
  return await askEngine(tools, 'resolve', {
    trxId,
    verdict,
    reason,
    by: whoAsks(),
    ...(sn === undefined ? {} : { sn }),
    ...(values['supplier-returned'] ? { supplierReturned: true } : {}),
  })
}

async function touchOrder(tools: Tools, verb: 'hold' | 'release' | 'recheck' | 'reroute') {
  const [, , trxId] = positionals
  const { reason, supplier } = values
  if (trxId === undefined || !reason) {
    throw new Misuse(`order ${verb} <trx_id> --reason "..." are both needed.`)
  }
  const by = whoAsks()
  return await askEngine(tools, verb, {
    ...{ trxId, reason, by },
    ...(verb !== 'reroute' || supplier === undefined ? {} : { supplier }),
    ...(verb === 'reroute' && values['not-sold'] ? { notSold: true } : {}),
  })
}

/** Reads only: it needs no running engine, and asks none. */
async function replayOrders({ url }: Tools): Promise<number> {
  const file = values['what-if']
  if (file === undefined) throw new Misuse('--what-if FILE is missing: a JSON list of rules.')
  const { printWhatIf, readProposal, whatIfOf } = await import('./replay.ts')
  const proposed = readProposal(file)
  if (typeof proposed === 'string') throw new Misuse(proposed)
  const whatIf = whatIfOf(url)
  try {
    const told = await whatIf.run({ ...proposed, ...period('from'), ...period('to') })
    if (!('ok' in told)) throw new Error('what-if was refused')
    if ('problems' in told.ok) throw new Misuse(told.ok.problems.join('\n'))
    if (values.json) print(told.ok)
    else printWhatIf(told.ok, text => process.stdout.write(text))
    return 0
  } finally {
    await whatIf.stop()
  }
}

function period(name: 'from' | 'to'): Record<string, number> {
  const text = values[name]
  if (text === undefined) return {}
  const at = Date.parse(text)
  if (Number.isNaN(at)) throw new Misuse(`--${name} must be a time like 2026-01-31T00:00:00+07:00.`)
  return { [name]: at }
}

/** One that stands by looks every second whether the other is gone, and then takes over. */
const engineAwayMs = 5_000
const engineLookMs = 500

/** Hands a request to the running engine and waits for its answer. */
async function askEngine(
  { db }: Tools,
  verb: string,
  params: object,
  {
    quiet = false,
    show = (answer: object) => answer,
  }: { readonly quiet?: boolean; readonly show?: (answer: object) => object } = {},
): Promise<number> {
  const id = await askControl(db.pool, verb, params)
  const until = Date.now() + 60_000
  let seenAt = Date.now()
  let lookAt = seenAt + engineLookMs
  for (;;) {
    const result = (await readResult(db.pool, id)) as Record<string, unknown> | null
    if (result !== null) {
      const answers = (result['answers'] ?? [result['answer'] ?? result]) as object[]
      const bad = answers.find(one => 'refused' in one || 'fault' in one || 'failed' in one)
      if (!quiet || bad !== undefined) print(bad ?? show(answers.at(-1)!))
      return bad === undefined ? 0 : 1
    }
    if (Date.now() > until) {
      throw new Misuse('No engine answered within a minute: start it with npm start and ask again.')
    }
    if (Date.now() > lookAt) {
      if (await isEngineThere(db.pool)) seenAt = Date.now()
      else if (Date.now() - seenAt > engineAwayMs && (await takeBack(db.pool, id))) {
        throw new Misuse(
          'No engine runs on this database, so nothing was done: start it with npm start and ask again.',
        )
      }
      lookAt = Date.now() + engineLookMs
    }
    await pause(20)
  }
}

type KnownUser = Pick<ClientRow, 'userId' | 'username' | 'memberId' | 'role'>

async function knownUser(db: Database): Promise<KnownUser> {
  if (values.username === undefined) throw new Misuse('--username is missing.')
  const client = await clientByUsername(db.pool, values.username)
  if (client === null) throw new Misuse(`There is no user ${values.username}.`)
  return client
}

const whoAsks = (): string => values.by ?? process.env['USER'] ?? 'operator'

/** An empty list lets everybody in; a list that can't be read would let nobody in. */
function ranges(text: string): string[] {
  const list = text.split(',').map(one => one.trim())
  if (list.length === 1 && list[0] === '') return []
  for (const one of list) {
    const [address = '', bits, ...rest] = one.split('/')
    const most = isIP(address) === 6 ? 128 : 32
    const isFit = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most)
    if (isIP(address) === 0 || !isFit || rest.length > 0) {
      throw new Misuse(`--ip: ${one} is neither an address nor a range like 203.0.113.0/24.`)
    }
  }
  return list
}

/** Beyond the price book's levels one would pay what level 0 pays, and nobody would say so. */
function level(max: number): number {
  const wished = whole('level', 0)
  if (wished > max) throw new Misuse(`--level is 0 to ${max}, not ${wished}.`)
  return wished
}

const numberLevelMax = 99

function whole(
  name: 'grace' | 'count' | 'rate' | 'level' | 'deposit' | 'amount',
  usual: number,
): number {
  const text = values[name]
  if (text === undefined) return usual
  if (!/^\d{1,15}$/.test(text)) throw new Misuse(`--${name} must be a whole number, not ${text}.`)
  return Number(text)
}

function snake(values: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [
      key.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`),
      value,
    ]),
  )
}

const print = (value: unknown): void => {
  process.stdout.write(`${JSON.stringify(value)}\n`)
}

/** It could not be done, and why. */
function fail(sentence: string): number {
  if (values.json) print({ done: false, sentence })
  else process.stderr.write(`${sentence}\n`)
  return 1
}

function say(sentence: string): number {
  process.stdout.write(`${values.json ? JSON.stringify({ done: true, sentence }) : sentence}\n`)
  return 0
}

/** What can not even be read is a misuse, and no stack tells anybody more about it. */
function parsed<T>(parse: () => T): T {
  try {
    return parse()
  } catch (cause) {
    process.stderr.write(`${(cause as Error).message}\n\n${help}`)
    process.exit(2)
  }
}

process.exitCode = await main()
