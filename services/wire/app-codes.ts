/**
 * The codes that the handler_api family gave to apps: suppliers of that family sell by them, and
 * its clients, which buy here, have them written into them. Only those that mean the same
 * everywhere.
 */
export const appCodes: Readonly<Record<string, string>> = {
  ...{ wa: 'WhatsApp', tg: 'Telegram', ig: 'Instagram', fb: 'Facebook', vk: 'VK', go: 'Google' },
  ...{ tw: 'X (Twitter)', lf: 'TikTok', ds: 'Discord', wb: 'WeChat', vi: 'Viber', me: 'LINE' },
  ...{ fu: 'Snapchat', am: 'Amazon', nf: 'Netflix', ka: 'Shopee', xd: 'Tokopedia', ni: 'Gojek' },
  ...{ jg: 'Grab', dl: 'Lazada', mm: 'Microsoft', mb: 'Yahoo', wx: 'Apple', ub: 'Uber' },
  ...{ mt: 'Steam', oi: 'Tinder', ts: 'PayPal', re: 'Coinbase', aon: 'Binance', kt: 'KakaoTalk' },
  ...{ tn: 'LinkedIn', dh: 'eBay', ot: 'Layanan Lain', yw: 'Grindr', qf: 'RedNote', dr: 'OpenAI' },
  ...{ acz: 'Claude', alj: 'Spotify', hb: 'Twitch', sn: 'OLX' },
}
