import { looksRandom } from './entropy.ts';
import { type Accept, patternRule, type RedactionRule } from './rule.ts';

/** Not the middle of a longer word; the letter of an escape (`\n`, `%3D`, a terminal colour) is no word. */
const WORD = String.raw`(?<![A-Za-z0-9](?<!\\[nrtbfv]|%[0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|\[[0-9;]{0,11}m))`;

const random: Accept = (value) => looksRandom(value, 3);

function token(name: string, anchors: readonly string[], pattern: string): RedactionRule {
  return patternRule('secret', name, anchors, new RegExp(pattern));
}

/** For prefixes that also occur in ordinary words: whole word, and the rest must look random. */
function vague(name: string, anchors: readonly string[], pattern: string): RedactionRule {
  return patternRule('secret', name, anchors, new RegExp(WORD + pattern), random);
}

/** For formats whose telling part stands `before` characters after their beginning. */
function around(name: string, anchor: string, before: number, pattern: string): RedactionRule {
  const rule = patternRule('secret', name, [anchor], new RegExp(pattern));
  return {
    ...rule,
    find: (text, at) => (at < before ? null : (rule.find?.(text, at - before) ?? null)),
  };
}

const HEX_DIGITS = [...'0123456789abcdef'];

/** Formats that providers of models give their keys. */
const MODEL_PROVIDERS: readonly RedactionRule[] = [
  token('anthropic-key', ['sk-ant-'], 'sk-ant-[\\w-]{16,}'),
  token(
    'openai-key',
    ['sk-proj-', 'sk-svcacct-', 'sk-admin-', 'sk-None-'],
    'sk-(?:proj|svcacct|admin|None)-[\\w-]{20,}',
  ),
  vague('openrouter-key', ['sk-or-'], 'sk-or-v1-[\\w-]{20,}'),
  token('langfuse-key', ['sk-lf-', 'pk-lf-'], '[sp]k-lf-[0-9a-f]{8}-[0-9a-f-]{20,}'),
  vague('openai-key', ['sk-'], 'sk-[A-Za-z0-9]{20,}'),
  token('google-api-key', ['AIza'], 'AIza[\\w-]{35}'),
  token('groq-key', ['gsk_'], 'gsk_[A-Za-z0-9]{20,}'),
  vague('xai-key', ['xai-'], 'xai-[A-Za-z0-9]{20,}'),
  vague('replicate-token', ['r8_'], 'r8_[A-Za-z0-9]{30,}'),
  vague('perplexity-key', ['pplx-'], 'pplx-[A-Za-z0-9]{20,}'),
  vague('huggingface-token', ['hf_'], 'hf_[A-Za-z0-9]{30,}'),
  token('huggingface-token', ['api_org_'], 'api_org_[A-Za-z0-9]{30,}'),
  token('langsmith-key', ['lsv2_'], 'lsv2_(?:pt|sk)_[0-9a-f]{32}_[0-9a-f]{8,}'),
  vague('fireworks-key', ['fw_'], 'fw_[A-Za-z0-9]{22,}'),
  vague('nvidia-key', ['nvapi-'], 'nvapi-[\\w-]{40,}'),
  vague('cerebras-key', ['csk-'], 'csk-[a-z0-9]{40,}'),
  token('tavily-key', ['tvly-'], 'tvly-(?:dev-|prod-)?[A-Za-z0-9]{20,}'),
  vague('braintrust-key', ['bt-st-'], 'bt-st-[A-Za-z0-9]{20,}'),
  token('wandb-key', ['wandb_v1_'], 'wandb_v1_[\\w-]{20,}'),
];

