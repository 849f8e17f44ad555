/** Second choice: from which country, with the price there and how often a code comes. */

import { fill, h } from '../kit/dom.js'
import { rupiah } from '../kit/format.js'
import { skeleton, trouble } from '../kit/list.js'
import { call } from './api.js'
import { fits, nothing, pickList, pickRow, searchField } from './picking.js'
import { confirm, countries as words } from './text.id.js'

export function open({ node, title, rest, query }) {
  const name = query.get('nama') ?? ''
  title(name === '' ? words.plain : words.title(name))
  const list = h('div', null, skeleton(8))
  const note = h('p', { class: 'soft small', role: 'status' })
  let all = []
  const seeker = searchField({
    ...{ label: words.search, hint: words.hint, word: 'negara', rest, query },
    onTyped: show,
  })
  node.append(seeker.node, h('p', { class: 'soft small' }, confirm.included), note, list)
  void look()

  async function look() {
    const answer = await call('GET', `/api/v1/countries/${encodeURIComponent(rest)}`)
    if (!answer.ok) return fill(list, trouble(answer.sentence, look))
    all = answer.data.countries
    note.textContent = all.some(({ stale }) => stale) ? words.stale : ''
    show(seeker.typed())
  }

  function show(typed) {
    const fitting = all.filter(country => fits(country, typed))
    if (fitting.length > 0) return fill(list, pickList(words.label, fitting.map(row)))
    const other = h('a', { class: 'quiet', href: '#/beli' }, words.other)
    fill(list, nothing(typed === '' ? words.none : words.empty(typed), other))
  }

  function row(country) {
    const { country_id: id, name: countryName, price, stock, success_rate: rate } = country
    const asked = new URLSearchParams({ negara: id, nama: name, asal: countryName })
    return pickRow({
      ...{ href: `#/operator/${encodeURIComponent(rest)}?${asked}`, name: countryName },
      note: rate === null || stock === 0 ? words.stock(stock) : words.success(Math.round(rate)),
      ...{ price: rupiah(price), off: stock === 0 },
    })
  }
}
