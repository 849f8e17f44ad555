/** Third choice: which operator, if one minds. */

import { fill, h } from '../kit/dom.js'
import { rupiah } from '../kit/format.js'
import { skeleton, trouble } from '../kit/list.js'
import { call } from './api.js'
import { nothing, pickList, pickRow } from './picking.js'
import { confirm, countries, operators as words } from './text.id.js'

const any = 'any'

export function open({ node, title, rest, query }) {
  title(words.title)
  const list = h('div', null, skeleton(4))
  node.append(
    h('p', { class: 'soft' }, words.intro),
    h('p', { class: 'soft small' }, confirm.included),
    list,
  )
  void look()

  async function look() {
    const asked = new URLSearchParams({ service_id: rest })
    const country = encodeURIComponent(query.get('negara') ?? '')
    const answer = await call('GET', `/api/v1/operators/${country}?${asked}`)
    if (!answer.ok) return fill(list, trouble(answer.sentence, look))
    const rows = answer.data.operators.toSorted(
      (a, b) => Number(b.operator_id === any) - Number(a.operator_id === any),
    )
    if (rows.length > 0) return fill(list, pickList(words.label, rows.map(row)))
    const back = `#/negara/${encodeURIComponent(rest)}?nama=${encodeURIComponent(query.get('nama') ?? '')}`
    fill(list, nothing(words.none, h('a', { class: 'quiet', href: back }, words.other)))
  }

  function row({ operator_id: id, name, price, stock }) {
    const isAny = id === any
    const chosen = new URLSearchParams({
      ...{ app: rest, nama: query.get('nama') ?? '', negara: query.get('negara') ?? '' },
      ...{ asal: query.get('asal') ?? '', operator: id, sebutan: isAny ? words.any : name },
      harga: String(price),
    })
    return pickRow({
      ...{ href: `#/konfirmasi?${chosen}`, name: isAny ? words.any : name },
      note: isAny ? words.anyNote : stock === null ? '' : countries.stock(stock),
      ...{ price: rupiah(price), off: stock === 0 },
    })
  }
}
