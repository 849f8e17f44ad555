import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { after, test } from 'node:test'
import { ServiceBroker } from 'moleculer'
import { Secret, TOTP } from 'otpauth'
import { testDatabase } from '../../deploy/testing/database.ts'
import { followChanges } from '../../sql/changes.ts'
import { openDatabase } from '../../sql/database.ts'
import type { Call } from '../contract.ts'
import { makeSeal, newMasterKey } from '../seal.ts'
import { type Credentials, enrol as enrolClient } from './enrol.ts'
import { lockMs, Passwords } from './passwords.ts'
import { SecondFactor } from './second-factor.ts'
import { sessionService } from './session.service.ts'
import { totpService } from './totp.service.ts'

const database = await testDatabase()
const db = await openDatabase(database.url)
const changes = await followChanges(database.url)
const seal = makeSeal(newMasterKey())
const clock = { ms: Math.ceil(Date.now() / 30_000) * 30_000 }
const now = () => clock.ms
const passwords = new Passwords({ db, seal, now })
/** Where a second factor is for whoever wants one, and where it is for all who decide. */
const [optional, required] = [false, true].map(isRequired => {
  const factors = new SecondFactor({ db, seal, now, isRequired })
  const mesh = new ServiceBroker({ logger: false })
  mesh.createService(sessionService({ db, seal, changes, passwords, factors, now }))
  mesh.createService(totpService({ db, seal, passwords, factors, now }))
  const call: Call = (action, params) => mesh.call(action, params) as never
  return { mesh, call }
}) as [Node, Node]
type Node = { readonly mesh: ServiceBroker; readonly call: Call }
await Promise.all([optional.mesh.start(), required.mesh.start()])
const client = await db.connect()
after(async () => {
  await Promise.all([optional.mesh.stop(), required.mesh.stop()])
  await changes.stop()
  await client.end()
  await db.end()
  await database.drop()
})

let places = 0
const from = () => ({ neighbour: `10.2.0.${places++}`, address: '10.2.x.x', agent: 'a phone' })
const outcome = (told: object): unknown => ('refused' in told ? told.refused : Object.keys(told)[0])
const proof = ({ username, password }: Credentials) => ({ name: username, password, ...from() })
const login = (one: Credentials, code?: string, { call }: Node = optional) =>
  call('session.login', { ...proof(one), ...(code === undefined ? {} : { code }) }).then(outcome)

/** As an authenticator computes it, which is none of our code. */
const codeOf = (secret: string, ms = clock.ms) =>
  new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: ms })
const staff = (role: 'admin' | 'support' | 'reseller' = 'admin') =>
  enrolClient({ db, seal, shards: 16 }, { name: 'Staf', role })
const step = () => {
  clock.ms += 30_000
}

async function enrolled(one: Credentials, { call }: Node = optional) {
  const asked = await call('totp.enrol', proof(one))
  ok('ok' in asked, JSON.stringify(asked))
  const { secret } = asked.ok
  const told = await call('totp.confirm', { ...proof(one), code: codeOf(secret) })
  ok('ok' in told, JSON.stringify(told))
  step()
  return { secret, recoveryCodes: told.ok.recoveryCodes }
}

test('totp: enrolled and confirmed: asked for from then on, not before (PEC1, SEA8)', async () => {
  const one = await staff()
  const asked = await optional.call('totp.enrol', proof(one))
  ok('ok' in asked)
  const { uri, secret } = asked.ok
  match(uri, new RegExp(`^otpauth://totp/Laju:${one.username}\\?`))
  match(uri, new RegExp(`secret=${secret}`))
  equal(await login(one), 'ok')
  const wrong = await optional.call('totp.confirm', { ...proof(one), code: '000000' })
  equal(outcome(wrong), 'SECOND_FACTOR_WRONG')
  equal(await login(one), 'ok')
  const told = await optional.call('totp.confirm', { ...proof(one), code: codeOf(secret) })
  ok('ok' in told)
  equal(new Set(told.ok.recoveryCodes).size, 10)
  step()
  equal(await login(one), 'SECOND_FACTOR_REQUIRED')
  equal(await login(one, codeOf(secret)), 'ok')
  const standing = await optional.call('totp.standing', { userId: one.userId, role: 'admin' })
  deepEqual(standing, { ok: { isOn: true, isNeeded: false, codesLeft: 10 } })
})

test('totp: a code: once, and no older one after it (PEB1)', async () => {
  const one = await staff()
  const { secret } = await enrolled(one)
  const [older, code] = [codeOf(secret, clock.ms - 30_000), codeOf(secret)]
  const told = await Promise.all([login(one, code), login(one, code)])
  deepEqual(told.toSorted(), ['SECOND_FACTOR_WRONG', 'ok'])
  equal(await login(one, code), 'SECOND_FACTOR_WRONG')
  equal(await login(one, older), 'SECOND_FACTOR_WRONG')
  step()
  equal(await login(one, codeOf(secret)), 'ok')
})

test('totp: clocks: one step either way (PEB2)', async () => {
  const one = await staff()
  const { secret } = await enrolled(one)
  clock.ms += 300_000
  equal(await login(one, codeOf(secret, clock.ms - 60_000)), 'SECOND_FACTOR_WRONG')
  equal(await login(one, codeOf(secret, clock.ms + 60_000)), 'SECOND_FACTOR_WRONG')
  equal(await login(one, codeOf(secret, clock.ms - 30_000)), 'ok')
  equal(await login(one, codeOf(secret, clock.ms + 30_000)), 'ok')
})