/** Clouds and hosting. A secret without a prefix of its own is found by its key instead. */
const CLOUDS: readonly RedactionRule[] = [
  token(
    'aws-access-key-id',
    ['AKIA', 'ASIA', 'ABIA', 'ACCA'],
    '(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}(?![A-Za-z0-9])',
  ),
  token('aws-bedrock-key', ['ABSK'], 'ABSK[A-Za-z0-9+/]{80,}={0,2}'),
  token('google-oauth-token', ['ya29.'], 'ya29\\.[\\w-]{20,}(?:\\.[\\w-]{20,})?'),
  token('google-oauth-secret', ['GOCSPX-'], 'GOCSPX-[\\w-]{28}'),
  token('google-refresh-token', ['1//0'], '1//0[\\w-]{40,}'),
  token('azure-sas', ['sig='], '(sig=)[A-Za-z0-9%+/]{40,}(?:=|%3[Dd]){0,2}'),
  token('azure-storage-key', ['AccountKey='], '(AccountKey=)[A-Za-z0-9+/]{40,}={0,2}'),
  token('azure-access-key', ['SharedAccessKey='], '(SharedAccessKey=)[A-Za-z0-9+/]{30,}={0,2}'),
  around('azure-client-secret', '8Q~', 3, '[\\w~.-]{3}8Q~[\\w~.-]{31,34}'),
  around('azure-client-secret', '7Q~', 3, '[\\w~.-]{3}7Q~[\\w~.-]{31,34}'),
  token('digitalocean-token', ['dop_v1_', 'doo_v1_', 'dor_v1_'], 'do[opr]_v1_[0-9a-f]{64}'),
  token('heroku-key', ['HRKU-'], 'HRKU-[\\w-]{30,}'),
  vague('vercel-token', ['vcp_', 'vci_', 'vca_', 'vcr_', 'vck_'], 'vc[piark]_[A-Za-z0-9]{24,}'),
  token('vercel-blob-token', ['vercel_blob_rw_'], 'vercel_blob_rw_\\w{30,}'),
  token('cloudflare-ca-key', ['v1.0-'], 'v1\\.0-[0-9a-f]{24}-[0-9a-f]{146}'),
  vague('cloudflare-token', ['cfut_', 'cfat_', 'cfk_'], 'cf(?:ut|at|k)_[\\w-]{40,}'),
  token(
    'supabase-token',
    ['sbp_', 'sb_secret_'],
    'sb(?:p_(?:v0_)?[0-9a-f]{40}|_secret_[\\w-]{20,})',
  ),
  token('netlify-token', ['nfp_', 'nfc_', 'nfo_'], 'nf[pco]_[A-Za-z0-9]{36,}'),
  token('fly-token', ['fm1_', 'fm2_', 'FlyV1'], '(?:FlyV1 )?fm[12]r?_[\\w+/=-]{40,}'),
  token('planetscale-token', ['pscale_'], 'pscale_(?:tkn|pw|oauth)_[\\w.-]{30,}'),
  token('databricks-token', ['dapi'], 'dapi[0-9a-f]{32}(?:-\\d)?(?![0-9a-f])'),
  token('vault-token', ['hvs.', 'hvb.', 'hvr.'], 'hv[sbr]\\.[\\w-]{24,}'),
  around('terraform-token', '.atlasv1.', 14, '[A-Za-z0-9]{14}\\.atlasv1\\.[\\w-]{60,}'),
  token('pulumi-token', ['pul-'], 'pul-[0-9a-f]{40}(?![0-9a-f])'),
  token(
    'doppler-token',
    ['dp.'],
    'dp\\.(?:pt|st|ct|sa|scim|audit)\\.(?:[\\w-]{2,35}\\.)?[A-Za-z0-9]{40,44}',
  ),
  token('onepassword-token', ['ops_eyJ'], 'ops_eyJ[\\w+/=-]{100,}'),
];

