/**
 * Runs before all the rest: has the files of the page behind the address come together with the
 * first ones, instead of one import after the other.
 *
 * WNU1. What a page imports beyond the first view is named here, all of it and nothing else.
 * WNU2. Whoever comes straight to the apps has the list of them asked for at once, and once.
 */

const choosing = 'api picking avatar kit/field'
const following = 'live kit/live'
const rows = 'order-row avatar number kit/payment'
const card = `order-card waiting kit/copy kit/line picking kit/field ${rows}`

/** By the first word of an address. */
const files = {
  own: `own api ${following} ${rows}`,
  beli: `apps ${choosing}`,
  negara: `countries ${choosing}`,
  operator: `operators ${choosing}`,
  konfirmasi: `confirm help next kit/line ${following} ${choosing}`,
  pesanan: `order api codes help ${following} ${card}`,
  i: `invoice api ${following} ${card}`,
  saldo: `fill api kit/field kit/grouping kit/way-cost ${rows}`,
  bayar: `pay help next waiting kit/copy kit/line kit/payment ${following} ${choosing}`,
  riwayat: `history api kit/query ${following} ${rows}`,
  profil: 'profile api kit/agent kit/field',
  'ganti-sandi': 'password api register secret kit/field',
  'ganti-email': 'email api register secret kit/field',
  tanya: 'faq api help',
  lainnya: 'more kit/more',
  masuk: 'sign-in api kit/sign-in kit/field',
  daftar: 'register api secret kit/field',
  'lupa-sandi': 'forgot api register secret kit/field',
  'sandi-baru': 'reset api register secret kit/field',
  verifikasi: 'verify api',
}

const isIn = localStorage.getItem('laju.signed-in') !== null
const [, word = ''] = /^#\/?([\w-]*)/.exec(location.hash) ?? []
const isHome = files[word] === undefined
for (const name of (files[isHome && isIn ? 'own' : word] ?? '').split(' ').filter(Boolean)) {
  bring('modulepreload', `/ui/${name.includes('/') ? name : `nomor/${name}`}.js`)
}
// Who is signed in has prices of his own.
if (!isIn && /^#\/?beli$/.test(location.hash)) {
  bring('preload', '/api/v1/services?limit=500', { as: 'fetch', crossOrigin: 'anonymous' })
}

function bring(rel, href, more = {}) {
  document.head.append(Object.assign(document.createElement('link'), { rel, href, ...more }))
}
