/**
 * What stands above every page: that there is no line, and in the demo where one plays the payer
 * and the app that sends the code.
 *
 * WNQ1. Whoever has no line is told so, and that he need do nothing; it goes when the line is back.
 * WNQ2. In the demo one is told that no money is real, and led to where it is paid. Elsewhere
 *       nothing of it is there.
 */

import { fill, h } from '../kit/dom.js'
import { call } from './api.js'
import { above as words } from './text.id.js'

export function standAbove() {
  const offline = h('div', { role: 'status' })
  const demo = h('div')
  document.body.prepend(h('div', { class: 'above' }, offline, demo))
  const look = () => fill(offline, !navigator.onLine && h('p', null, words.offline))
  addEventListener('online', look)
  addEventListener('offline', look)
  look()
  void lookDemo()

  async function lookDemo() {
    const answer = await call('GET', '/api/v1/app-settings')
    const url = answer.data?.play_url ?? ''
    if (!/^https?:/.test(url)) return
    const way = h('a', { href: url, target: '_blank', rel: 'noopener' }, words.play)
    fill(demo, h('p', null, words.demo, ' ', way))
  }
}
