/** Clients on the command line: their keys, their terms, their standing, and money paid in. */

import { levels } from '../../services/catalogue/book.ts'
import {
  enrol,
  enrolMany,
  resetLogin,
  rotateApiKey,
  rotateKey,
} from '../../services/identity/enrol.ts'
import { makeSeal } from '../../services/seal.ts'
import type { Database } from '../../sql/database.ts'
import { changeClient, changeStatus as changeClientStatus } from '../../sql/people/client-admin.ts'
import { type ClientRow, clientByUsername } from '../../sql/people/clients.ts'
import { masterKey } from '../settings.ts'
import { askEngine } from './ask-engine.ts'
import {
  fail,
  Misuse,
  print,
  ranges,
  say,
  snake,
  type Tools,
  values,
  whoAsks,
  whole,
} from './words.ts'

type KnownUser = Pick<ClientRow, 'userId' | 'username' | 'memberId' | 'role'>

const numberLevelMax = 99

export async function createUsers(tools: Tools): Promise<number> {
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

export async function rotateUser({ db, settings }: Tools): Promise<number> {
  const deps = { db, seal: makeSeal(masterKey(settings)), shards: settings.shards }
  const { userId } = await knownUser(db)
  const fresh = { ...(await rotateKey(deps, userId)), ...(await rotateApiKey(deps, userId)) }
  print(snake(fresh))
  return 0
}

export async function renewLogin({ db, settings }: Tools): Promise<number> {
  const deps = { db, seal: makeSeal(masterKey(settings)), shards: settings.shards }
  const { userId, memberId } = await knownUser(db)
  print(snake({ memberId, ...(await resetLogin(deps, userId)) }))
  return 0
}

export async function changeUser({ db }: Tools): Promise<number> {
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

export async function changeStatus({ db }: Tools, status: 'active' | 'suspended'): Promise<number> {
  const { username } = await knownUser(db)
  const change = { username, status, reason: values.reason ?? '', by: whoAsks() }
  const told = await changeClientStatus(db.pool, change)
  if (told === 'done') return say(`${username} is now ${status}.`)
  return fail(`${username} is closed, and stays so.`)
}

/** Only the engine knows what is in a wallet now. */
export async function closeUser(tools: Tools): Promise<number> {
  const { username } = await knownUser(tools.db)
  const change = { username, status: 'closed', reason: values.reason ?? '', by: whoAsks() }
  const code = await askEngine(tools, 'clientStatus', change, { quiet: true })
  return code === 0 ? say(`${username} is now closed.`) : code
}

export async function payIn(tools: Tools): Promise<number> {
  const { userId } = await knownUser(tools.db)
  if (values.ref === undefined) throw new Misuse('--ref is missing: the same one never pays twice.')
  const amount = whole('amount', 0)
  const deposits = [{ userId, amount, ref: values.ref, note: values.note ?? 'Deposit' }]
  return await askEngine(tools, 'deposit', { deposits })
}

/** Whom --username names. */
export async function knownUser(db: Database): Promise<KnownUser> {
  if (values.username === undefined) throw new Misuse('--username is missing.')
  const client = await clientByUsername(db.pool, values.username)
  if (client === null) throw new Misuse(`There is no user ${values.username}.`)
  return client
}

/** Beyond the price book's levels one would pay what level 0 pays, and nobody would say so. */
function level(max: number): number {
  const wished = whole('level', 0)
  if (wished > max) throw new Misuse(`--level is 0 to ${max}, not ${wished}.`)
  return wished
}
