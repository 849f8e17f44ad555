/** Behind the link that proves an e-mail address. */

import { fill, h } from '../kit/dom.js'
import { trouble } from '../kit/list.js'
import { send, session } from '../kit/session.js'
import { sentenceOf } from './api.js'
import { scene } from './scene.js'
import { verify as words } from './text.id.js'

export function open({ node, title, rest }) {
  title(words.title)
  const place = h('div', { class: 'moment', role: 'status' }, h('p', null, words.busy))
  node.append(place)
  void go()

  async function go() {
    const answer = await send('POST', '/api/v1/auth/verify-email', { token: rest }, null)
    if (answer.ok) {
      const [href, way] = session.user === null ? ['#/masuk', words.enter] : ['#/', words.home]
      return fill(
        place,
        scene('success'),
        h('p', { class: 'story' }, words.done),
        h('a', { class: 'button huge', href }, way),
      )
    }
    if (answer.status === 0 || answer.status >= 429) {
      return fill(place, trouble(sentenceOf(answer), go))
    }
    fill(
      place,
      h('p', null, words.ended),
      h('a', { class: 'quiet', href: '#/profil' }, words.profile),
    )
  }
}
