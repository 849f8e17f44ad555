/** Who is signed in, as `kit/session.js` knows it, with a server that answers when it is told to. */

import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'

type Session = {
  readonly session: { user: object | null; onEnd: () => void }
  signIn(proof: object): Promise<{ ok: boolean }>
  signOut(): Promise<void>
  bearer(options?: { renew?: boolean }): Promise<string | null>
}

const user = { user_id: 'u', username: 'toko' }
const expires_at = Date.now() + 600_000

test('session: who has left is not brought back by a token that was on its way (WUA3)', async t => {
  const kept = new Map<string, string>()
  const asked: [path: string, answer: (status: number, data: object) => void][] = []
  const world = globalThis as Record<string, unknown>
  const before = { fetch: world['fetch'], localStorage: world['localStorage'] }
  t.after(() => Object.assign(world, before))
  Object.defineProperty(world, 'localStorage', {
    ...{ configurable: true, writable: true },
    value: {
      getItem: (name: string) => kept.get(name) ?? null,
      setItem: (name: string, value: string) => void kept.set(name, value),
      removeItem: (name: string) => void kept.delete(name),
    },
  })
  world['fetch'] = (path: string) =>
    new Promise(resolve => {
      asked.push([
        path.split('/').at(-1)!,
        (status, data) => resolve(new Response(JSON.stringify({ data }), { status })),
      ])
    })
  const file = new URL('./kit/session.js', import.meta.url).href
  const { session, signIn, signOut, bearer } = (await import(file)) as Session
  let ended = 0
  session.onEnd = () => ended++

  const entering = signIn({ username: 'toko' })
  asked[0]![1](200, { access_token: 'one', expires_at, user })
  equal((await entering).ok, true)
  deepEqual(session.user, user)

  // The server gave a new token before it heard that he leaves; its answer comes last.
  const renewing = bearer({ renew: true })
  // It is sent once this tab has the lock, where there are locks.
  while (asked.length < 2) await new Promise(setImmediate)
  const leaving = signOut()
  deepEqual(
    asked.map(([verb]) => verb),
    ['login', 'refresh', 'logout'],
  )
  asked[2]![1](200, {})
  await leaving
  asked[1]![1](200, { access_token: 'two', expires_at, user })
  equal(await renewing, null)
  deepEqual([session.user, kept.size, ended], [null, 0, 0])
  equal(await bearer(), null)

  const again = signIn({ username: 'toko' })
  asked[3]![1](200, { access_token: 'three', expires_at, user })
  await again
  equal(await bearer(), 'three')
})
