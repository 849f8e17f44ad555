/**
 * What is for sale in the sandbox, made from compact tables: some hundred products as Indonesian
 * buyers know them, at prices near the real ones. Every supplier of the sandbox that deals in names
 * of its buyers' choosing sells these skus, and the demo catalogue is made from the same tables, so
 * that the two can not drift apart.
 *
 * KAC1. Each sku stands for one product; those of the documented test matrix are among them.
 */

export type Family = 'pulsa' | 'data' | 'pln' | 'wallet' | 'game' | 'voucher'

export type Article = {
  readonly sku: string
  readonly name: string
  readonly category: string
  readonly brand: string
  readonly family: Family
  readonly price: number
}

/** sku prefix, brand, name, what one costs above its value, denominations in thousands. */
const pulsa: readonly [string, string, string, number, string][] = [
  ['tsel', 'TELKOMSEL', 'Telkomsel', 350, '5 10 15 20 25 30 40 50 75 80 100 150 200 300 500 1000'],
  ['isat', 'INDOSAT', 'Indosat', 450, '5 10 12 15 20 25 30 50 60 80 100 150 200 250 500'],
  ['xld', 'XL', 'XL', 500, '5 10 15 25 30 50 75 100 150 200 300 500'],
  ['axis', 'AXIS', 'Axis', 500, '5 10 15 25 30 50 75 100 150 200'],
  ['tri', 'TRI', 'Tri', 200, '5 10 15 20 25 30 50 75 100 150 200'],
  ['smart', 'SMARTFREN', 'Smartfren', 150, '5 10 15 20 25 30 50 60 75 100 150 200 300'],
  ['byu', 'by.U', 'by.U', 400, '5 10 15 20 25 50 100'],
]

/** sku prefix, brand, name, and gigabytes x days : price. */
const data: readonly [string, string, string, string][] = [
  [
    'tseld',
    'TELKOMSEL',
    'Telkomsel Data',
    '1x1:6900 1x7:13900 2x3:12400 2x7:21300 3x7:26800 3x30:39700 5x7:34900 7x30:66200 ' +
      '8x30:72400 10x30:84300 12x30:91700 15x30:103500 20x30:127600 25x30:151200 35x30:176900 ' +
      '50x30:214300',
  ],
  [
    'isatd',
    'INDOSAT',
    'Indosat Freedom',
    '1x2:5100 1x7:9800 2x7:13400 3x7:17200 4x30:29600 5x5:15700 6x28:34100 7x30:39900 ' +
      '9x30:44300 13x30:59800 18x30:74600 25x30:88900 42x30:109400 80x30:146700 100x30:164800',
  ],
  [
    'xldd',
    'XL',
    'XL Xtra Combo',
    '1x7:9400 2x7:14600 3x30:33200 4x30:38500 5x30:45900 8x30:59300 10x30:69700 15x30:84100 ' +
      '20x30:98600 30x30:118200 35x30:136500 50x30:169400',
  ],
  [
    'axisd',
    'AXIS',
    'Axis Bronet',
    '1x3:5600 1x30:14900 2x7:13100 2x30:22800 3x15:23900 3x30:29700 5x15:30400 5x30:41200 ' +
      '8x30:53800 12x30:68300 16x30:79900 24x30:98700',
  ],
  [
    'trid',
    'TRI',
    'Tri Happy',
    '1x1:3900 1x5:7200 2x5:10100 3x3:11300 3x30:24700 5x5:17900 7x10:23600 9x10:28300 ' +
      '11x15:34400 15x30:48800 18x30:54100 30x30:74900 42x30:91600 100x30:129300',
  ],
  [
    'smartd',
    'SMARTFREN',
    'Smartfren Kuota',
    '1x7:8700 2x7:11900 3x7:14200 6x14:25100 8x28:34800 10x28:39600 13x28:47500 16x28:54900 ' +
      '24x28:71300 30x28:86400 60x28:129800',
  ],
  ['byud', 'by.U', 'by.U', '1x7:8900 2x7:13800 3x14:21400 5x30:36700 9x30:48200 15x30:69500'],
]

