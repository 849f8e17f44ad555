/**
 * Elements from plain calls. Whatever is not an element becomes text, so data can never become
 * markup.
 */

/** `on…` listens, `class` and everything else is an attribute; null, false and undefined are left out. */
export function h(tag, attributes, ...children) {
  const node = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value)
    else node.setAttribute(name, value === true ? '' : String(value))
  }
  fill(node, ...children)
  return node
}

export function fill(node, ...children) {
  node.replaceChildren(...children.flat(Number.POSITIVE_INFINITY).filter(isThere))
  return node
}

const isThere = child => child !== null && child !== undefined && child !== false

const shapes = {
  home: 'M3 10.5 12 3l9 7.500V20a1 1 0 0 1-1 1h-5v-6H9v6H4a1 1 0 0 1-1-1z',
  buy: 'M12 5v14M5 12h14',
  history: 'M12 7v5l3.500 2M12 3a9 9 0 1 0 9 9 9 9 0 0 0-9-9z',
  deposit: 'M12 4v11m-5-5 5 5 5-5M4 20h16',
  more: 'M4 7h16M4 12h16M4 17h16',
  prices: 'M4 12V5a1 1 0 0 1 1-1h7l8 8-8 8zM8.500 8.500h.01',
  mutations: 'M7 4v15m-3-3 3 3 3-3M17 20V5m-3 3 3-3 3 3',
  downlines:
    'M9 11a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7zm-6 9c0-3.500 2.500-6 6-6s6 2.500 6 6m1-15.500a3.500 3.500 0 0 1 0 6.500m2 3.500c2 .8 3 2.800 3 5.500',
  key: 'M7.5 15.5a3.5 3.5 0 1 1 0-7 3.5 3.5 0 0 1 0 7zM11 12h10m-3 0v3.5',
  webhooks: 'M4 12h12m-5-5 5 5-5 5M20 5v14',
  bulk: 'M9 6h11M9 12h11M9 18h11M4 6h.01M4 12h.01M4 18h.01',
  credit: 'M3 7a1 1 0 0 1 1-1h16a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1zm0 4h18M7 15h3',
  sessions: 'M4 5h12v9H4zM2 18h10M16 10h5a1 1 0 0 1 1 1v9h-6z',
  qr: 'M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM14 14h2v2h-2zM18 18h2v2h-2zM18 14h2M14 18v2',
  box: 'M5 9h3l4-4v14l-4-4H5zM15.500 9a4 4 0 0 1 0 6M18 6.500a8 8 0 0 1 0 11',
  print: 'M7 8V3h10v5M7 17H4v-7a2 2 0 0 1 2-2h12a2 2 0 0 1 2 2v7h-3M7 14h10v7H7z',
  shop: 'M4 10v10h16V10M3 10l2-6h14l2 6a3 3 0 0 1-6 0 3 3 0 0 1-6 0 3 3 0 0 1-6 0zM10 20v-5h4v5',
  leave: 'M14 4H6a1 1 0 0 0-1 1v14a1 1 0 0 0 1 1h8m-4-8h11m-4-4 4 4-4 4',
  done: 'M5 12.500 10 17.500 19 7',
  failed: 'M6 6l12 12M18 6 6 18',
  waiting: 'M12 7v5l3 2M12 3a9 9 0 1 0 9 9 9 9 0 0 0-9-9z',
  back: 'M15 5l-7 7 7 7',
  next: 'M9 5l7 7-7 7',
  person: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zm-7 9c0-4 3-6.500 7-6.500s7 2.500 7 6.500',
  ask: 'M9 9a3 3 0 1 1 4.500 2.600c-1 .600-1.500 1.200-1.500 2.400M12 17.500h.01M12 3a9 9 0 1 0 9 9 9 9 0 0 0-9-9z',
  Pulsa: 'M8 3h8a1 1 0 0 1 1 1v16a1 1 0 0 1-1 1H8a1 1 0 0 1-1-1V4a1 1 0 0 1 1-1zm3 15h2',
  Data: 'M4 9a12 12 0 0 1 16 0M7 12.500a8 8 0 0 1 10 0M10 16a3.500 3.500 0 0 1 4 0M12 19.500h.01',
  PLN: 'M13 3 5 14h6l-1 7 8-11h-6z',
  Games:
    'M7 8h10a4 4 0 0 1 4 4v2a3 3 0 0 1-5.500 1.700L15 15H9l-.5.700A3 3 0 0 1 3 14v-2a4 4 0 0 1 4-4zm1 2.500v3M6.500 12h3M16 11h.01M18 13h.01',
  'E-Money': 'M4 7h15a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1h12v2m-1 6h.01',
  Streaming: 'M4 5h16v12H4zM10 8.500v5l4-2.500zM8 20h8',
  Pascabayar: 'M6 3h12v18l-3-2-3 2-3-2-3 2zM9 8h6M9 12h6',
  other: 'M5 5h6v6H5zM13 5h6v6h-6zM5 13h6v6H5zM13 13h6v6h-6z',
}

/** A drawing that says nothing by itself: the words stand beside it. */
export function icon(name) {
  const space = 'http://www.w3.org/2000/svg'
  const svg = document.createElementNS(space, 'svg')
  svg.setAttribute('viewBox', '0 0 24 24')
  svg.setAttribute('class', 'icon')
  svg.setAttribute('aria-hidden', 'true')
  const path = document.createElementNS(space, 'path')
  path.setAttribute('d', shapes[name] ?? shapes.other)
  svg.append(path)
  return svg
}
