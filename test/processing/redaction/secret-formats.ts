import {
  ALNUM,
  BASE64,
  DIGITS,
  HEX,
  LOWER,
  type SeededRandom,
  UPPER,
  URL_SAFE,
} from './seeded-random.ts';

/** Makes one secret of a format, as its provider would; never a real one. */
export type Generate = (random: SeededRandom) => string;

export const token =
  (prefix: string, alphabet: string, length: number): Generate =>
  (r) =>
    prefix + r.chars(alphabet, length);
export const uuid: Generate = (r) =>
  [8, 4, 4, 4, 12].map((length) => r.chars(HEX, length)).join('-');
const base64Json = (r: SeededRandom, keys: string[]): string =>
  Buffer.from(
    JSON.stringify(Object.fromEntries(keys.map((key) => [key, r.chars(ALNUM, 12)]))),
  ).toString('base64url');

/** Formats that are recognised wherever they stand. Every one of them must be found in every context. */
export const SECRET_FORMATS: { readonly [name: string]: Generate } = {
  'OpenAI (older)': token('sk-', ALNUM, 48),
  'OpenAI project': token('sk-proj-', URL_SAFE, 124),
  'OpenAI service account': token('sk-svcacct-', URL_SAFE, 124),
  'OpenAI admin': token('sk-admin-', URL_SAFE, 90),
  Anthropic: (r) => `sk-ant-api03-${r.chars(URL_SAFE, 93)}AA`,
  'Anthropic admin': (r) => `sk-ant-admin01-${r.chars(URL_SAFE, 90)}`,
  'Anthropic OAuth': (r) => `sk-ant-oat01-${r.chars(URL_SAFE, 90)}`,
  OpenRouter: token('sk-or-v1-', HEX, 64),
  'Google API key': token('AIza', URL_SAFE, 35),
  'Google OAuth token': token('ya29.', URL_SAFE, 120),
  'Google client secret': token('GOCSPX-', URL_SAFE, 28),
  Groq: token('gsk_', ALNUM, 52),
  xAI: token('xai-', ALNUM, 80),
  Replicate: token('r8_', ALNUM, 37),
  Perplexity: token('pplx-', ALNUM, 48),
  'Hugging Face': token('hf_', UPPER + LOWER, 34),
  LangSmith: (r) => `lsv2_pt_${r.chars(HEX, 32)}_${r.chars(HEX, 10)}`,
  'Langfuse secret': (r) => `sk-lf-${uuid(r)}`,
  'Langfuse public': (r) => `pk-lf-${uuid(r)}`,
  Fireworks: token('fw_', ALNUM, 24),
  NVIDIA: token('nvapi-', URL_SAFE, 64),
  Tavily: token('tvly-dev-', ALNUM, 32),
  'AWS access key id': token('AKIA', `${UPPER}234567`, 16),
  'AWS temporary key id': token('ASIA', `${UPPER}234567`, 16),
  'Azure storage connection string': (r) => `AccountKey=${r.chars(BASE64, 86)}==`,
  'Azure SAS': (r) =>
    `https://acme.blob.core.windows.net/c/b?sv=2024-11-04&sig=${r.chars(ALNUM, 43)}%3D`,
  'Azure service bus': (r) => `SharedAccessKey=${r.chars(BASE64, 43)}=`,
  'Azure client secret': (r) => `${r.chars(ALNUM, 3)}8Q~${r.chars(URL_SAFE, 34)}`,
  DigitalOcean: token('dop_v1_', HEX, 64),
  Heroku: token('HRKU-', URL_SAFE, 60),
  Vercel: token('vcp_', ALNUM, 56),
  Cloudflare: (r) => `v1.0-${r.chars(HEX, 24)}-${r.chars(HEX, 146)}`,
  'Cloudflare token': token('cfut_', ALNUM, 48),
  Supabase: token('sbp_', HEX, 40),
  'Supabase secret': token('sb_secret_', URL_SAFE, 31),
  Netlify: token('nfp_', ALNUM, 36),
  Databricks: token('dapi', HEX, 32),
  Vault: token('hvs.', URL_SAFE, 90),
  Terraform: (r) => `${r.chars(ALNUM, 14)}.atlasv1.${r.chars(URL_SAFE, 67)}`,
  Pulumi: token('pul-', HEX, 40),
  Doppler: token('dp.pt.', ALNUM, 43),
  PlanetScale: token('pscale_tkn_', URL_SAFE, 43),
  'GitHub personal': token('ghp_', ALNUM, 36),
  'GitHub OAuth': token('gho_', ALNUM, 36),
  'GitHub user-to-server': token('ghu_', ALNUM, 36),
  'GitHub server-to-server': token('ghs_', ALNUM, 36),
  'GitHub refresh': token('ghr_', ALNUM, 76),
  'GitHub fine-grained': (r) => `github_pat_${r.chars(ALNUM, 22)}_${r.chars(ALNUM, 59)}`,
  'GitLab personal': token('glpat-', URL_SAFE, 20),
  'GitLab runner': token('glrt-', URL_SAFE, 20),
  npm: token('npm_', ALNUM, 36),
  PyPI: (r) => `pypi-AgEIcHlwaS5vcmc${r.chars(URL_SAFE, 140)}`,
  RubyGems: token('rubygems_', HEX, 48),
  Docker: token('dckr_pat_', URL_SAFE, 27),
  'Slack bot': (r) => `xoxb-${r.chars(DIGITS, 12)}-${r.chars(DIGITS, 13)}-${r.chars(ALNUM, 24)}`,
  'Slack user': (r) =>
    `xoxp-${r.chars(DIGITS, 12)}-${r.chars(DIGITS, 12)}-${r.chars(DIGITS, 13)}-${r.chars(HEX, 32)}`,
  'Slack app': (r) =>
    `xapp-1-A${r.chars(UPPER + DIGITS, 10)}-${r.chars(DIGITS, 13)}-${r.chars(HEX, 64)}`,
  'Slack webhook': (r) =>
    `hooks.slack.com/services/T${r.chars(UPPER + DIGITS, 10)}/B${r.chars(UPPER + DIGITS, 10)}/${r.chars(ALNUM, 24)}`,
  'Discord webhook': (r) =>
    `discord.com/api/webhooks/${r.chars('123456789', 19)}/${r.chars(URL_SAFE, 68)}`,
  'Discord bot': (r) =>
    `${Buffer.from(r.chars('123456789', 18)).toString('base64url')}.G${r.chars(ALNUM, 5)}.${r.chars(URL_SAFE, 38)}`,
  Telegram: (r) => `${r.chars('123456789', 10)}:AA${r.chars(URL_SAFE, 33)}`,
  'Stripe secret': token('sk_live_', ALNUM, 24),
  'Stripe restricted': token('rk_live_', ALNUM, 24),
  'Stripe webhook': token('whsec_', ALNUM, 32),
  Square: token('sq0atp-', URL_SAFE, 22),
  Shopify: token('shpat_', HEX, 32),
  SendGrid: (r) => `SG.${r.chars(URL_SAFE, 22)}.${r.chars(URL_SAFE, 43)}`,
  Mailgun: token('key-', HEX, 32),
  Mailchimp: (r) => `${r.chars(HEX, 32)}-us${1 + r.below(20)}`,
  Twilio: token('SK', HEX, 32),
  'New Relic user': token('NRAK-', UPPER + DIGITS, 27),
  'New Relic licence': (r) => `${r.chars(HEX, 36)}NRAL`,
  'Sentry user': token('sntryu_', HEX, 64),
  'Sentry organisation': (r) => `sntrys_eyJ${r.chars(ALNUM, 120)}`,
  'Sentry DSN': (r) =>
    `https://${r.chars(HEX, 32)}@o${r.chars('123456789', 6)}.ingest.sentry.io/${r.chars('123456789', 7)}`,
  'Grafana service account': (r) => `glsa_${r.chars(ALNUM, 32)}_${r.chars(HEX, 8)}`,
  'Grafana cloud': (r) => `glc_eyJ${r.chars(ALNUM, 120)}`,
  Linear: token('lin_api_', ALNUM, 40),
  Notion: token('ntn_', ALNUM, 46),
  'Notion (older)': token('secret_', ALNUM, 43),
  Atlassian: (r) => `ATATT3xFfGF0${r.chars(URL_SAFE, 180)}`,
  Postman: (r) => `PMAK-${r.chars(HEX, 24)}-${r.chars(HEX, 34)}`,
  Figma: token('figd_', URL_SAFE, 40),
  Airtable: (r) => `pat${r.chars(ALNUM, 14)}.${r.chars(HEX, 64)}`,
  'Google auth key': (r) => `AQ.Ab${r.chars(URL_SAFE, 48)}`,
  'OpenAI session': token('sess-', ALNUM, 40),
  ElevenLabs: token('sk_', HEX, 48),
  Jina: token('jina_', ALNUM, 60),
  'Voyage AI': token('pa-', URL_SAFE, 43),
  E2B: token('e2b_', HEX, 40),
  Together: token('tgp_v1_', URL_SAFE, 43),
  Pinecone: (r) => `pcsk_${r.chars(ALNUM, 6)}_${r.chars(ALNUM, 60)}`,
  Cursor: token('crsr_', HEX, 64),
  'Cursor (older)': token('key_', HEX, 64),
  Helicone: (r) => `sk-helicone-${r.chars(LOWER, 7)}-${r.chars(LOWER, 7)}-${r.chars(LOWER, 7)}`,
  Apify: token('apify_api_', ALNUM, 36),
  'Amazon Bedrock': token('bedrock-api-key-', ALNUM, 132),
  'GitHub App, with a JWT': (r) =>
    `ghs_${r.chars('123456789', 6)}_eyJ${r.chars(ALNUM, 30)}.${r.chars(ALNUM, 60)}.${r.chars(URL_SAFE, 43)}`,
  'Stripe ephemeral': token('ek_live_', ALNUM, 60),
  'New Relic licence, EU': (r) => `eu01xx${r.chars(HEX, 30)}NRAL`,
  Fly: (r) => `fm2_lJPECAAAAAAA${r.chars(BASE64, 120)}`,
  Tailscale: (r) => `tskey-auth-${r.chars(ALNUM, 16)}-${r.chars(ALNUM, 32)}`,
  Neon: token('napi_', LOWER + DIGITS, 64),
  Render: token('rnd_', ALNUM, 28),
  'Azure DevOps': (r) => `${r.chars(ALNUM, 76)}AZDO${r.chars(ALNUM, 4)}`,
  'Azure AI services': (r) => `${r.chars(ALNUM, 52)}JQQJ99${r.chars(ALNUM, 26)}`,
  Buildkite: token('bkua_', HEX, 40),
  CircleCI: (r) => `CCIPAT_${r.chars(ALNUM, 22)}_${r.chars(HEX, 40)}`,
  Sonar: token('squ_', HEX, 40),
  Snyk: (r) => `snyk_uat.${r.chars(HEX, 8)}.${r.chars(URL_SAFE, 80)}`,
  JFrog: token('AKCp8', ALNUM, 68),
  Adafruit: token('aio_', ALNUM, 28),
  HubSpot: (r) => `pat-na1-${uuid(r)}`,
  Typeform: (r) => `tfp_A1${r.chars(URL_SAFE, 57)}`,
  ReadMe: token('rdme_', LOWER + DIGITS, 70),
  Dynatrace: (r) => `dt0c01.${r.chars(`${UPPER}234567`, 24)}.${r.chars(`${UPPER}234567`, 64)}`,
  LaunchDarkly: (r) =>
    `sdk-${r.chars(HEX, 8)}-${r.chars(HEX, 4)}-4${r.chars(HEX, 3)}-a${r.chars(HEX, 3)}-${r.chars(HEX, 12)}`,
  Duffel: token('duffel_live_', URL_SAFE, 43),
  Prefect: token('pnu_', ALNUM, 36),
  Brevo: (r) => `xkeysib-${r.chars(HEX, 64)}-${r.chars(ALNUM, 16)}`,
  Mapbox: (r) => `sk.eyJ1Ijoi${r.chars(ALNUM, 60)}.${r.chars(URL_SAFE, 22)}`,
  'Discord (older)': token('mfa.', URL_SAFE, 84),
  'Grafana (older)': token('eyJrIjoi', ALNUM, 80),
  Braintree: (r) => `access_token$production$${r.chars(LOWER, 16)}$${r.chars(HEX, 32)}`,
  age: token('AGE-SECRET-KEY-1', UPPER + DIGITS, 58),
  JWT: (r) =>
    `${base64Json(r, ['alg', 'typ'])}.${base64Json(r, ['sub', 'iat', 'aud'])}.${r.chars(URL_SAFE, 43)}`,
};

/** How private keys are armoured; `body` is 64 characters a line. */
export const KEY_BLOCKS: readonly string[] = [
  'PRIVATE KEY',
  'RSA PRIVATE KEY',
  'EC PRIVATE KEY',
  'OPENSSH PRIVATE KEY',
  'ENCRYPTED PRIVATE KEY',
  'DSA PRIVATE KEY',
  'PGP PRIVATE KEY BLOCK',
];

export function keyBlock(
  random: SeededRandom,
  armour: string,
  newline: string,
): { readonly text: string; readonly body: string } {
  const lines = Array.from({ length: 6 }, () => random.chars(BASE64, 64));
  return {
    text: [`-----BEGIN ${armour}-----`, ...lines, `-----END ${armour}-----`].join(newline),
    body: lines[2] as string,
  };
}