/** Code hosting, packages, chat, payment, monitoring and other services. */
const SERVICES: readonly RedactionRule[] = [
  token('github-token', ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'], 'gh[pousr]_\\w{36,}'),
  token('github-token', ['github_pat_'], 'github_pat_\\w{40,}'),
  token(
    'gitlab-token',
    [
      'glpat-',
      'gldt-',
      'glrt-',
      'glrtr-',
      'glcbt-',
      'glptt-',
      'glft-',
      'glimt-',
      'glagent-',
      'gloas-',
      'glsoat-',
      'glffct-',
    ],
    'gl(?:pat|dt|rtr?|cbt|ptt|ft|imt|agent|oas|soat|ffct)-[\\w-]{20,}(?:\\.[0-9a-z.]{2,})?',
  ),
  token('npm-token', ['npm_'], 'npm_[A-Za-z0-9]{36,}'),
  token('pypi-token', ['pypi-'], 'pypi-[\\w-]{50,}'),
  token('rubygems-key', ['rubygems_'], 'rubygems_[0-9a-f]{48}'),
  token('crates-token', ['cio'], 'cio[A-Za-z0-9]{32}(?![A-Za-z0-9])'),
  token('docker-token', ['dckr_pat_', 'dckr_oat_'], 'dckr_[po]at_[\\w-]{27,}'),
  token(
    'slack-token',
    [
      'xoxa-',
      'xoxb-',
      'xoxc-',
      'xoxd-',
      'xoxe-',
      'xoxe.',
      'xoxo-',
      'xoxp-',
      'xoxr-',
      'xoxs-',
      'xapp-',
    ],
    '(?:xox[a-eoprs][-.]|xapp-)[\\w.%/+=-]{10,}',
  ),
  token(
    'slack-webhook',
    ['hooks.slack.com/'],
    '(hooks\\.slack\\.com/(?:services|workflows|triggers)/)[\\w/+-]{20,}',
  ),
  token('discord-webhook', ['/api/webhooks/'], '(/api/webhooks/\\d{17,20}/)[\\w-]{50,}'),
  token('teams-webhook', ['.webhook.office.com/'], '(\\.webhook\\.office\\.com/)[\\w@/-]{60,}'),
  token(
    'stripe-key',
    ['sk_live_', 'sk_test_', 'rk_live_', 'rk_test_', 'whsec_'],
    '(?:[sr]k_(?:live|test)_|whsec_)[A-Za-z0-9+/=]{16,}',
  ),
  token('square-token', ['sq0atp-', 'sq0csp-', 'sq0idp-'], 'sq0(?:atp|csp|idp)-[\\w-]{22,}'),
  token('square-token', ['EAAA'], 'EAAA[Ea][\\w-]{59}(?![\\w-])'),
  token(
    'shopify-token',
    ['shpat_', 'shpca_', 'shppa_', 'shpss_'],
    'shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}',
  ),
  token('sendgrid-key', ['SG.'], 'SG\\.[\\w-]{16,32}\\.[\\w-]{16,64}'),
  vague('mailgun-key', ['key-'], 'key-[0-9a-f]{32}(?![0-9a-f])'),
  around('mailchimp-key', '-us', 32, '[0-9a-f]{32}-us\\d{1,2}(?!\\w)'),
  token(
    'twilio-key',
    HEX_DIGITS.map((digit) => `SK${digit}`),
    '(?<![A-Za-z0-9])SK[0-9a-f]{32}(?![0-9a-fA-F])',
  ),
  token(
    'newrelic-key',
    ['NRAK-', 'NRJS-', 'NRII-', 'NRIQ-'],
    'NR(?:AK|JS|II|IQ)-[A-Za-z0-9_-]{19,}',
  ),
  around('newrelic-key', 'FFFFNRAL', 32, '[0-9a-f]{32}FFFFNRAL'),
  around('newrelic-key', 'NRAL', 36, '[0-9a-f]{36}NRAL'),
  token('sentry-token', ['sntrys_', 'sntryu_'], 'sntry(?:s_eyJ[\\w+/=-]{40,}|u_[0-9a-f]{64})'),
  token(
    'grafana-token',
    ['glsa_', 'glc_eyJ'],
    '(?:glsa_[A-Za-z0-9]{32}_[0-9a-fA-F]{8}|glc_eyJ[\\w+/=-]{30,})',
  ),
  token(
    'honeycomb-key',
    ['hcaik_', 'hcxik_', 'hcalk_', 'hcamk_', 'hcxlk_', 'hcxmk_'],
    'hc[ax][ilm]k_[a-z0-9]{40,}',
  ),
  token('linear-key', ['lin_api_', 'lin_oauth_'], 'lin_(?:api|oauth)_[A-Za-z0-9]{32,}'),
  token('notion-token', ['ntn_'], 'ntn_[A-Za-z0-9]{40,}'),
  token('notion-token', ['secret_'], 'secret_[A-Za-z0-9]{43}(?![A-Za-z0-9])'),
  token(
    'atlassian-token',
    ['ATATT3', 'ATCTT3', 'ATBB'],
    'AT(?:[AC]TT3[\\w=-]{60,}|BB[A-Za-z0-9]{24,36}(?![\\w]))',
  ),
  token('postman-key', ['PMAK-'], 'PMAK-[0-9a-f]{24}-[0-9a-f]{34}'),
  token('figma-token', ['figd_', 'figo_', 'figu_'], 'fig[dou]_[\\w-]{30,}'),
  around('telegram-token', ':AA', 10, '\\d{10}:AA[\\w-]{33}(?![\\w-])'),
  around('telegram-token', ':AA', 9, '(?<!\\d)\\d{9}:AA[\\w-]{33}(?![\\w-])'),
  token('dropbox-token', ['sl.'], 'sl\\.(?:u\\.)?[\\w-]{80,}'),
  token('facebook-token', ['EAA'], 'EAA[A-Za-z0-9]{80,}'),
  token('age-key', ['AGE-SECRET-KEY-1'], 'AGE-SECRET-KEY-1[0-9A-Z]{58}'),
  token('airtable-token', ['pat'], 'pat[A-Za-z0-9]{14}\\.[0-9a-f]{64}'),
  token('okta-token', ['SSWS '], '(SSWS )[\\w-]{30,}'),
  token('contentful-token', ['CFPAT-'], 'CFPAT-[\\w-]{40,}'),
  token('sourcegraph-token', ['sgp_'], 'sgp_(?:[0-9a-f]{16}_|local_)?[0-9a-f]{40}'),
  token('posthog-key', ['phx_'], 'phx_[A-Za-z0-9]{40,}'),
  token('resend-key', ['re_'], '(?<![A-Za-z0-9])re_[A-Za-z0-9]{6,10}_[A-Za-z0-9]{20,}'),
  token('clerk-key', ['sk_prod_'], 'sk_prod_[A-Za-z0-9]{20,}'),
  token(
    'jwt',
    ['eyJ'],
    `${WORD.replace('A-Za-z0-9', 'A-Za-z0-9_-')}eyJ[\\w-]{8,4096}\\.eyJ[\\w-]{8,}(?:\\.[\\w-]+)?`,
  ),
  token(
    'jwe',
    ['eyJ'],
    `${WORD.replace('A-Za-z0-9', 'A-Za-z0-9_-')}eyJ[\\w-]{8,4096}\\.[\\w-]{0,1024}\\.[\\w-]{8,64}\\.[\\w-]{8,}\\.[\\w-]{16,}`,
  ),
];

export const TOKEN_RULES: readonly RedactionRule[] = [...MODEL_PROVIDERS, ...CLOUDS, ...SERVICES];
