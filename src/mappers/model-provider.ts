import type { LlmCallOperation } from '../session/operation.ts';

/** A provider by its well-known name in the GenAI conventions, and whether it was guessed from the model. */
export interface Provider {
  readonly name: string;
  readonly inferred: boolean;
}

const HOSTS: readonly (readonly [RegExp, string])[] = [
  [/(^|\.)anthropic\.com$/, 'anthropic'],
  [/\.openai\.azure\.com$/, 'azure.ai.openai'],
  [/\.(services|inference)\.ai\.azure\.com$/, 'azure.ai.inference'],
  [/(^|\.)(openai|chatgpt)\.com$/, 'openai'],
  [/^generativelanguage\.googleapis\.com$/, 'gcp.gemini'],
  [/(^|[-.])aiplatform\.googleapis\.com$/, 'gcp.vertex_ai'],
  [/^cloudcode-pa\.googleapis\.com$/, 'gcp.gen_ai'],
  [/^bedrock(-runtime)?[-.].*\.amazonaws\.com(\.cn)?$/, 'aws.bedrock'],
  [/(^|\.)cohere\.(com|ai)$/, 'cohere'],
  [/(^|\.)deepseek\.com$/, 'deepseek'],
  [/(^|\.)groq\.com$/, 'groq'],
  [/\.ml\.cloud\.ibm\.com$/, 'ibm.watsonx.ai'],
  [/(^|\.)mistral\.ai$/, 'mistral_ai'],
  [/(^|\.)moonshot\.(ai|cn)$/, 'moonshot_ai'],
  [/(^|\.)perplexity\.ai$/, 'perplexity'],
  [/(^|\.)x\.ai$/, 'x_ai'],
];

/** Model families, tried in order on the lower-case model name without a router's `vendor/` prefix. */
const FAMILIES: readonly (readonly [RegExp, string])[] = [
  [
    /^((us|eu|apac|jp|au|global)\.)?(anthropic|amazon|meta|cohere|mistral|ai21|deepseek)\./,
    'aws.bedrock',
  ],
  [/^claude.*@\d{8}$/, 'gcp.vertex_ai'],
  [/^claude/, 'anthropic'],
  [/^(gpt|chatgpt|o[134]|codex|davinci|text-embedding)([-.\d]|$)/, 'openai'],
  [/^(gemini|gemma)/, 'gcp.gen_ai'],
  [/^(mistral|mixtral|codestral|magistral|devstral|ministral|pixtral)/, 'mistral_ai'],
  [/^deepseek/, 'deepseek'],
  [/^grok/, 'x_ai'],
  [/^command(-|$)/, 'cohere'],
  [/^(kimi|moonshot)/, 'moonshot_ai'],
  [/^sonar(-|$)/, 'perplexity'],
];

/** Names that agents and former conventions use for a provider, mapped to its present name in the conventions. */
const SPELLINGS: Readonly<Record<string, string>> = {
  google: 'gcp.gen_ai',
  gemini: 'gcp.gemini',
  'google-gemini': 'gcp.gemini',
  vertex: 'gcp.vertex_ai',
  vertex_ai: 'gcp.vertex_ai',
  gcp_vertex_ai: 'gcp.vertex_ai',
  'google-vertex': 'gcp.vertex_ai',
  'google-vertex-anthropic': 'gcp.vertex_ai',
  bedrock: 'aws.bedrock',
  aws_bedrock: 'aws.bedrock',
  'amazon-bedrock': 'aws.bedrock',
  azure: 'azure.ai.openai',
  azure_openai: 'azure.ai.openai',
  'az.ai.openai': 'azure.ai.openai',
  'az.ai.inference': 'azure.ai.inference',
  mistral: 'mistral_ai',
  mistralai: 'mistral_ai',
  xai: 'x_ai',
  'x-ai': 'x_ai',
  moonshot: 'moonshot_ai',
  moonshotai: 'moonshot_ai',
  'moonshotai-cn': 'moonshot_ai',
};

/** Longest name that is examined: real hosts and model names are far shorter, hostile ones are not. */
const LONGEST = 256;

/**
 * Who served a call: the recorded provider; else the one of a known host; else guessed from the model's name, and
 * marked as such; else the unknown host itself; else `unknown`.
 */
export function providerOf(call: LlmCallOperation): Provider {
  const { provider, serverAddress, responseModel, requestModel } = call;
  const model = responseModel ?? requestModel;
  if (
    last !== undefined &&
    last.provider === provider &&
    last.serverAddress === serverAddress &&
    last.model === model
  )
    return last.found;
  last = { provider, serverAddress, model, found: lookedUp(provider, serverAddress, model) };
  return last.found;
}

/** Cached, because several rows of a span ask for it, and most calls of a session use one model. */
let last: (Asked & { readonly found: Provider }) | undefined;

interface Asked {
  readonly provider: string | undefined;
  readonly serverAddress: string | undefined;
  readonly model: string | undefined;
}

function lookedUp(
  provider: string | undefined,
  serverAddress: string | undefined,
  model: string | undefined,
): Provider {
  const recorded = provider?.toLowerCase();
  if (recorded) {
    const known = Object.hasOwn(SPELLINGS, recorded) ? SPELLINGS[recorded] : undefined;
    return { name: known ?? recorded, inferred: false };
  }
  const host = serverAddress?.toLowerCase().slice(0, LONGEST);
  const byHost = host ? firstMatch(HOSTS, host) : undefined;
  if (byHost !== undefined) return { name: byHost, inferred: false };
  const byModel = model ? providerOfModel(model) : undefined;
  if (byModel !== undefined) return { name: byModel, inferred: true };
  return { name: host || 'unknown', inferred: false };
}

function providerOfModel(model: string): string | undefined {
  const name = model.toLowerCase().slice(0, LONGEST);
  return firstMatch(FAMILIES, name.slice(name.lastIndexOf('/') + 1));
}

function firstMatch(
  table: readonly (readonly [RegExp, string])[],
  text: string,
): string | undefined {
  return table.find(([pattern]) => pattern.test(text))?.[1];
}
