import { deepEqual, equal, ok, rejects } from 'node:assert/strict'
import { after, test } from 'node:test'
import { gatewayPurpose } from '../../services/deposit/gateway/gateways.ts'
import { makeSeal, newMasterKey } from '../../services/seal.ts'
import { openDatabase } from '../../sql/database.ts'
import { putGateway, readGateways } from '../../sql/money/deposit-intents.ts'
import { openSandbox } from '../sandbox/server.ts'
import { StartFailure } from '../start-failure.ts'
import { testDatabase } from '../testing/database.ts'
import { prepareDemoGateways, registerGatewaysAtSandbox } from './gateways.ts'

const sandboxUrl = 'http://127.0.0.1:4000'
const publicUrl = 'http://127.0.0.1:3000'

async function installation() {
  const database = await testDatabase()
  const db = await openDatabase(database.url, { connectionsMax: 2 })
  after(async () => {
    await db.end()
    await database.drop()
  })
  return { db, seal: makeSeal(newMasterKey()), sandboxUrl }
}

test('demo gateways: made once; afterwards only the address follows the sandbox (DGD1)', async () => {
  const deps = await installation()
  await prepareDemoGateways(deps)
  const first = await readGateways(deps.db.pool)
  deepEqual(
    first.map(({ code, baseUrl }) => [code, baseUrl]),
    [
      ['atlantic', `${sandboxUrl}/atlantic`],
      ['rumahotp', `${sandboxUrl}/rumahotp-deposits`],
    ],
  )
  const opened = deps.seal.open(first[0]!.credentials, gatewayPurpose('atlantic'))
  const { apiKey } = JSON.parse(opened) as { apiKey: string }
  ok(!JSON.stringify(first).includes(apiKey))
  await putGateway(deps.db.pool, { ...first[0]!, active: false })
  const own = 'https://www.rumahotp.com'
  await putGateway(deps.db.pool, { ...first[1]!, baseUrl: own })
  await prepareDemoGateways({ ...deps, sandboxUrl: 'http://127.0.0.1:4001' })
  const second = await readGateways(deps.db.pool)
  deepEqual(second, [
    { ...first[0], active: false, baseUrl: 'http://127.0.0.1:4001/atlantic' },
    { ...first[1], baseUrl: own },
  ])
})

test('demo gateways: the sandbox knows us and our address, or the start fails (DGD2)', async () => {
  const { seal } = await installation()
  const sandbox = (await openSandbox({ port: 0 }))!
  const where = { sandboxUrl: sandbox.url, publicUrl }
  await registerGatewaysAtSandbox(seal, where)
  await registerGatewaysAtSandbox(seal, where)
  const told = await (await fetch(`${sandbox.url}/_sandbox/accounts`)).json()
  const accounts = (told as { party: string; username: string; webhook_url: string | null }[])
    .filter(({ username }) => username === 'laju-deposit')
    .map(({ party, webhook_url }) => [party, webhook_url])
  deepEqual(accounts, [
    ['atlantic', `${publicUrl}/api/v1/callbacks/atlantic`],
    ['rumahotp-deposits', null],
  ])
  equal(accounts.length, 2)
  await sandbox.close()
  await rejects(registerGatewaysAtSandbox(seal, where), StartFailure)
})
