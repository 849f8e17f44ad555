/**
 * Apps and countries that everybody sells, as data: our word for each, the words by which others
 * know it, and for apps the code that the handler_api family gave them. What is in no list here
 * keeps the name by which its supplier calls it.
 *
 *   ISO 3166 code: our word, and other words
 *   code of an app: its name; our word is made of that
 *
 * A country's name is not here: `Intl.DisplayNames` knows it in Indonesian and in English.
 */

import { appCodes } from '../wire/app-codes.ts'

/** Territories without telephone numbers of their own to sell are left out. */
export const knownCountries: Readonly<Record<string, string>> = {
  ...{ AD: 'andorra', AE: 'united-arab-emirates uae emirates dubai', AF: 'afghanistan' },
  ...{ AG: 'antigua-and-barbuda antigua antigua-barbuda', AI: 'anguilla', AL: 'albania' },
  ...{ AM: 'armenia', AO: 'angola', AR: 'argentina', AS: 'american-samoa', AT: 'austria' },
  ...{ AU: 'australia aussie', AW: 'aruba', AZ: 'azerbaijan' },
  ...{ BA: 'bosnia-and-herzegovina bosnia bosnia-herzegovina', BB: 'barbados', BD: 'bangladesh' },
  ...{ BE: 'belgium', BF: 'burkina-faso', BG: 'bulgaria', BH: 'bahrain', BI: 'burundi' },
  ...{ BJ: 'benin', BM: 'bermuda', BN: 'brunei brunei-darussalam', BO: 'bolivia', BR: 'brazil' },
  ...{ BS: 'bahamas the-bahamas', BT: 'bhutan', BW: 'botswana', BY: 'belarus byelorussia' },
  ...{ BZ: 'belize', CA: 'canada' },
  ...{ CD: 'dr-congo congo-dem-republic congo-kinshasa drc zaire' },
  ...{ CF: 'central-african-republic central-african' },
  ...{ CG: 'congo congo-brazzaville republic-of-the-congo', CH: 'switzerland' },
  ...{ CI: 'ivory-coast cote-d-ivoire pantai-gading cote-d-lvoire', CK: 'cook-islands' },
  ...{ CL: 'chile', CM: 'cameroon', CN: 'china cina tiongkok china-mainland', CO: 'colombia' },
  ...{ CR: 'costa-rica', CU: 'cuba', CV: 'cape-verde cabo-verde', CW: 'curacao', CY: 'cyprus' },
  ...{ CZ: 'czechia czech czech-republic', DE: 'germany deutschland', DJ: 'djibouti' },
  ...{ DK: 'denmark', DM: 'dominica' },
  ...{ DO: 'dominican-republic dominican-republic-the dominicana', DZ: 'algeria', EC: 'ecuador' },
  ...{ EE: 'estonia', EG: 'egypt', ER: 'eritrea', ES: 'spain espana', ET: 'ethiopia' },
  ...{ FI: 'finland', FJ: 'fiji', FM: 'micronesia', FO: 'faroe-islands faroe', FR: 'france' },
  ...{ GA: 'gabon' },
  ...{ GB: 'united-kingdom uk england britain great-britain inggris united-kingdom-uk' },
  ...{ GD: 'grenada', GE: 'georgia', GF: 'french-guiana guiana french-guyana', GH: 'ghana' },
  ...{ GI: 'gibraltar', GL: 'greenland', GM: 'gambia the-gambia', GN: 'guinea guinea-conakry' },
  ...{ GP: 'guadeloupe guadelupe', GQ: 'equatorial-guinea', GR: 'greece', GT: 'guatemala' },
  ...{ GU: 'guam', GW: 'guinea-bissau', GY: 'guyana' },
  ...{ HK: 'hong-kong hongkong hong-kong-china hong-kong-sar-china', HN: 'honduras' },
  ...{ HR: 'croatia', HT: 'haiti', HU: 'hungary', ID: 'indonesia indo', IE: 'ireland' },
  ...{ IL: 'israel', IN: 'india', IQ: 'iraq', IR: 'iran iran-islamic-republic', IS: 'iceland' },
  ...{ IT: 'italy', JM: 'jamaica', JO: 'jordan', JP: 'japan nippon', KE: 'kenya' },
  ...{ KG: 'kyrgyzstan kirghizia kyrgyz-republic', KH: 'cambodia', KI: 'kiribati' },
  ...{ KM: 'comoros comoro' },
  ...{ KN: 'saint-kitts-and-nevis st-kitts-and-nevis saint-kitts st-kitts-nevis' },
  ...{ KP: 'north-korea dprk', KR: 'south-korea korea korea-selatan republic-of-korea' },
  ...{ KW: 'kuwait', KY: 'cayman-islands cayman', KZ: 'kazakhstan kazakstan kz' },
  ...{ LA: 'laos lao lao-people-s laos-pdr', LB: 'lebanon', LC: 'saint-lucia st-lucia' },
  ...{ LI: 'liechtenstein', LK: 'sri-lanka srilanka', LR: 'liberia', LS: 'lesotho' },
  ...{ LT: 'lithuania', LU: 'luxembourg', LV: 'latvia', LY: 'libya', MA: 'morocco' },
  ...{ MC: 'monaco', MD: 'moldova moldova-republic-of', ME: 'montenegro', MG: 'madagascar' },
  ...{ MH: 'marshall-islands marshall', MK: 'north-macedonia macedonia', ML: 'mali' },
  ...{ MM: 'myanmar burma myanmar-burma', MN: 'mongolia', MO: 'macao macau macao-sar-china' },
  ...{ MQ: 'martinique', MR: 'mauritania', MS: 'montserrat', MT: 'malta', MU: 'mauritius' },
  ...{ MV: 'maldives maldiv', MW: 'malawi', MX: 'mexico', MY: 'malaysia malay' },
  ...{ MZ: 'mozambique', NA: 'namibia', NC: 'new-caledonia newcaledonia', NE: 'niger' },
  ...{ NG: 'nigeria', NI: 'nicaragua', NL: 'netherlands holland', NO: 'norway', NP: 'nepal' },
  ...{ NR: 'nauru', NZ: 'new-zealand newzealand', OM: 'oman', PA: 'panama', PE: 'peru' },
  ...{ PF: 'french-polynesia', PG: 'papua-new-guinea papua-new-gvineya papua' },
  ...{ PH: 'philippines philippine', PK: 'pakistan', PL: 'poland', PR: 'puerto-rico puertorico' },
  ...{ PS: 'palestine palestinian-territories palestinian', PT: 'portugal', PW: 'palau' },
  ...{ PY: 'paraguay', QA: 'qatar', RE: 'reunion reunion-island', RO: 'romania', RS: 'serbia' },
  ...{ RU: 'russia russian-federation', RW: 'rwanda', SA: 'saudi-arabia saudi arab ksa' },
  ...{ SB: 'solomon-islands solomon', SC: 'seychelles seychelle', SD: 'sudan', SE: 'sweden' },
  ...{ SG: 'singapore', SI: 'slovenia', SK: 'slovakia', SL: 'sierra-leone', SM: 'san-marino' },
  ...{ SN: 'senegal', SO: 'somalia', SR: 'suriname surinam', SS: 'south-sudan' },
  ...{ ST: 'sao-tome-and-principe sao-tome sao-tome-principe', SV: 'el-salvador' },
  ...{ SY: 'syria syrian-arab-republic', SZ: 'eswatini swaziland' },
  ...{ TC: 'turks-and-caicos-islands turks-and-caicos turks-caicos-islands', TD: 'chad' },
  ...{ TG: 'togo', TH: 'thailand', TJ: 'tajikistan tadjikistan' },
  ...{ TL: 'timor-leste east-timor timor-timur timorleste', TM: 'turkmenistan', TN: 'tunisia' },
  ...{ TO: 'tonga', TR: 'turkey turkiye', TT: 'trinidad-and-tobago trinidad trinidad-tobago' },
  ...{ TV: 'tuvalu', TW: 'taiwan chinese-taipei', TZ: 'tanzania tanzania-united-republic-of' },
  ...{ UA: 'ukraine', UG: 'uganda' },
  ...{ US: 'united-states usa america amerika united-states-of-america', UY: 'uruguay' },
  ...{ UZ: 'uzbekistan' },
  ...{ VC: 'saint-vincent-and-the-grenadines st-vincent saint-vincent st-vincent-grenadines' },
  ...{ VE: 'venezuela', VG: 'british-virgin-islands virgin-islands' },
  ...{ VI: 'us-virgin-islands u-s-virgin-islands', VN: 'vietnam viet-nam', VU: 'vanuatu' },
  ...{ WS: 'samoa', XK: 'kosovo kosova', YE: 'yemen', YT: 'mayotte', ZA: 'south-africa rsa' },
  ...{ ZM: 'zambia', ZW: 'zimbabwe' },
}

