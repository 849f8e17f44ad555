/**
 * A person who types beside the whole program, over a WhatsApp that delivers everything three
 * times, while the engine is killed: each order is sold once, and its end is heard.
 */

import { equal, ok } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { Oracle } from './reseller.ts'
import { atRest, type Engine, Stage, until } from './stage.ts'

const orders = 12
const toldMs = 60_000

let stage: Stage
let engine: Engine
let person: { number: string; pin: string }

before(async () => {
  stage = new Stage()
  await stage.startSandbox()
  engine = await stage.start()
  const { chat, reseller } = JSON.parse(readFileSync(join(stage.dataDir(), 'demo.json'), 'utf8'))
  person = { number: chat.whatsapp_number, pin: reseller.pin }
})
after(() => stage.close())

async function type(text: string, times = 1): Promise<void> {
  const body = JSON.stringify({ from: person.number, text, times })
  const answer = await fetch(`${stage.sandboxUrl}/whatsapp/say`, { method: 'POST', body })
  equal(answer.status, 200)
}

async function heard(): Promise<string[]> {
  const answer = await fetch(`${stage.sandboxUrl}/_sandbox/messages`)
  return ((await answer.json()) as { text: string }[]).map(({ text }) => text)
}

test('chat: delivered three times, the engine killed: sold once, the end heard (ZE1, ZE2)', async () => {
  const number = (n: number) => `0878123450${10 + n}`
  for (let n = 0; n < orders; n++) await type(`XLD10.${number(n)}.${person.pin}`, 3)
  const oracle = new Oracle(stage.sandboxUrl)
  await until('the last sale', toldMs, async () => (await oracle.sales()).length >= orders)
  await atRest(engine.http)
  await engine.kill()
  // Nobody is there to hear these; the channel tries again.
  for (let n = 0; n < orders; n += 3) await type(`CEK.${number(n)}.${person.pin}`)
  engine = await stage.start()
  const isOver = (texts: readonly string[], n: number) =>
    texts.some(text => text.startsWith('✅') && text.includes(number(n)))
  const texts = await until('the ends of all', toldMs, async () => {
    const all = await heard()
    return Array.from({ length: orders }, (_, n) => n).every(n => isOver(all, n)) && all
  })
  ok(texts.every(text => !text.includes(person.pin)))
  await until('the answers to what was typed meanwhile', toldMs, async () => {
    const answers = (await heard()).filter(text => text.includes(': SUKSES.'))
    return answers.length >= orders / 3
  })
  const sales = await oracle.sales()
  for (let n = 0; n < orders; n++) {
    const ours = sales.filter(({ target }) => target === number(n))
    equal(ours.length, 1, number(n))
    equal(ours[0]!.times, 1)
  }
})