/** sku prefix, brand, name, fee, denominations in thousands. */
const wallets: readonly [string, string, string, number, string][] = [
  ['dana', 'DANA', 'DANA', 150, '10 15 20 25 30 40 50 75 100 150 200 250 300 400 500 1000'],
  ['ovo', 'OVO', 'OVO', 900, '10 20 25 30 40 50 75 100 150 200 250 300 500 1000'],
  ['gopay', 'GO PAY', 'GoPay', 1_050, '10 15 20 25 30 40 50 75 100 150 200 250 300 500 1000'],
  ['shopee', 'SHOPEE PAY', 'ShopeePay', 700, '10 20 25 30 40 50 75 100 150 200 300 500 1000'],
  ['linkaja', 'LinkAja', 'LinkAja', 450, '10 20 25 30 40 50 75 100 150 200 300 500'],
  ['isaku', 'I.SAKU', 'i.saku', 650, '20 25 50 100 200 500'],
  ['etoll', 'MANDIRI E-TOLL', 'Mandiri e-Toll', 1_200, '20 50 100 150 200 300 500'],
  ['brizzi', 'BRI BRIZZI', 'BRI Brizzi', 1_100, '20 50 100 200 500'],
]

/** sku prefix, brand, name and unit, and units : price. */
const games: readonly [string, string, string, string, string][] = [
  [
    'ml',
    'MOBILE LEGENDS',
    'Mobile Legends',
    'Diamonds',
    '5:1420 12:3370 19:5290 28:7790 44:12160 59:16210 86:19450 172:38900 257:58100 344:77300 ' +
      '429:96800 514:115900 706:154600 878:193100 1412:308300 2195:463900 3688:772800',
  ],
  [
    'ff',
    'FREE FIRE',
    'Free Fire',
    'Diamonds',
    '5:890 12:1790 50:6580 70:8950 140:17850 210:26700 355:44600 500:63100 720:89200 ' +
      '1000:124500 1450:178400 2180:267500',
  ],
  [
    'pubg',
    'PUBG MOBILE',
    'PUBG Mobile',
    'UC',
    '30:7100 60:13700 120:27400 325:68200 660:136300 1800:340800 3850:681500 8100:1362900',
  ],
  [
    'hok',
    'HONOR OF KINGS',
    'Honor of Kings',
    'Tokens',
    '16:2900 80:14100 240:42300 400:69800 560:97600 830:139500 1245:209300',
  ],
  [
    'gi',
    'GENSHIN IMPACT',
    'Genshin Impact',
    'Genesis Crystals',
    '60:12400 330:61900 1090:186200 2240:372800 3880:620400 8080:1241700',
  ],
  [
    'vp',
    'VALORANT',
    'Valorant',
    'Points',
    '475:54100 1000:108900 2050:214700 3650:374200 5350:534900 11000:1069800',
  ],
  [
    'codm',
    'CALL OF DUTY MOBILE',
    'Call of Duty Mobile',
    'CP',
    '31:4700 63:9300 128:18600 321:46400 645:92800 1373:185600',
  ],
  ['pb', 'POINT BLANK', 'Point Blank', 'Cash', '1200:9300 2400:18500 6000:46200 12000:92300'],
  ['rbx', 'ROBLOX', 'Roblox', 'Robux', '80:14900 400:72600 800:144300 1700:288100 4500:719400'],
]

