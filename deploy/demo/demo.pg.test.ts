import { deepEqual, equal, notEqual, rejects } from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { rotateKey } from '../../services/identity/enrol.ts'
import { makeSeal, newMasterKey } from '../../services/seal.ts'
import { openDatabase } from '../../sql/database.ts'
import { cardsOfMembers } from '../../sql/people/clients.ts'
import { readSuppliers } from '../../sql/topup/catalogue.ts'
import { openSandbox } from '../sandbox/server.ts'
import { StartFailure } from '../start-failure.ts'
import { testDatabase } from '../testing/database.ts'
import {
  type Demo,
  downlineDeposit,
  fundDemo,
  openingDeposit,
  prepareDemo,
  registerAtSandbox,
} from './demo.ts'

/** An installation of its own: database, folder, master key. */
async function installation() {
  const database = await testDatabase()
  const db = await openDatabase(database.url, { connectionsMax: 2 })
  const dataDir = mkdtempSync(join(tmpdir(), 'laju-demo-'))
  after(async () => {
    await db.end()
    await database.drop()
    rmSync(dataDir, { recursive: true })
  })
  const deps = { db, seal: makeSeal(newMasterKey()), shards: 8, dataDir, sandboxUrl: null }
  return { deps, db, file: join(dataDir, 'demo.json') }
}

const contentOf = ({ file }: Pick<Demo, 'file'>) => JSON.parse(readFileSync(file, 'utf8'))

test('demo: first start: demo.json as outside programs expect it (C27)', async () => {
  const { deps } = await installation()
  const demo = await prepareDemo(deps)
  const { reseller, downline, admin, finance, callback_secrets, ...rest } = contentOf(demo)
  deepEqual(rest, {})
  for (const person of [reseller, downline, admin, finance]) {
    deepEqual(Object.keys(person).sort(), [
      ...['api_key', 'hmac_key', 'hmac_secret', 'member_id', 'password', 'pin'],
      ...['user_id', 'username'],
    ])
  }
  equal(reseller.user_id, demo.client.userId)
  equal(reseller.hmac_secret, demo.client.hmacSecret)
  deepEqual(Object.keys(callback_secrets), ['digiflazz', 'digiflazz2'])
})

test('demo: first start: nobody else can read demo.json (C28)', async () => {
  const { deps, file } = await installation()
  await prepareDemo(deps)
  equal(statSync(file).mode & 0o777, 0o600)
})

test('demo: second start: the same credentials, and edits survive (C26) (C27)', async () => {
  const { deps, db } = await installation()
  const first = await prepareDemo(deps)
  const client = await db.connect()
  await client.query(`delete from mapping where product_code = 'XLD10'`)
  await client.query(`delete from product where code = 'XLD10'`)
  await client.query(`update price_rule set fixed = 777 where scope = 'default' and level = 0`)
  const second = await prepareDemo(deps)
  deepEqual(second, first)
  const { rows } = await client.query(
    `select (select count(*) from product where code = 'XLD10') as products,
            (select fixed from price_rule where scope = 'default' and level = 0) as fixed`,
  )
  await client.end()
  deepEqual(rows, [{ products: 0, fixed: 777 }])
})

test('demo: commission: the downline’s upline, a default rule, and what an owner did stays (C26)', async () => {
  const { deps, db } = await installation()
  const demo = await prepareDemo(deps)
  const client = await db.connect()
  const upline = await client.query('select upline from client where id = $1', [
    demo.downline.userId,
  ])
  equal(upline.rows[0].upline, demo.client.userId)
  const rules = () => client.query('select scope, levels, active from commission_rule')
  const { rows } = await rules()
  deepEqual(rows, [{ scope: 'default', levels: [{ percent_bp: 2_000, fixed: 0 }], active: true }])
  await client.query('delete from commission_rule')
  await prepareDemo(deps)
  deepEqual((await rules()).rows, [])
  await client.end()
})

test('demo: the file is lost: the same reseller, with credentials that work (C27)', async () => {
  const { deps, file } = await installation()
  const first = await prepareDemo(deps)
  rmSync(file)
  const second = await prepareDemo(deps)
  equal(second.client.userId, first.client.userId)
  equal(second.client.apiKey, first.client.apiKey)
  notEqual(second.client.hmacSecret, first.client.hmacSecret)
  deepEqual(await prepareDemo(deps), second)
})

test('demo: a key was rotated, or the file is nonsense: made anew (C27)', async () => {
  const { deps, file } = await installation()
  const first = await prepareDemo(deps)
  await rotateKey(deps, first.client.userId)
  const second = await prepareDemo(deps)
  notEqual(second.client.hmacKey, first.client.hmacKey)
  equal(second.client.pin, first.client.pin)
  writeFileSync(file, '{"reseller":')
  equal((await prepareDemo(deps)).client.userId, first.client.userId)
})

