import { deepEqual, equal, match, notEqual, rejects } from 'node:assert/strict'
import { after, test } from 'node:test'
import { ServiceBroker } from 'moleculer'
import { testDatabase } from '../../deploy/testing/database.ts'
import { Fault } from '../../engine/assert.ts'
import { isId, shardOf } from '../../engine/ids.ts'
import { followChanges } from '../../sql/changes.ts'
import { openDatabase } from '../../sql/database.ts'
import { changeStatus } from '../../sql/people/client-admin.ts'
import { type ClientStatus, clientById, clientByMemberId } from '../../sql/people/clients.ts'
import type { Answer } from '../contract/answer.ts'
import type {
  DigiflazzCard,
  KeyCard,
  MemberCard,
  PartnerActions,
  PartnerView,
} from '../contract/identity.ts'
import { makeSeal, newMasterKey, SealBroken } from '../seal.ts'
import { enrol, enrolMany, resetLogin, rotateApiKey, rotateKey, sealLogin } from './enrol.ts'
import { identityService, makeIdentity } from './identity.service.ts'
import { partnerService } from './partner.service.ts'

const database = await testDatabase()
const db = await openDatabase(database.url)
const changes = await followChanges(database.url)
const seal = makeSeal(newMasterKey())
const deps = { db, seal, shards: 16 }
const identity = makeIdentity({ db, seal, changes })
const mesh = new ServiceBroker({ logger: false })
mesh.createService(identityService({ db, seal, changes }, identity))
mesh.createService(partnerService({ db }))
await mesh.start()
const client = await db.connect()
after(async () => {
  await mesh.stop()
  await changes.stop()
  await client.end()
  await db.end()
  await database.drop()
})

const key = (keyId: string): Promise<KeyCard | null> => mesh.call('identity.key', { keyId })
const digiflazz = (username: string): Promise<DigiflazzCard | null> =>
  mesh.call('identity.digiflazz', { username })

const member = (memberId: string): Promise<MemberCard | null> =>
  mesh.call('identity.member', { memberId })
const partner = <A extends keyof PartnerActions>(
  action: A,
  params: PartnerActions[A]['params'],
): Promise<Answer<PartnerView>> => mesh.call(action, params)

const setStatus = ({ username }: { username: string }, status: ClientStatus) =>
  changeStatus(db.pool, { username, status, reason: 'of a test', by: 'a test' })

/** Resolves when everything written before is known to have been heard. */
async function heard(): Promise<void> {
  const table = 'mark'
  const arrived = new Promise<void>(resolve => {
    const stop = changes.subscribe({
      change(change) {
        if (change.table !== table) return
        stop()
        resolve()
      },
      gap() {},
    })
  })
  await client.query('select laju_changed($1, null)', [table])
  await arrived
}

test('identity: everybody comes back at once: all are known, and a name of junk is not (I8)', async () => {
  const made = await enrolMany(deps, { name: 'Toko', level: 1, ratePerMin: 60, count: 1_000 })
  const junk = digiflazz('a\0b')
  const refused = rejects(junk)
  const cards = Promise.all(made.map(one => key(one.hmacKey)))
  const dialect = Promise.all(made.map(one => digiflazz(one.username)))
  const nobody = await Promise.all(['x', 'y'].map(key))
  deepEqual(
    (await cards).map(card => [card?.userId, card?.secret]),
    made.map(one => [one.userId, one.hmacSecret]),
  )
  deepEqual(
    (await dialect).map(card => [card?.username, card?.apiKey]),
    made.map(one => [one.username, one.apiKey]),
  )
  deepEqual(nobody, [null, null])
  await refused
})

test('identity: a new client: both keys work at once, with its limits (I13)', async () => {
  const made = await enrol(deps, { name: 'Toko', level: 2, ipAllow: ['10.0.0.1'], ratePerMin: 0 })
  const card = {
    ...{ userId: made.userId, username: made.username, name: 'Toko', level: 2, role: 'reseller' },
  }
  const limits = { status: 'active', ipAllow: ['10.0.0.1'], ratePerMin: 0, readPerMin: null }
  const { hmacKey: keyId, hmacSecret: secret, apiKey } = made
  deepEqual({ ...(await key(keyId)) }, { ...card, ...limits, keyId, secret })
  deepEqual({ ...(await digiflazz(made.username)) }, { ...card, ...limits, apiKey })
})

