import { equal, match, ok } from 'node:assert/strict'
import { after, test } from 'node:test'
import { testDatabase } from '../../deploy/testing/database.ts'
import { putBankAccount } from '../../sql/money/deposits.ts'
import { depositService } from '../deposit/deposit.service.ts'
import { shards } from '../engine-room.fixture.ts'
import { enrol } from '../identity/enrol.ts'
import { transferService } from '../wallet/transfer.service.ts'
import { chatAt } from './chat.fixture.ts'

const database = await testDatabase()
after(() => database.drop())
const { url } = database

test('chat: a transfer: to a downline, once however often the message comes (CHE1)', async t => {
  const chat = await chatAt(t, { url })
  const { scene, seal, client } = chat
  const { db, room, broker, call } = scene
  broker.createService(transferService({ room, db, seal }))
  await broker.waitForServices(['transfer'])
  const below = await enrol({ db, seal, shards }, { name: 'Anak', upline: client.userId })
  const text = `T.${below.memberId}.25000.${client.pin}`
  for (let n = 0; n < 3; n++) {
    const told = await chat.type(text, { id: 'transfer', sync: true })
    ok(told.verdict === 'accepted')
    match(told.reply!, /^✅ Transfer Rp25\.000 ke .* berhasil\. Saldo Anda Rp75\.000/)
  }
  const left = await call('wallet.balance', { userId: client.userId })
  equal('ok' in left && left.ok.available, 75_000)
  const stranger = await enrol({ db, seal, shards }, { name: 'Orang lain' })
  const told = await chat.type(`T.${stranger.memberId}.25000.${client.pin}`, { sync: true })
  ok(told.verdict === 'accepted')
  match(told.reply!, /hanya untuk upline atau downline/)
})

test('chat: wrong PINs by chat and over the API are one count, and lock both (FLF1, FLF2)', async t => {
  const chat = await chatAt(t, { url })
  const { scene, seal, client } = chat
  const { db, room, broker, call, clock } = scene
  broker.createService(transferService({ room, db, seal }))
  await broker.waitForServices(['transfer'])
  const below = await enrol({ db, seal, shards }, { name: 'Anak', upline: client.userId })
  const wrong = client.pin === '111111' ? '222222' : '111111'
  const { userId } = client
  const send = async (pin: string, ref: string) => {
    const answer = await call('transfer.send', {
      userId,
      to: below.memberId,
      amount: 1_000,
      pin,
      ref,
    })
    return 'refused' in answer ? answer.refused : 'sent'
  }
  const replyTo = async (text: string) => {
    const answer = await chat.type(text, { sync: true })
    return answer.verdict === 'accepted' ? (answer.reply ?? '') : ''
  }
  for (const left of [4, 3, 2]) {
    match(await replyTo(`S.${wrong}`), new RegExp(`^PIN salah\\. Sisa kesempatan: ${left}\\.`))
  }
  equal(await send(wrong, 'A-1'), 'PIN_WRONG')
  equal(await send(wrong, 'A-2'), 'PIN_LOCKED')
  equal(await send(client.pin, 'A-3'), 'PIN_LOCKED')
  match(await replyTo(`S.${client.pin}`), /^🔒 Nomor ini terkunci/)

  clock.ms += 24 * 3_600_000
  match(await replyTo(`S.${wrong}`), /^PIN salah\. Sisa kesempatan: 4\./)
  equal(await send(client.pin, 'A-3'), 'PIN_LOCKED')
  match(await replyTo(`S.${client.pin}`), /saldo Anda Rp100\.000/)
  equal(await send(client.pin, 'A-3'), 'sent')
})

test('chat: a ticket: what to pay, and where (CHH4)', async t => {
  const chat = await chatAt(t, { url })
  const { db, room, broker } = chat.scene
  const isOwner = () => true
  broker.createService(depositService({ db, seal: chat.seal, now: room.now, isOwner }))
  await broker.waitForServices(['deposit'])
  const holder = 'PT Contoh'
  await putBankAccount(db.pool, { code: 'bca', bank: 'BCA', number: '123', holder, active: true })
  const told = await chat.type(`TIKET.100000.${chat.client.pin}`, { sync: true })
  ok(told.verdict === 'accepted')
  match(told.reply!, /transfer tepat Rp100\.\d{3} ke BCA 123 \(PT Contoh\) sebelum/)
})