test('totp: guessing: five wrong, then a quarter of an hour, for recovery codes as well (PEB3)', async () => {
  const one = await staff()
  const { secret, recoveryCodes } = await enrolled(one)
  for (let n = 0; n < 5; n++) equal(await login(one, '000000'), 'SECOND_FACTOR_WRONG')
  equal(await login(one, codeOf(secret)), 'LOGIN_LOCKED')
  equal(await login(one, recoveryCodes[0]), 'LOGIN_LOCKED')
  clock.ms += lockMs
  equal(await login(one, codeOf(secret)), 'ok')
})

test('totp: recovery codes: each once, written as one likes, kept hashed (PEB4, PEC3)', async () => {
  const one = await staff()
  const { secret, recoveryCodes } = await enrolled(one)
  const [first, second] = recoveryCodes as [string, string]
  for (const table of ['totp', 'recovery_code', 'activity']) {
    const { rows } = await client.query(`select ${table}::text as text from ${table}`)
    for (const hidden of [secret, first, first.replace('-', '')]) {
      equal(
        rows.some(({ text }) => text.includes(hidden)),
        false,
        table,
      )
    }
  }
  equal(await login(one, first.toLowerCase().replace('-', ' ')), 'ok')
  equal(await login(one, first), 'SECOND_FACTOR_WRONG')
  equal(await login(one, second), 'ok')
  const standing = await optional.call('totp.standing', { userId: one.userId, role: 'admin' })
  deepEqual(standing, { ok: { isOn: true, isNeeded: false, codesLeft: 8 } })
  // Another one's code opens nothing here.
  const other = await staff()
  const theirs = await enrolled(other)
  equal(await login(one, theirs.recoveryCodes[0]), 'SECOND_FACTOR_WRONG')
})

test('totp: where it is required: set up first, then in; who sells needs none (PEB5)', async () => {
  const one = await staff('support')
  equal(await login(one, undefined, required), 'SECOND_FACTOR_UNSET')
  const { secret } = await enrolled(one, required)
  equal(await login(one, undefined, required), 'SECOND_FACTOR_REQUIRED')
  equal(await login(one, codeOf(secret), required), 'ok')
  const reseller = await staff('reseller')
  equal(await login(reseller, undefined, required), 'ok')
  equal(outcome(await required.call('totp.enrol', proof(reseller))), 'LOGIN_INVALID')
})

test('totp: another authenticator: only for who proves the one before (PEC2)', async () => {
  const one = await staff()
  const { secret } = await enrolled(one)
  const again = (code?: string) =>
    optional.call('totp.enrol', { ...proof(one), ...(code === undefined ? {} : { code }) })
  equal(outcome(await again()), 'SECOND_FACTOR_REQUIRED')
  equal(outcome(await again('000000')), 'SECOND_FACTOR_WRONG')
  equal(
    outcome(await optional.call('totp.enrol', { ...proof(one), password: 'x' })),
    'LOGIN_INVALID',
  )
  const told = await again(codeOf(secret))
  ok('ok' in told)
  step()
  equal(await login(one), 'SECOND_FACTOR_REQUIRED')
  const fresh = codeOf(told.ok.secret)
  equal(outcome(await optional.call('totp.confirm', { ...proof(one), code: fresh })), 'ok')
  step()
  equal(await login(one, codeOf(secret)), 'SECOND_FACTOR_WRONG')
  equal(await login(one, codeOf(told.ok.secret)), 'ok')
})

test('totp: another authenticator: its first code in the minute of the last one of the other (PEB6)', async () => {
  const one = await staff()
  const { secret, recoveryCodes } = await enrolled(one)
  const told = await optional.call('totp.enrol', { ...proof(one), code: codeOf(secret) })
  ok('ok' in told)
  const confirm = (code: string) => optional.call('totp.confirm', { ...proof(one), code })
  equal(outcome(await confirm(recoveryCodes[0]!)), 'SECOND_FACTOR_WRONG')
  equal(outcome(await confirm(codeOf(secret))), 'SECOND_FACTOR_WRONG')
  const fresh = codeOf(told.ok.secret)
  equal(outcome(await confirm(fresh)), 'ok')
  equal(await login(one, fresh), 'SECOND_FACTOR_WRONG')
  step()
  equal(await login(one, codeOf(told.ok.secret)), 'ok')
})

test('totp: lost: an admin takes it away, never his own, and it is written down (PEC2)', async () => {
  const [one, by] = [await staff(), await staff()]
  await enrolled(one)
  const reset = (who: Credentials) =>
    optional.call('totp.reset', { username: one.username, by: who.username })
  equal(outcome(await reset(one)), 'OWN_ACCOUNT')
  equal(outcome(await reset(by)), 'ok')
  equal(outcome(await reset(by)), 'STATUS_INVALID')
  equal(await login(one), 'ok')
  const { rows } = await client.query(
    'select fields, by from client_change where client_id = $1 order by id desc limit 1',
    [one.userId],
  )
  deepEqual(rows, [{ fields: { totp: null }, by: by.username }])
})