test('identity: PIN and password: verify against what is stored (I13)', async () => {
  const made = await enrol(deps, { name: 'Toko' })
  const row = await clientByMemberId(db.pool, made.memberId)
  match(made.pin, /^\d{6}$/)
  equal(await seal.verify(made.pin, row!.pinHash!), true)
  equal(await seal.verifyPassword(made.password, row!.passwordHash!), true)
  equal(await seal.verifyPassword(made.pin, row!.passwordHash!), false)
})

test('identity: what was handed out: is in no table (I13)', async () => {
  const made = await enrol(deps, { name: 'Toko' })
  const { rows } = await client.query(
    `select client::text || client_key::text as text
       from client join client_key on client_key.client_id = client.id where client.id = $1`,
    [made.userId],
  )
  equal(rows[0].text.includes(made.username), true)
  for (const secret of [made.apiKey, made.hmacSecret, made.pin, made.password]) {
    equal(rows[0].text.includes(`,${secret},`), false)
    if (secret.length > 6) equal(rows[0].text.includes(secret), false)
  }
})

test('identity: many clients: ids are well made and their shards spread (I12) (I15)', async () => {
  const made = await enrolMany(deps, { name: 'Bench', count: 400, ratePerMin: 0 })
  equal(
    made.every(({ userId }) => isId(userId)),
    true,
  )
  equal(new Set(made.map(({ userId }) => shardOf(userId))).size, 16)
  equal(new Set(made.flatMap(client => Object.values(client))).size, 400 * 6)
  const last = made.at(-1)!
  equal((await key(last.hmacKey))?.name, 'Bench 400')
  equal((await digiflazz(last.username))?.apiKey, last.apiKey)
})

test('identity: many clients, one that cannot be: none is made (I15)', async () => {
  const before = await client.query('select count(*) as n from client')
  await rejects(enrolMany(deps, { name: 'Bench', count: 3, level: 40_000 }))
  await rejects(enrolMany(deps, { name: 'Bench', count: 0 }), RangeError)
  deepEqual((await client.query('select count(*) as n from client')).rows, before.rows)
})

test('identity: a revoked key: stops (I10)', async () => {
  const made = await enrol(deps, { name: 'Toko' })
  notEqual(await key(made.hmacKey), null)
  await client.query('update client_key set active = false where id = $1', [made.hmacKey])
  await heard()
  equal(await key(made.hmacKey), null)
})

test('identity: a suspended client: both cards say so, later that it is back (I10)', async () => {
  const made = await enrol(deps, { name: 'Toko' })
  const statuses = async () => [
    (await key(made.hmacKey))?.status,
    (await digiflazz(made.username))?.status,
  ]
  deepEqual(await statuses(), ['active', 'active'])
  for (const status of ['suspended', 'active', 'closed'] as const) {
    await setStatus(made, status)
    await heard()
    deepEqual(await statuses(), [status, status])
  }
})

test('identity: a changed limit or name: holds for the next request (I10)', async () => {
  const made = await enrol(deps, { name: 'Toko' })
  await key(made.hmacKey)
  await digiflazz(made.username)
  await client.query('update client_key set rate_per_min = 7 where id = $1', [made.hmacKey])
  await client.query('update client set username = $2 where id = $1', [made.userId, 'renamed'])
  await heard()
  equal((await key(made.hmacKey))?.ratePerMin, 7)
  equal(await digiflazz(made.username), null)
  equal((await digiflazz('renamed'))?.userId, made.userId)
})

test('identity: a rotated key: the new one works, with the same limits (I14)', async () => {
  const made = await enrol(deps, {
    ...{ name: 'Toko', ipAllow: ['10.0.0.1'], ratePerMin: 5, readPerMin: 6 },
  })
  await key(made.hmacKey)
  const fresh = await rotateKey(deps, made.userId)
  await heard()
  equal(await key(made.hmacKey), null)
  const card = await key(fresh!.hmacKey)
  deepEqual([card?.secret, card?.ipAllow], [fresh!.hmacSecret, ['10.0.0.1']])
  deepEqual([card?.ratePerMin, card?.readPerMin], [5, 6])
})