test('demo: what other lines wrote into the file: stays (C27)', async () => {
  const { deps, file } = await installation()
  const demo = await prepareDemo(deps)
  const { admin } = contentOf(demo)
  const more = { ...contentOf(demo), admin: { ...admin, email: 'a@b' }, device: { id: '1' } }
  writeFileSync(file, JSON.stringify(more))
  const after = contentOf(await prepareDemo(deps))
  deepEqual([after.admin, after.device], [{ ...admin, email: 'a@b' }, { id: '1' }])
})

test('demo: an installation of before: its PIN and password are sealed as they are (C27)', async () => {
  const { deps, db } = await installation()
  const first = await prepareDemo(deps)
  const client = await db.connect()
  await client.query('update client set pin_sealed = null, password_sealed = null')
  deepEqual(await prepareDemo(deps), first)
  const { rows } = await client.query(
    'select count(*) as n from client where pin_sealed is null or password_sealed is null',
  )
  await client.end()
  deepEqual(rows, [{ n: 0 }])
  equal((await cardsOfMembers(db.pool, [first.client.memberId]))[0]?.userId, first.client.userId)
})

test('demo: the master key is lost: suppliers and reseller get new secrets (C27)', async () => {
  const { deps } = await installation()
  const first = await prepareDemo(deps)
  const second = await prepareDemo({ ...deps, seal: makeSeal(newMasterKey()) })
  equal(second.client.userId, first.client.userId)
  notEqual(second.client.apiKey, first.client.apiKey)
  notEqual(second.client.pin + second.client.password, first.client.pin + first.client.password)
  notEqual(second.suppliers[0]?.webhookSecret, first.suppliers[0]?.webhookSecret)
})

test('demo: another sandbox address: the suppliers move there (C30)', async () => {
  const { deps, db } = await installation()
  await prepareDemo(deps)
  await prepareDemo({ ...deps, sandboxUrl: 'http://127.0.0.1:4999' })
  deepEqual(
    (await readSuppliers(db.pool)).map(({ baseUrl }) => baseUrl),
    ['http://127.0.0.1:4999/digiflazz/v1', 'http://127.0.0.1:4999/digiflazz2/v1'],
  )
})

test('demo: money: is given once, also after a crash before our note (C29)', async () => {
  const { deps, db } = await installation()
  const demo = await prepareDemo(deps)
  const given: unknown[] = []
  const deposit = async (...deposited: unknown[]) => given.push(deposited)
  const dying = async (...deposited: unknown[]) => {
    given.push(deposited)
    throw new Error('killed')
  }
  await rejects(fundDemo(demo, { db, deposit: dying }), /killed/)
  equal(await fundDemo(demo, { db, deposit }), true)
  equal(await fundDemo(demo, { db, deposit }), false)
  const once = [demo.client.userId, openingDeposit, 'demo-opening-deposit']
  const below = [demo.downline.userId, downlineDeposit, 'demo-downline-deposit']
  deepEqual(given, [once, once, below])
})

test('demo: the sandbox: knows both suppliers, keeps a balance it remembers (C30) (DFL2)', async () => {
  const { deps } = await installation()
  const demo = await prepareDemo(deps)
  const sandbox = await openSandbox({ port: 0 })
  const party = sandbox!.parties.get('digiflazz2')!
  const addresses = {
    ...{ sandboxUrl: sandbox!.url, publicUrl: 'http://127.0.0.1:3999' },
    balanceOf: async (supplier: string) => supplier.length,
  }
  try {
    await registerAtSandbox(demo, addresses)
    const [account] = party.accounts()
    equal(account?.username, demo.suppliers[1]?.username)
    equal(account?.balance, 'digiflazz2'.length)
    const path = '/api/v1/callbacks/supplier/digiflazz2'
    deepEqual(JSON.stringify(account).includes(`http://127.0.0.1:3999${path}`), true)

    party.openAccount({ username: account?.username, api_key: 'x', balance: 5 })
    await registerAtSandbox(demo, addresses)
    deepEqual(party.accounts()[0], { ...account, balance: 5 })
  } finally {
    await sandbox!.close()
  }
})

test('demo: no sandbox there, or one that refuses: one sentence (C30)', async () => {
  const publicUrl = 'http://127.0.0.1:3999'
  const balanceOf = async () => 0
  const nobody = registerAtSandbox(
    { suppliers: [] },
    { sandboxUrl: 'http://127.0.0.1:1', publicUrl, balanceOf },
  )
  await rejects(nobody, StartFailure)

  const server = createServer((_, answer) => answer.writeHead(500).end('no'))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const sandboxUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const refused = registerAtSandbox({ suppliers: [] }, { sandboxUrl, publicUrl, balanceOf })
  await rejects(refused, StartFailure)
  await new Promise(resolve => server.close(resolve))
})
