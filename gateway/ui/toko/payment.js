/** One payment, told whole: the money, whether it was heard, and how it came to be. */

import { fill, h } from '../kit/dom.js'
import { rupiah, secondOf, timeOf } from '../kit/format.js'
import { line } from '../kit/line.js'
import { skeleton, trouble } from '../kit/list.js'
import { watch } from '../kit/watch.js'
import { call, live, terminals } from './desk.js'
import { soundWords, statusPill } from './payment-row.js'
import { payment as words } from './text.id.js'

export function open({ node, rest, title, signal }) {
  title(words.title)
  const banner = h('div', { class: 'banner', role: 'status' })
  const facts = h('div', null, skeleton(5))
  const story = h('div')
  node.append(banner, facts, story)
  let shown = ''
  void look()
  watch(look, { node, signal, live })

  async function look() {
    const [answer, places] = await Promise.all([
      call('GET', `/merchant/transactions/${encodeURIComponent(rest)}`),
      terminals(),
    ])
    if (answer.ok) show(answer.data, places.data?.rows ?? [])
    else if (shown !== '') return false
    else if (answer.status === 404) fill(facts, h('p', { class: 'empty' }, words.gone))
    else fill(facts, trouble(answer.sentence, look))
    return answer.ok
  }

  function show(payment, places) {
    const now = JSON.stringify(payment)
    if (now === shown) return
    shown = now
    const heard = soundWords(payment)
    const place = places.find(one => one.terminal_id === payment.terminal_id)
    title(rupiah(payment.amount))
    banner.dataset.tone = statusTone(payment)
    fill(
      banner,
      statusPill(payment),
      heard !== null && h('p', null, heard.words),
      payment.status === 'paid_late' && h('p', null, words.late),
    )
    fill(
      facts,
      h(
        'dl',
        { class: 'card' },
        line(words.amount, rupiah(payment.amount)),
        payment.fee !== null && line(words.fee, rupiah(payment.fee)),
        payment.refunded > 0 && line(words.refunded, rupiah(payment.refunded)),
        payment.net !== null && line(words.net, rupiah(payment.net)),
        line(words.terminal, place?.label ?? '–'),
        payment.payer !== '' && line(words.payer, payment.payer),
        payment.paid_at !== null && line(words.paidAt, timeOf(payment.paid_at)),
        line(words.madeAt, timeOf(payment.created_at)),
        numberOf(payment) !== '' && line(words.reference, numberOf(payment)),
      ),
      h(
        'p',
        { class: 'ways' },
        payment.status === 'pending' &&
          h('a', { class: 'button', href: `#/qr/${payment.transaction_id}` }, words.show),
        payment.settlement_batch_id !== null &&
          h('a', { href: `#/pencairan/${payment.settlement_batch_id}` }, words.batch),
      ),
    )
    fill(
      story,
      h('h2', null, words.story),
      h(
        'ol',
        { class: 'steps' },
        payment.events.map(({ type, at, data }) =>
          h(
            'li',
            null,
            h('span', null, stepOf(type, data)),
            h('time', { datetime: at }, secondOf(at)),
          ),
        ),
      ),
    )
  }
}

/** By which others know it; ours says nothing to anybody. */
const numberOf = ({ acquirer_ref: theirs, reference }) =>
  theirs || (/^[0-9a-f]{32}$/.test(reference) ? '' : reference)

const stepOf = (type, data) =>
  type === 'proved' ? words.proved[data.outcome] : (words.steps[type] ?? words.title)

const tones = { paid: 'good', failed: 'bad', expired: 'soft', refunded: 'soft' }
const statusTone = ({ status }) => tones[status] ?? 'warn'
