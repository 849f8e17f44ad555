/**
 * Somebody who comes by himself, against the real program: he registers, opens the link that the
 * mail server got, forgets his password, gets another by mail, and is forgotten at last; the
 * journal stays sound.
 *
 * PEJ1. From registering to being forgotten over real sockets, mails included.
 */

import { deepEqual, equal, match } from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { ask } from './reseller.ts'
import { type Engine, Stage, until } from './stage.ts'

let stage: Stage
let engine: Engine

before(async () => {
  stage = new Stage()
  engine = await stage.start()
})
after(() => stage.close())

const email = 'siti@contoh.id'

function send(method: string, path: string, body?: object, token = '') {
  const headers = {
    'content-type': 'application/json',
    ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
  }
  const text = body === undefined ? {} : { body: JSON.stringify(body) }
  return ask(`${engine.http}/api/v1/${path}`, { method, headers, ...text })
}

/** The word of the newest link to that page. */
async function mailed(page: string): Promise<string> {
  let found = ''
  await until(`a mail with a link to ${page}`, 60_000, async () => {
    const told = await fetch(`${stage.sandboxUrl}/_sandbox/messages`)
    const mails = (await told.json()) as { party: string; to: string; text: string }[]
    const links = mails
      .filter(one => one.party === 'smtp' && one.to === email)
      .flatMap(one => one.text.match(new RegExp(`#/${page}/([\\w-]+)`))?.[1] ?? [])
    found = links.at(-1) ?? ''
    return found !== ''
  })
  return found
}

const login = (password: string) => send('POST', 'auth/login', { email, password })
const tokenOf = async (password: string): Promise<string> => {
  const told = await login(password)
  equal(told.status, 200, told.text)
  return told.body['data'].access_token
}

test('people: registered, proven, a new password by mail, forgotten for ever (PEJ1)', async () => {
  const wish = { name: 'Siti', email, password: 'rahasia-1', phone: '081234567890' }
  equal((await send('POST', 'auth/register', wish)).status, 200)
  const token = await tokenOf('rahasia-1')
  const profile = async () => (await send('GET', 'user/profile', undefined, token)).body['data']
  equal((await profile()).email_verified, false)
  const word = await mailed('verifikasi')
  equal((await send('POST', 'auth/verify-email', { token: word })).status, 200)
  equal((await profile()).email_verified, true)

  equal((await send('POST', 'auth/forgot-password', { email })).status, 200)
  const reset = { token: await mailed('sandi-baru'), password: 'rahasia-2' }
  equal((await send('POST', 'auth/reset-password', reset)).status, 200)
  equal((await login('rahasia-1')).body['error_code'], 'LOGIN_INVALID')

  const fresh = await tokenOf('rahasia-2')
  const money = await send('GET', 'user/balance', undefined, fresh)
  equal(money.body['data'].available, 0)
  equal((await send('GET', 'products', undefined, fresh)).status, 403)
  const erased = await send('POST', 'user/erase', { password: 'rahasia-2' }, fresh)
  deepEqual(erased.body['data'], { status: 'closed' })
  equal((await login('rahasia-2')).body['error_code'], 'LOGIN_INVALID')
  const { code, stdout } = await stage.cli(['verify'])
  equal(code, 0, stdout)
  match(stdout, /./)
})