/** Where `Intl` is longer than people are. */
export const shortNames: Readonly<Record<string, { readonly id: string; readonly en: string }>> = {
  CD: { id: 'Kongo (Kinshasa)', en: 'DR Congo' },
  CG: { id: 'Kongo (Brazzaville)', en: 'Congo' },
  CI: { id: 'Pantai Gading', en: 'Ivory Coast' },
  HK: { id: 'Hong Kong', en: 'Hong Kong' },
  MM: { id: 'Myanmar', en: 'Myanmar' },
  MO: { id: 'Makau', en: 'Macao' },
  PS: { id: 'Palestina', en: 'Palestine' },
  SZ: { id: 'Eswatini', en: 'Eswatini' },
  TR: { id: 'Turki', en: 'Turkey' },
}

/** Only codes that mean the same wherever they are used. */
export const knownApps: Readonly<Record<string, string>> = {
  ...appCodes,
  ...{ bw: 'Signal', mo: 'Bumble', uk: 'Airbnb', ya: 'Yandex', hx: 'AliExpress', ew: 'Nike' },
  ...{ im: 'Imo', nv: 'Naver', bz: 'Blizzard', pm: 'AOL' },
}

/** By code: what else people and suppliers write. */
export const otherAppWords: Readonly<Record<string, string>> = {
  ...{ wa: 'whats-app whatsapp-messenger', tg: 'tele', ig: 'insta instagram-threads threads' },
  ...{ go: 'gmail youtube google-gmail google-youtube google-youtube-gmail google-gmail-youtube' },
  ...{ tw: 'x twitter twitter-x', lf: 'tik-tok tiktok-douyin douyin', vk: 'vkontakte vk-com' },
  ...{ me: 'line-messenger', fb: 'meta fb-messenger', mm: 'outlook hotmail microsoft-outlook' },
  ...{ kt: 'kakao-talk kakao', tn: 'linked-in', oi: 'tinder-app', xd: 'tokped', ni: 'go-jek' },
  ...{
    wx: 'apple-id icloud',
    dr: 'chatgpt chat-gpt openai-chatgpt',
    qf: 'xiaohongshu little-red-book',
  },
  ...{ ot: 'other any-other other-services lainnya lain-lain', wb: 'we-chat', ds: 'discord-app' },
  ...{ mt: 'steam-games', mb: 'yahoo-mail', acz: 'claude-ai anthropic', ub: 'uber-eats' },
}