test('identity: a rotated API key: the Digiflazz card carries the new one (I14)', async () => {
  const made = await enrol(deps, { name: 'Toko' })
  await digiflazz(made.username)
  const fresh = await rotateApiKey(deps, made.userId)
  await heard()
  equal((await digiflazz(made.username))?.apiKey, fresh!.apiKey)
  notEqual(fresh!.apiKey, made.apiKey)
})

test('identity: nobody to rotate: a no (I14)', async () => {
  const userId = '01900000-0000-7000-8000-000000000000'
  equal(await rotateKey(deps, userId), null)
  equal(await rotateApiKey(deps, userId), null)
})

test('identity: a secret moved to another row: a fault, never "unknown" (I11)', async () => {
  const [one, two] = await enrolMany(deps, { name: 'Toko', count: 2 })
  await client.query(
    `update client_key set secret = (select secret from client_key where id = $1) where id = $2`,
    [one!.hmacKey, two!.hmacKey],
  )
  await rejects(async () => identity.key(two!.hmacKey), SealBroken)
})

test('identity: a key created after it was asked for: is found once heard (I10)', async () => {
  const made = await enrol(deps, { name: 'Toko' })
  const later = 'lk_later'
  equal(await key(later), null)
  await client.query(`insert into client_key (id, client_id, secret) values ($1, $2, $3)`, [
    later,
    made.userId,
    seal.close('secret', `client_key:${later}`),
  ])
  await heard()
  equal((await key(later))?.secret, 'secret')
})

test('identity: absurd keys: a no without a look-up (I10)', async () => {
  const before = identity.stats().key.lookUps
  equal(await key('x'.repeat(101)), null)
  equal(identity.stats().key.lookUps, before)
})

test('identity: no database: a fault that touched nothing (I11)', async () => {
  const gone = await openDatabase(database.url)
  await gone.end()
  const lost = makeIdentity({ db: gone, seal, changes })
  await rejects(
    async () => lost.key('lk_any'),
    (error: unknown) => error instanceof Fault && error.untouched,
  )
  lost.stop()
})

test('identity: a member: the card that signs, with what was handed out (I17)', async () => {
  const made = await enrol(deps, { name: 'Toko', level: 2, ipAllow: ['10.0.0.1'], ratePerMin: 9 })
  const { userId, username, memberId, pin, password } = made
  deepEqual(
    { ...(await member(memberId)) },
    {
      ...{ userId, username, name: 'Toko', level: 2, role: 'reseller', status: 'active' },
      ...{ memberId, pin, password, ipAllow: ['10.0.0.1'], ratePerMin: 9, readPerMin: null },
      ...{ signForms: [], bills: null, templates: {} },
    },
  )
  equal(await member(`${memberId}X`), null)
  equal(await member('x'.repeat(101)), null)
  const [machine] = await enrolMany(deps, { name: 'Bench', count: 1 })
  equal(await member(machine!.memberId), null)
})

test('identity: a login reset: both ways of keeping it change in one write (I17)', async () => {
  const made = await enrol(deps, { name: 'Toko' })
  await member(made.memberId)
  const fresh = await resetLogin(deps, made.userId)
  await heard()
  const card = await member(made.memberId)
  deepEqual([card?.pin, card?.password], [fresh!.pin, fresh!.password])
  const row = await clientById(db.pool, made.userId)
  equal(await seal.verifyPassword(fresh!.password, row!.passwordHash!), true)
  const { rows } = await client.query('select client::text as text from client where id = $1', [
    made.userId,
  ])
  equal(rows[0].text.includes(fresh!.password), false)
})

test('identity: a login that was only hashed: no card until it is sealed (I17)', async () => {
  const made = await enrol(deps, { name: 'Toko' })
  const { userId, memberId, pin, password } = made
  await client.query('update client set pin_sealed = null, password_sealed = null where id = $1', [
    userId,
  ])
  await heard()
  equal(await member(memberId), null)
  equal(await sealLogin(deps, userId, { pin, password }), true)
  await heard()
  // An unknown member is remembered as unknown for a second; the change of its row ends that.
  equal((await member(memberId))?.password, password)
})

