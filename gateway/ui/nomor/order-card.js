/**
 * One order as its owner and whoever has its link see it: the number, how it stands, the code.
 *
 * WNG1. How it stands is said in colour, drawing and words, and to ears when it changes.
 * WNG2. The newest code is the largest thing on the page, and copied with one tap.
 * WNG3. Each message that came is shown, the newest first; of one that came after the money was
 *       back it is said that it came, and that it cost nothing.
 * WNG4. While another code is awaited the page says so, and the one before steps back.
 * WNG5. A number that is nobody's any more is not offered for copying.
 */

import { copyButton } from '../kit/copy.js'
import { h } from '../kit/dom.js'
import { rupiah, timeOf } from '../kit/format.js'
import { line } from '../kit/line.js'
import { pill } from '../kit/payment.js'
import { dialled, readable } from './number.js'
import { isOpen, toneOf } from './order-row.js'
import { scene } from './scene.js'
import { rotating, statusText, order as words } from './text.id.js'
import { countdown, turning } from './waiting.js'

const scenes = {
  processing: 'waiting',
  waiting: 'waiting',
  cancelling: 'waiting',
  checking: 'waiting',
  otp_received: 'success',
  finished: 'success',
  refunded: 'over',
  expired: 'over',
}
const turns = { processing: 'number', waiting: 'code', cancelling: 'cancel', checking: 'cancel' }

/** Whether a further code may still come. */
const isLive = ({ status }) => status === 'waiting' || status === 'otp_received'

/** `over` is called when its time has run out here; `next` stands below the number. */
export function orderCard(order, { signal, over, next = null }) {
  const { status, number, otp, messages } = order
  const newest = messages.toReversed()
  const again = order.awaiting_next === true
  return [
    h(
      'section',
      { class: 'moment', 'data-tone': again ? 'warn' : toneOf[status] },
      scene(again ? 'waiting' : scenes[status]),
      again ? pill('warn', statusText.waiting) : pill(toneOf[status], statusText[status]),
      h('p', { class: 'story' }, again ? words.next : storyOf(order)),
      (again || isOpen(order)) && turning(rotating[again ? 'code' : turns[status]], signal),
      isLive(order) &&
        order.expires_at !== null &&
        countdown({ until: order.expires_at, sentence: words.until, signal, over }),
    ),
    otp !== null &&
      taking({
        ...{ label: again ? words.codeBefore : words.code, shown: otp, value: otp },
        ...{ button: words.copyCode, kind: again ? 'small' : 'code' },
      }),
    number !== null &&
      scenes[status] !== 'over' &&
      taking({
        ...{ label: words.number, shown: readable(number), value: dialled(number) },
        ...{ button: words.copyNumber, kind: otp === null && isOpen(order) ? '' : 'small' },
      }),
    next,
    newest.length > 0 &&
      h(
        'section',
        null,
        h('h2', null, words.messages),
        h('ul', { class: 'rows messages' }, newest.map(messageRow)),
      ),
    h(
      'dl',
      { class: 'card' },
      number !== null && scenes[status] === 'over' && line(words.numberBefore, readable(number)),
      line(words.country, order.country_name),
      line(words.price, rupiah(order.price)),
      line(words.made, timeOf(order.created_at)),
    ),
  ]
}

function storyOf({ status, service_name: name, why }) {
  if (status === 'refunded' && why === 'NO_NUMBERS') return words.soldOut
  if (status === 'cancelling' && why === 'TIME') return words.story.expired(name)
  return words.story[status](name)
}

const taking = ({ label, shown, value, button, kind }) =>
  h(
    'section',
    { class: `taking ${kind}`.trim() },
    h('h2', null, label),
    h('output', { class: 'digits' }, shown),
    copyButton(value, button),
  )

const messageRow = ({ text, code, late, received_at: at }) =>
  h(
    'li',
    null,
    h('p', { class: late ? 'soft' : null }, late ? words.late : (text ?? code ?? words.hidden)),
    h('time', { datetime: at }, timeOf(at)),
  )
