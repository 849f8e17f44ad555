/**
 * The number pages: what there is, what one sees first, and what goes on behind the pages.
 *
 * WNA1. What a phone needs for the first view is under 150 kB as it goes over the line, all of it
 *       from here, and it is shown before anything is asked of the server.
 * WNA2. Every sentence stands in text.id.js, in words for people.
 * WNA3. Every page is legible in both lights, has targets for a thumb, and is read and reached by
 *       keys in one order.
 * WNA4. What moves stands still for whoever asks for it.
 * WNA5. All that the first view imports is named in index.html: it comes at once, not one import
 *       after the other. What else there is comes when that stands.
 */

import { openFrame } from '../kit/frame.js'
import { resume, session, signOut } from '../kit/session.js'
import { nav } from './text.id.js'

const live = () => import('./live.js')
/** Without a line it comes with the next visit. */
const nothing = () => {}

openFrame({
  ...{ session, resume, signOut, nav },
  begins: () => void live().then(({ connect }) => connect(), nothing),
  ends: () => void live().then(({ disconnect }) => disconnect(), nothing),
  home: 'beranda',
  pages: {
    beranda: () => (session.user === null ? import('./home.js') : import('./own.js')),
    beli: () => import('./apps.js'),
    negara: () => import('./countries.js'),
    operator: () => import('./operators.js'),
    konfirmasi: () => import('./confirm.js'),
    pesanan: () => import('./order.js'),
    i: () => import('./invoice.js'),
    saldo: () => import('./fill.js'),
    bayar: () => import('./pay.js'),
    riwayat: () => import('./history.js'),
    profil: () => import('./profile.js'),
    'ganti-sandi': () => import('./password.js'),
    'ganti-email': () => import('./email.js'),
    tanya: () => import('./faq.js'),
    lainnya: () => import('./more.js'),
    masuk: () => import('./sign-in.js'),
    daftar: () => import('./register.js'),
    'lupa-sandi': () => import('./forgot.js'),
    'sandi-baru': () => import('./reset.js'),
    verifikasi: () => import('./verify.js'),
  },
  free: 'beranda beli negara operator i tanya daftar lupa-sandi sandi-baru verifikasi'.split(' '),
  menu: [
    ['beranda', 'home'],
    ['beli', 'buy'],
    ['saldo', 'deposit'],
    ['riwayat', 'history'],
    ['profil', 'person'],
    ['tanya', 'ask'],
    ['lainnya', 'more'],
  ],
  below: ['beranda', 'beli', 'saldo', 'riwayat', 'lainnya'],
  partOf: {
    ...{ negara: 'beli', operator: 'beli', konfirmasi: 'beli' },
    ...{ pesanan: 'riwayat', bayar: 'saldo' },
    ...{ 'ganti-sandi': 'profil', 'ganti-email': 'profil' },
  },
})
/** What nobody looks for at first comes when the first view stands. */
addEventListener('load', () => {
  import('./above.js').then(({ standAbove }) => standAbove(), nothing)
  import('./codes.js').then(({ watchCodes }) => watchCodes(new AbortController().signal), nothing)
  import('./shell.js').then(({ keepShell }) => keepShell(), nothing)
})
