/** The office's pages and their menu. */

import { openFrame } from '../kit/frame.js'
import { forgetNames, mayOpen, resume, session, signOut } from './desk.js'
import { numberPlaces } from './number-places.js'
import { nav } from './text.id.js'

openFrame({
  ...{ session, resume, signOut, nav, mayOpen, ends: forgetNames },
  home: 'beranda',
  pages: {
    masuk: () => import('./sign-in.js'),
    beranda: () => import('./dashboard.js'),
    merchant: () => import('./merchants.js'),
    perangkat: () => import('./devices.js'),
    transaksi: () => import('./payments.js'),
    pencairan: () => import('./settlements.js'),
    libur: () => import('./holidays.js'),
    rekonsiliasi: () => import('./reconciliation.js'),
    buku: () => import('./ledger.js'),
    callback: () => import('./callbacks.js'),
    ekspor: () => import('./exports.js'),
    audit: () => import('./audit.js'),
    orang: () => import('./people.js'),
    nomor: () => import('./number.js'),
    'nomor-order': () => import('./number-orders.js'),
    'nomor-pengguna': () => import('./number-users.js'),
    'nomor-deposit': () => import('./number-deposits.js'),
    'nomor-pemasok': () => import('./number-suppliers.js'),
    'nomor-nama': () => import('./number-names.js'),
    'nomor-harga': () => import('./number-prices.js'),
    'nomor-laba': () => import('./number-profit.js'),
    'nomor-tinjauan': () => import('./number-reviews.js'),
    'nomor-pengaturan': () => import('./number-settings.js'),
    lainnya: () => import('./more.js'),
  },
  partOf: Object.fromEntries(numberPlaces.map(place => [place, 'nomor'])),
  menu: [
    ['beranda', 'home'],
    ['transaksi', 'history'],
    ['merchant', 'shop'],
    ['perangkat', 'box'],
    ['pencairan', 'deposit'],
    ['rekonsiliasi', 'mutations'],
    ['buku', 'prices'],
    ['libur', 'waiting'],
    ['nomor', 'Pulsa'],
    ['callback', 'waiting'],
    ['ekspor', 'bulk'],
    ['audit', 'key'],
    ['orang', 'downlines'],
    ['lainnya', 'more'],
  ],
  below: ['beranda', 'transaksi', 'merchant', 'perangkat', 'lainnya'],
})