/** sku, name, category, brand, price: what no pattern makes. */
const singles: readonly [string, string, string, string, Family, number][] = [
  ['tseldata1', 'Telkomsel Data 1 GB 30 Hari', 'Data', 'TELKOMSEL', 'data', 16_800],
  ['tseldata5', 'Telkomsel Data 5 GB 30 Hari', 'Data', 'TELKOMSEL', 'data', 52_500],
  ['isatdata3', 'Indosat Freedom 3 GB 30 Hari', 'Data', 'INDOSAT', 'data', 24_900],
  ['xldata2', 'XL Hotrod 2 GB 30 Hari', 'Data', 'XL', 'data', 28_700],
  ['tridata6', 'Tri Happy 6 GB 30 Hari', 'Data', 'TRI', 'data', 29_400],
  ['smartdata4', 'Smartfren 4 GB 14 Hari', 'Data', 'SMARTFREN', 'data', 19_900],
  ['pln20', 'Token PLN 20.000', 'PLN', 'PLN', 'pln', 20_250],
  ['pln50', 'Token PLN 50.000', 'PLN', 'PLN', 'pln', 50_250],
  ['pln100', 'Token PLN 100.000', 'PLN', 'PLN', 'pln', 100_250],
  ['pln200', 'Token PLN 200.000', 'PLN', 'PLN', 'pln', 200_250],
  ['pln500', 'Token PLN 500.000', 'PLN', 'PLN', 'pln', 500_250],
]

/** sku prefix, brand, and what : price. */
const vouchers: readonly [string, string, string][] = [
  ['netflix', 'NETFLIX', '54 Ribu:54900 120 Ribu:121300 186 Ribu:187900'],
  ['vidio', 'VIDIO', 'Platinum 30 Hari:34700 Platinum 90 Hari:88400 Diamond 30 Hari:67200'],
  ['viu', 'VIU', 'Premium 30 Hari:23900 Premium 90 Hari:64800 Premium 365 Hari:229400'],
  ['wetv', 'WETV', 'VIP 30 Hari:28600 VIP 90 Hari:76300'],
  ['iqiyi', 'IQIYI', 'VIP 30 Hari:31200 VIP 90 Hari:84700'],
  ['spotify', 'SPOTIFY', 'Premium 30 Hari:52300 Premium 90 Hari:154900'],
  ['gplay', 'GOOGLE PLAY', '20 Ribu:20800 50 Ribu:51600 100 Ribu:102700 150 Ribu:153800'],
  ['steam', 'STEAM', '12 Ribu:15400 45 Ribu:57900 60 Ribu:76800 120 Ribu:152600 250 Ribu:316700'],
]

export const articles: readonly Article[] = [...allArticles()]

function* allArticles(): Iterable<Article> {
  yield* valued(pulsa, 'Pulsa', 'pulsa')
  for (const [prefix, brand, name, list] of data) {
    for (const [, gigabytes, days, price] of list.matchAll(/(\d+)x(\d+):(\d+)/g)) {
      yield {
        sku: `${prefix}${gigabytes}x${days}`,
        name: `${name} ${gigabytes} GB ${days} Hari`,
        category: 'Data',
        brand,
        family: 'data',
        price: Number(price),
      }
    }
  }
  yield* valued(wallets, 'E-Money', 'wallet')
  for (const [prefix, brand, name, unit, list] of games) {
    for (const [, count, price] of list.matchAll(/(\d+):(\d+)/g)) {
      yield {
        sku: `${prefix}${count}`,
        name: `${name} ${count} ${unit}`,
        category: 'Games',
        brand,
        family: 'game',
        price: Number(price),
      }
    }
  }
  for (const [prefix, brand, list] of vouchers) {
    for (const [, what, price] of list.matchAll(/([A-Za-z0-9 ]+?):(\d+)(?: |$)/g)) {
      yield {
        sku: `${prefix}${what!.replace(/[^A-Z0-9]/g, '').toLowerCase()}`,
        name: `Voucher ${brand} ${what}`,
        category: 'Streaming',
        brand,
        family: 'voucher',
        price: Number(price),
      }
    }
  }
  for (const [sku, name, category, brand, family, price] of singles) {
    yield { sku, name, category, brand, family, price }
  }
}

function* valued(
  table: readonly [string, string, string, number, string][],
  category: string,
  family: Family,
): Iterable<Article> {
  for (const [prefix, brand, name, extra, thousands] of table) {
    for (const thousand of thousands.split(' ').map(Number)) {
      yield {
        sku: `${prefix}${thousand}`,
        name: `${name} ${(thousand * 1_000).toLocaleString('id-ID')}`,
        category,
        brand,
        family,
        price: thousand * 1_000 + extra,
      }
    }
  }
}
