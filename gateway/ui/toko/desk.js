/** This area's one desk: the merchant's door, and who came in for which merchant. */

import { openDesk } from '../kit/desk.js'
import { openLive } from '../kit/live.js'
import { sayings } from './text.id.js'

const desk = openDesk({
  door: '/merchant/login',
  mark: 'laju.toko',
  sayings,
  ending: () => '/merchant/session',
  async whoIs(call, told) {
    const answer = await call('GET', '/merchant/profile')
    if (!answer.ok) throw new Error('nobody')
    return { ...told, shop: answer.data }
  },
})
export const { session, signIn, signOut, resume, call, decide, download, sentenceOf } = desk

/** A shop that may not trade may have been let since somebody came in. */
export async function shopNow() {
  const { user } = session
  if (user.shop.status !== 'approved') {
    const answer = await call('GET', '/merchant/profile')
    if (answer.ok) user.shop = answer.data
  }
  return user.shop
}

/** What happens to the shop's payments and batches. */
export const live = openLive(desk.bearer)

/** Terminals change seldom: once per visit is enough. */
let asked = null

export function terminals() {
  asked ??= call('GET', '/merchant/terminals').then(answer => {
    if (!answer.ok) asked = null
    return answer
  })
  return asked
}

export const forgetTerminals = () => {
  asked = null
}
