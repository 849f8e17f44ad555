import { deepEqual, equal } from 'node:assert/strict'
import { request } from 'node:http'
import { afterEach, test } from 'node:test'
import type { GatewayOptions } from '../gateway.ts'
import { plain, Stage } from '../scripted.fixture.ts'
import type { DemoBox } from './demo-box.route.ts'

const demo = { userId: 'u', username: 'demo', level: 1 }
const qr = '00020101021226570011ID.DANA.WWW0118936009150000000000'
let stage: Stage
const paid: string[] = []
const demoBox: DemoBox = {
  ...{ deviceId: 'box-1', secret: 'a secret of a test' },
  pay: async code => paid.push(code) > 0,
}
const open = async (options: Partial<GatewayOptions> = {}) => {
  paid.length = 0
  stage = await Stage.open({}, { demo, demoBox, ...options })
}
afterEach(() => stage.close())

const ask = (path: string, headers: Record<string, string> = {}, body = '{}') =>
  plain(stage, { method: 'POST', path, body, headers })

/** `fetch` chooses the host itself. */
const asHost = (host: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const url = `${stage.url}/demo/box`
    const asked = request(url, { method: 'POST', headers: { host } }, answer => {
      answer.resume()
      resolve(answer.statusCode ?? 0)
    })
    asked.on('error', reject).end('{}')
  })

test('demo box: from nearby: id and secret, and whether somebody would pay (VBR1)', async () => {
  await open()
  const { status, body } = await ask('/demo/box')
  equal(status, 200)
  const told = { device_id: 'box-1', secret: 'a secret of a test', can_pay: true }
  deepEqual(body['data'], told)
})

test('demo box: through a proxy, known or not, from afar: not there (VBR1)', async () => {
  await open()
  for (const name of ['x-forwarded-for', 'forwarded', 'x-real-ip', 'cf-connecting-ip', 'via']) {
    equal((await ask('/demo/box', { [name]: '127.0.0.1' })).status, 404, name)
  }
  await stage.close()
  await open({ proxies: 1 })
  equal((await ask('/demo/box', { 'x-forwarded-for': '8.8.8.8' })).status, 404)
  equal((await ask('/demo/box', { 'x-forwarded-for': '192.168.1.7' })).status, 200)
})

test('demo box: under a name that is not ours: not there (VBR1)', async () => {
  await open({ publicUrl: 'https://laju.example' })
  const hosts = ['127.0.0.1:3000', 'localhost:3000', '[::1]:3000', '192.168.1.7', 'laju.example']
  for (const host of hosts) equal(await asHost(host), 200, host)
  for (const host of ['evil.example', 'localhost.evil.example:3000', '127.0.0.1.evil.example']) {
    equal(await asHost(host), 404, host)
  }
})

test('demo box: a page of somebody else: refused, and nothing is paid (VBR1, VBR2)', async () => {
  await open()
  const body = JSON.stringify({ qr_string: qr })
  const others = { 'sec-fetch-site': 'cross-site' }
  for (const headers of [others, { origin: 'http://evil.example' }]) {
    equal((await ask('/demo/box', headers)).status, 403)
    equal((await ask('/demo/pay', headers, body)).status, 403)
  }
  deepEqual(paid, [])
})

test('demo box: a customer pays the QR, and takes no other wishes (VBR2)', async () => {
  await open()
  equal((await ask('/demo/pay', {}, JSON.stringify({ qr_string: qr }))).status, 200)
  for (const wish of [
    {},
    { qr_string: 'x' },
    { qr_string: qr, fault: 'forged' },
    { reference: 'a' },
  ]) {
    equal((await ask('/demo/pay', {}, JSON.stringify(wish))).status, 400)
  }
  deepEqual(paid, [qr])
})

test('demo box: the acquirer does not take it: told, not thought paid (VBR2)', async () => {
  await open({ demoBox: { ...demoBox, pay: async () => false } })
  equal((await ask('/demo/pay', {}, JSON.stringify({ qr_string: qr }))).status, 503)
  await stage.close()
  const pay = () => Promise.reject(new Error('no sandbox'))
  await open({ demoBox: { ...demoBox, pay } })
  equal((await ask('/demo/pay', {}, JSON.stringify({ qr_string: qr }))).status, 503)
})

test('demo box: so often per address; without a box, a sandbox or a demo, not there (VBR3)', async () => {
  await open({ limits: { demoBuysPerMin: 2 } })
  const body = JSON.stringify({ qr_string: qr })
  const statuses: number[] = []
  for (let n = 0; n < 3; n++) statuses.push((await ask('/demo/pay', {}, body)).status)
  deepEqual(statuses, [200, 200, 429])
  await stage.close()
  await open({ demoBox: { ...demoBox, pay: null } })
  equal((await ask('/demo/pay', {}, body)).status, 404)
  equal((await ask('/demo/box')).status, 200)
  await stage.close()
  stage = await Stage.open({}, { demo })
  equal((await ask('/demo/box')).status, 404)
  await stage.close()
  await open({ mode: 'production' })
  equal((await ask('/demo/box')).status, 404)
})