test('identity: a PIN moved to another row: a fault, never "unknown" (I11)', async () => {
  const [one, two] = [await enrol(deps, { name: 'A' }), await enrol(deps, { name: 'B' })]
  await client.query(
    'update client set pin_sealed = (select pin_sealed from client where id = $1) where id = $2',
    [one.userId, two.userId],
  )
  await heard()
  await rejects(async () => identity.member(two.memberId), SealBroken)
})

test('identity: a suspended member, a new rate: hold for the next request (I10)', async () => {
  const made = await enrol(deps, { name: 'Toko' })
  const { userId, memberId } = made
  await member(memberId)
  await setStatus(made, 'suspended')
  await client.query('update client set rate_per_min = 3 where id = $1', [userId])
  await heard()
  const card = await member(memberId)
  deepEqual([card?.status, card?.ratePerMin], ['suspended', 3])
})

test('partner: allowed signs and own texts: in the card of the next request (I18)', async () => {
  const { memberId } = await enrol(deps, { name: 'Toko' })
  await member(memberId)
  const allowed = await partner('partner.setForms', { memberId, signForms: ['hex', 'pin-only'] })
  deepEqual('ok' in allowed && allowed.ok.signForms, ['hex', 'pin-only'])
  const text = { style: 'otomax', outcome: 'success', body: 'punya sendiri' }
  await partner('partner.setTemplate', { memberId, ...text })
  await heard()
  const card = await member(memberId)
  deepEqual(card?.signForms, ['hex', 'pin-only'])
  deepEqual(card?.templates, { 'otomax.success': 'punya sendiri' })
})

test('partner: own codes for bills: in the card of the next request, until taken back (I18)', async () => {
  const { memberId } = await enrol(deps, { name: 'Toko' })
  deepEqual((await member(memberId))?.bills, null)
  const bills = { inquiry: ['TAG'], pay: ['BYR'], pair: 'ref' } as const
  const set = await partner('partner.setBills', { memberId, bills })
  deepEqual('ok' in set && set.ok.bills, bills)
  await heard()
  deepEqual((await member(memberId))?.bills, bills)
  await partner('partner.setBills', { memberId, bills: null })
  await heard()
  deepEqual((await member(memberId))?.bills, null)
  const nobody = await partner('partner.setBills', { memberId: 'LJNOBODY', bills })
  deepEqual(nobody, { refused: 'NOT_FOUND', moneyEffect: 'none' })
})

test('partner: the house’s text: for all who have none of their own (I18, I19)', async () => {
  const [one, two] = [await enrol(deps, { name: 'A' }), await enrol(deps, { name: 'B' })]
  await member(one.memberId)
  await member(two.memberId)
  const text = { style: 'otomax', outcome: 'failed' }
  const set = (memberId: string | null, body: string | null) =>
    partner('partner.setTemplate', { memberId, ...text, body })
  await set(null, 'rumah')
  await set(one.memberId, 'sendiri')
  await set(one.memberId, 'sendiri 2')
  await heard()
  const textsOf = async () => [
    (await member(one.memberId))?.templates['otomax.failed'],
    (await member(two.memberId))?.templates['otomax.failed'],
  ]
  deepEqual(await textsOf(), ['sendiri 2', 'rumah'])
  await set(one.memberId, null)
  await heard()
  deepEqual(await textsOf(), ['rumah', 'rumah'])
  const view = await partner('partner.get', { memberId: null })
  deepEqual('ok' in view && view.ok.templates, [{ ...text, body: 'rumah' }])
  await set(null, null)
  await heard()
  deepEqual(await textsOf(), [undefined, undefined])
})

test('partner: nobody of that name: a no, and nothing is kept (I19)', async () => {
  const memberId = 'LJNOBODY'
  const no = { refused: 'NOT_FOUND', moneyEffect: 'none' }
  deepEqual(await partner('partner.get', { memberId }), no)
  deepEqual(await partner('partner.setForms', { memberId, signForms: [] }), no)
  const text = { style: 'otomax', outcome: 'failed', body: 'x' }
  deepEqual(await partner('partner.setTemplate', { memberId, ...text }), no)
  const view = await partner('partner.get', { memberId: null })
  deepEqual('ok' in view && view.ok.templates, [])
})
