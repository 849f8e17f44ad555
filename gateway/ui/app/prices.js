/** What everything costs this reseller, found by any of its words. */

import { fill, h } from '../kit/dom.js'
import { field, select } from '../kit/field.js'
import { rupiah } from '../kit/format.js'
import { skeleton, trouble } from '../kit/list.js'
import { remember } from '../kit/router.js'
import { products } from './products.js'
import { text } from './text.id.js'

const words = text.prices
const shownAtOnce = 40

export function open({ node, query, title }) {
  title(words.title)
  const search = field(
    words.search,
    h('input', { type: 'search', autocomplete: 'off', value: query.get('cari') ?? '' }),
  )
  const kind = select([['', words.all]])
  const filter = field(words.category, kind)
  const goods = h('div', null, skeleton(6))
  let rows = []
  let most = shownAtOnce
  node.append(
    h('form', { class: 'filters', role: 'search', onsubmit: stay }, search.node, filter.node),
    goods,
  )
  search.control.addEventListener('input', again)
  kind.addEventListener('change', again)
  void bring()

  async function bring() {
    const told = await products()
    if (!told.ok) return fill(goods, trouble(told.sentence, bring))
    rows = [...told.rows].sort(byShelf)
    const categories = [...new Set(rows.map(row => row.category))]
    kind.append(...categories.map(one => h('option', { value: one }, text.categories[one] ?? one)))
    kind.value = query.get('jenis') ?? ''
    show()
  }

  function again() {
    most = shownAtOnce
    remember('harga', { cari: search.control.value.trim(), jenis: kind.value })
    show()
  }

  function show() {
    const wanted = search.control.value.toLowerCase().split(/\s+/).filter(Boolean)
    const found = rows.filter(row => {
      const all = `${row.name} ${row.code} ${row.brand} ${row.category}`.toLowerCase()
      return (
        (kind.value === '' || row.category === kind.value) && wanted.every(w => all.includes(w))
      )
    })
    if (found.length === 0) return fill(goods, h('p', { class: 'empty' }, words.nothing))
    search.say(words.count(found.length))
    fill(
      goods,
      h(
        'ul',
        { class: 'rows', 'aria-label': words.title },
        found.slice(0, most).map(row => h('li', null, priceRow(row))),
      ),
      found.length > most && h('div', { class: 'foot' }, more()),
    )
  }

  const more = () =>
    h(
      'button',
      {
        type: 'button',
        class: 'quiet',
        onclick: () => {
          most += shownAtOnce
          show()
        },
      },
      text.more,
    )
}

const priceRow = row =>
  h(
    'a',
    {
      class: 'row',
      href: `#/beli?${new URLSearchParams({ jenis: row.category, merek: row.brand })}`,
    },
    h('b', null, row.name),
    h(
      'span',
      { class: 'money' },
      row.type === 'postpaid' ? rupiah(row.admin_fee ?? 0) : rupiah(row.price),
    ),
    h(
      'span',
      { class: 'soft' },
      row.open ? row.code : `${row.code} · ${text.buy.closed(row.cut_off_start, row.cut_off_end)}`,
    ),
    row.type === 'postpaid' && h('span', { class: 'soft' }, words.fee),
  )

const byShelf = (a, b) =>
  a.category.localeCompare(b.category) || a.brand.localeCompare(b.brand) || a.price - b.price

const stay = event => event.preventDefault()
