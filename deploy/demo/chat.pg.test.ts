import { deepEqual, equal, ok } from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { enrol } from '../../services/identity/enrol.ts'
import { makeSeal, newMasterKey } from '../../services/seal.ts'
import { openDatabase } from '../../sql/database.ts'
import { gatewayByName, readSenders, saveGateway } from '../../sql/topup/chat.ts'
import { openSandbox } from '../sandbox/server.ts'
import { testDatabase } from '../testing/database.ts'
import { prepareDemoChat, registerChatAtSandbox } from './chat.ts'

async function stage(t: TestContext) {
  const database = await testDatabase()
  const db = await openDatabase(database.url)
  const dataDir = mkdtempSync(join(tmpdir(), 'laju-chat-'))
  t.after(async () => {
    await db.end()
    await database.drop()
    rmSync(dataDir, { recursive: true })
  })
  const seal = makeSeal(newMasterKey())
  const { userId } = await enrol({ db, seal, shards: 4 }, { name: 'Demo Reseller' })
  const file = join(dataDir, 'demo.json')
  writeFileSync(file, '{"reseller":{"pin":"x"}}', { mode: 0o600 })
  const read = () => JSON.parse(readFileSync(file, 'utf8'))
  return { db, seal, dataDir, userId, file, read }
}

test('demo chat: twice: the same gateways, at the newer address (CHT1)', async t => {
  const { db, seal, dataDir, userId } = await stage(t)
  const first = await prepareDemoChat({ db, seal, dataDir, sandboxUrl: 'http://one' }, userId)
  const row = (await gatewayByName(db.pool, 'telegram'))!
  await saveGateway(db.pool, { ...row, active: false })
  const again = await prepareDemoChat({ db, seal, dataDir, sandboxUrl: 'http://two' }, userId)
  deepEqual(again, first)
  const moved = (await gatewayByName(db.pool, 'telegram'))!
  deepEqual([moved.baseUrl, moved.active], ['http://two/telegram', false])
  const senders = await readSenders(db.pool, { after: 0, limit: 10 })
  deepEqual(
    senders.map(sender => [sender.gateway, sender.address, sender.userId === userId]),
    [
      ['whatsapp', '6281234567890', true],
      ['telegram', '1001', true],
      ['http', '6281234567890', true],
    ],
  )
  const lost = { db, seal: makeSeal(newMasterKey()), dataDir, sandboxUrl: 'http://two' }
  ok((await prepareDemoChat(lost, userId)).whatsapp['token'] !== first.whatsapp['token'])
})

test('demo chat: demo.json: says how to type, and keeps the rest (CHT2)', async t => {
  const { db, seal, dataDir, userId, file, read } = await stage(t)
  await prepareDemoChat({ db, seal, dataDir, sandboxUrl: 'http://one' }, userId)
  const { chat, reseller } = read()
  deepEqual(reseller, { pin: 'x' })
  deepEqual([chat.whatsapp_number, chat.telegram_chat_id], ['6281234567890', '1001'])
  equal(chat.inbox_token.length, 40)
  equal(statSync(file).mode & 0o777, 0o600)
})

test('demo chat: the sandbox: knows where to call, after every start (CHT3)', async t => {
  const { db, seal, dataDir, userId } = await stage(t)
  const sandbox = (await openSandbox({ port: 0 }))!
  t.after(() => sandbox.close())
  const sandboxUrl = sandbox.url
  const chat = await prepareDemoChat({ db, seal, dataDir, sandboxUrl }, userId)
  for (const publicUrl of ['http://127.0.0.1:1', 'http://127.0.0.1:2']) {
    await registerChatAtSandbox(chat, { sandboxUrl, publicUrl })
    const answer = await fetch(`${sandboxUrl}/_sandbox/accounts`)
    const accounts = (await answer.json()) as { party: string; webhook_url: string }[]
    deepEqual(
      accounts.map(({ webhook_url }) => webhook_url),
      [`${publicUrl}/api/v1/chat/inbox/whatsapp`, `${publicUrl}/api/v1/chat/telegram/telegram`],
    )
  }
})
