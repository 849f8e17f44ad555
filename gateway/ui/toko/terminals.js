/**
 * The QRs that are printed once and lie on the counter: a list, and each as a sheet of paper.
 *
 * WPG1. On paper there is the sheet and nothing else.
 */

import { action } from '../kit/action.js'
import { fill, h } from '../kit/dom.js'
import { pagedList, skeleton, trouble } from '../kit/list.js'
import { session, terminals } from './desk.js'
import { terminals as words } from './text-shop.id.js'

export function open(page) {
  if (page.rest !== '') return sheet(page)
  const { node, title } = page
  title(words.title)
  const list = pagedList({
    label: words.label,
    row: terminalRow,
    empty: () => h('p', null, words.empty),
    async load() {
      const answer = await terminals()
      return { ...answer, rows: answer.data?.rows, next: null }
    },
  })
  node.append(h('p', { class: 'soft' }, words.intro), list.node)
  void list.again()
}

function terminalRow({ terminal_id: id, label, kind, tid, qr, active }) {
  const isPrinted = qr !== null && active
  return h(
    isPrinted ? 'a' : 'div',
    { class: 'row', href: isPrinted ? `#/terminal/${id}` : null },
    h('b', null, label),
    isPrinted
      ? h('span', { class: 'act' }, words.print)
      : h('span', { class: 'soft' }, active ? words.perPayment : words.off),
    h('span', { class: 'soft' }, `${words.kinds[kind]} · ${tid}`),
  )
}

function sheet({ node, rest, title }) {
  title(words.sheet)
  node.classList.add('printing')
  const body = h('div', null, skeleton(3))
  node.append(body)
  void look()

  async function look() {
    const answer = await terminals()
    if (!answer.ok) return fill(body, trouble(answer.sentence, look))
    const one = answer.data.rows.find(row => row.terminal_id === rest)
    if (one === undefined) return fill(body, h('p', { class: 'empty' }, words.gone))
    if (one.qr === null) return fill(body, h('p', { class: 'empty' }, words.noPrint))
    const { qrDrawing } = await import('../kit/qr.js')
    const print = action(words.print, () => window.print())
    const { qr_name: name } = session.user.shop
    fill(
      body,
      h(
        'div',
        { class: 'card sheet paper' },
        h('p', { class: 'qris' }, 'QRIS'),
        h('p', { class: 'who' }, name),
        h('p', { class: 'soft' }, `NMID: ${one.nmid}`),
        qrDrawing(one.qr, words.drawing(name)),
        h('p', { class: 'soft' }, `${one.label} · ${one.tid}`),
        h('p', null, h('b', null, words.scan)),
        h('p', { class: 'soft' }, words.any),
      ),
      print.button,
      h('p', { class: 'ways' }, h('a', { href: '#/terminal' }, words.back)),
    )
  }
}
