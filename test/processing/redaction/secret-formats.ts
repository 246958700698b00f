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

const token =
  (prefix: string, alphabet: string, length: number): Generate =>
  (r) =>
    prefix + r.chars(alphabet, length);
const uuid: Generate = (r) => [8, 4, 4, 4, 12].map((length) => r.chars(HEX, length)).join('-');
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

/** Secrets without a format, known by what stands before them: name, the text around it, the secret. */
export const TELLING_PLACES: readonly (readonly [
  name: string,
  place: (secret: string) => string,
  secret: Generate,
])[] = [
  ['env line', (s) => `STAGING_API_TOKEN=${s}`, token('', ALNUM, 32)],
  ['quoted export', (s) => `export ACME_API_KEY="${s}"`, token('', ALNUM, 24)],
  ['aws secret key', (s) => `aws_secret_access_key = ${s}`, token('', BASE64, 40)],
  ['aws secret variable', (s) => `AWS_SECRET_ACCESS_KEY=${s}`, token('', BASE64, 40)],
  ['aws session token', (s) => `AWS_SESSION_TOKEN="${s}"`, token('', BASE64, 200)],
  ['YAML password', (s) => `database:\n  password: ${s}\n  port: 5432`, token('', LOWER, 10)],
  ['YAML quoted', (s) => `  client_secret: '${s}'`, token('', URL_SAFE, 30)],
  ['JSON password', (s) => `{"user":"x","password":"${s}"}`, token('Pw!', ALNUM, 9)],
  ['JSON api key', (s) => `{"apiKey": "${s}", "n": 1}`, token('', HEX, 32)],
  [
    'nested JSON',
    (s) => JSON.stringify({ body: JSON.stringify({ access_token: s }) }),
    token('', URL_SAFE, 40),
  ],
  ['code', (s) => `const client = connect({ apiSecret: '${s}' });`, token('', ALNUM, 28)],
  ['python', (s) => `client = Client(api_key="${s}", timeout=3)`, token('', ALNUM, 28)],
  ['flag', (s) => `deploy --token ${s} --region eu`, token('', ALNUM, 30)],
  ['password flag', (s) => `mysqladmin --password=${s} status`, token('', ALNUM, 12)],
  [
    'bearer',
    (s) => `curl -H 'Authorization: Bearer ${s}' https://api.acme.test/v1`,
    token('', URL_SAFE, 40),
  ],
  ['token header', (s) => `Authorization: token ${s}`, token('', HEX, 40)],
  [
    'basic',
    (s) => `Authorization: Basic ${s}`,
    (r) => Buffer.from(`user:${r.chars(ALNUM, 12)}`).toString('base64'),
  ],
  ['api key header', (s) => `x-api-key: ${s}`, token('', ALNUM, 32)],
  ['cookie', (s) => `Cookie: theme=dark; sid=${s}`, token('', ALNUM, 32)],
  ['set-cookie', (s) => `set-cookie: sid=${s}; Path=/; HttpOnly`, token('', ALNUM, 32)],
  ['postgres', (s) => `postgres://app:${s}@db.acme.test:5432/app`, token('', ALNUM, 14)],
  ['postgresql+driver', (s) => `postgresql+asyncpg://app:${s}@db/app`, token('', ALNUM, 14)],
  ['mysql', (s) => `mysql://root:${s}@10.0.0.5/x`, token('', ALNUM, 10)],
  [
    'mongodb',
    (s) => `mongodb+srv://app:${s}@cluster0.acme.test/?retryWrites=true`,
    token('', ALNUM, 16),
  ],
  ['redis without user', (s) => `redis://:${s}@cache:6379/0`, token('', ALNUM, 20)],
  ['rediss', (s) => `rediss://default:${s}@cache:6380`, token('', ALNUM, 20)],
  ['amqp', (s) => `amqp://guest:${s}@mq:5672/%2f`, token('', ALNUM, 12)],
  ['https', (s) => `git clone https://bot:${s}@git.acme.test/x.git`, token('', ALNUM, 20)],
  ['adonet', (s) => `Server=db;User Id=sa;Password=${s};Encrypt=true`, token('Aa1!', ALNUM, 8)],
  ['datadog', (s) => `DD_API_KEY=${s}`, token('', HEX, 32)],
  ['datadog app', (s) => `DD_APP_KEY=${s}`, token('', HEX, 40)],
  ['heroku key', (s) => `HEROKU_API_KEY=${s}`, uuid],
  ['netrc', (s) => `machine api.acme.test login bot password ${s}`, token('', ALNUM, 20)],
  ['npmrc', (s) => `//registry.acme.test/:_authToken=${s}`, token('', ALNUM, 36)],
  [
    'docker config',
    (s) => `{"auths":{"registry.acme.test":{"auth":"${s}"}}}`,
    (r) => Buffer.from(`bot:${r.chars(ALNUM, 16)}`).toString('base64'),
  ],
];
