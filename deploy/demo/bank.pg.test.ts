import { deepEqual, equal, ok, rejects } from 'node:assert/strict'
import { after, test } from 'node:test'
import { makeSeal, newMasterKey } from '../../services/seal.ts'
import { openDatabase } from '../../sql/database.ts'
import { putBankAccount, readBankAccounts, readBankFeed } from '../../sql/money/deposits.ts'
import { openSandbox } from '../sandbox/server.ts'
import { StartFailure } from '../start-failure.ts'
import { testDatabase } from '../testing/database.ts'
import { prepareDemoBank, registerBankAtSandbox } from './bank.ts'

const sandboxUrl = 'http://127.0.0.1:4000'

async function installation() {
  const database = await testDatabase()
  const db = await openDatabase(database.url, { connectionsMax: 2 })
  after(async () => {
    await db.end()
    await database.drop()
  })
  return { db, seal: makeSeal(newMasterKey()), sandboxUrl }
}

test('demo bank: made once; afterwards only its address follows the sandbox (C40)', async () => {
  const deps = await installation()
  const first = await prepareDemoBank(deps)
  const [account] = await readBankAccounts(deps.db.pool)
  equal(account?.number, first?.number)
  const second = await prepareDemoBank({ ...deps, sandboxUrl: 'http://127.0.0.1:4001' })
  deepEqual(second, first)
  const feed = await readBankFeed(deps.db.pool, 'moota')
  equal(feed?.baseUrl, 'http://127.0.0.1:4001/moota/api/v2')
  ok(!JSON.stringify(feed).includes(first!.token))

  const other = await prepareDemoBank({ ...deps, seal: makeSeal(newMasterKey()) })
  equal(other?.number, first?.number)
  equal(other?.token === first?.token, false)
})

test('demo bank: an owner’s own account: nothing is touched (C40)', async () => {
  const deps = await installation()
  const own = { code: 'mandiri', bank: 'Mandiri', number: '99', holder: 'PT Sendiri', active: true }
  await putBankAccount(deps.db.pool, own)
  equal(await prepareDemoBank(deps), null)
  deepEqual(await readBankAccounts(deps.db.pool), [own])
  equal(await readBankFeed(deps.db.pool, 'moota'), null)
})

test('demo bank: the sandbox is told after every start, or the start fails (C41)', async () => {
  const bank = { number: '12345', token: 'token', webhookSecret: 'secret' }
  const sandbox = (await openSandbox({ port: 0 }))!
  const publicUrl = 'http://127.0.0.1:3000'
  await registerBankAtSandbox(bank, { sandboxUrl: sandbox.url, publicUrl })
  const told = await (await fetch(`${sandbox.url}/_sandbox/accounts`)).json()
  const account = (told as { party: string }[]).find(({ party }) => party === 'moota')
  deepEqual(account, {
    ...{ party: 'moota', username: '12345', balance: 10_000_000 },
    webhook_url: `${publicUrl}/api/v1/callbacks/moota`,
  })
  await sandbox.close()
  await rejects(registerBankAtSandbox(bank, { sandboxUrl: sandbox.url, publicUrl }), StartFailure)
})
