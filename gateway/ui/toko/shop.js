/** What we know of the shop, as it stands with us. */

import { fill, h } from '../kit/dom.js'
import { line } from '../kit/line.js'
import { skeleton, trouble } from '../kit/list.js'
import { call, session } from './desk.js'
import { roles } from './text.id.js'
import { shop as words } from './text-shop.id.js'

export function open({ node, title }) {
  title(words.title)
  const facts = h('div', null, skeleton(6))
  node.append(facts)
  void look()

  async function look() {
    const answer = await call('GET', '/merchant/profile')
    if (!answer.ok) return fill(facts, trouble(answer.sentence, look))
    const shop = answer.data
    fill(
      facts,
      h(
        'dl',
        { class: 'card' },
        line(words.name, shop.name),
        line(words.status, words.statuses[shop.status]),
        line(words.qrName, shop.qr_name),
        line(words.city, shop.city),
        line(words.nmid, shop.nmid),
        line(
          words.account,
          shop.account_hint === ''
            ? words.noAccount
            : `${shop.bank_code.toUpperCase()} ${shop.account_hint} · ${shop.account_name}`,
        ),
        line(words.settle, words.settleDays(shop.settle_days)),
        line(words.person, `${session.user.email} · ${roles[session.user.role]}`),
      ),
    )
  }
}
