/**
 * Names of the OpenTelemetry GenAI conventions, copied from the pinned commit because no released package contains
 * them.
 */
export const GENAI_CONVENTIONS = {
  repository: 'open-telemetry/semantic-conventions-genai',
  commit: '6fd0d763a092db245a54104fc1124031eb3c51d2',
  schemaUrl: 'https://opentelemetry.io/schemas/gen-ai-dev/1.42.0-dev',
} as const;

/** Attribute keys in force at the pinned commit. */
export const GENAI = {
  agentId: 'gen_ai.agent.id',
  agentName: 'gen_ai.agent.name',
  agentDescription: 'gen_ai.agent.description',
  conversationCompacted: 'gen_ai.conversation.compacted',
  conversationId: 'gen_ai.conversation.id',
  dataSourceId: 'gen_ai.data_source.id',
  inputMessages: 'gen_ai.input.messages',
  operationName: 'gen_ai.operation.name',
  outputMessages: 'gen_ai.output.messages',
  promptName: 'gen_ai.prompt.name',
  promptVersion: 'gen_ai.prompt.version',
  providerName: 'gen_ai.provider.name',
  requestMaxTokens: 'gen_ai.request.max_tokens',
  requestModel: 'gen_ai.request.model',
  requestReasoningLevel: 'gen_ai.request.reasoning.level',
  requestStream: 'gen_ai.request.stream',
  requestTemperature: 'gen_ai.request.temperature',
  requestTopP: 'gen_ai.request.top_p',
  responseFinishReasons: 'gen_ai.response.finish_reasons',
  responseId: 'gen_ai.response.id',
  responseModel: 'gen_ai.response.model',
  responseTimeToFirstChunk: 'gen_ai.response.time_to_first_chunk',
  retrievalQueryText: 'gen_ai.retrieval.query.text',
  retrievalTopK: 'gen_ai.retrieval.top_k',
  skillName: 'gen_ai.skill.name',
  systemInstructions: 'gen_ai.system_instructions',
  toolCallArguments: 'gen_ai.tool.call.arguments',
  toolCallId: 'gen_ai.tool.call.id',
  toolCallResult: 'gen_ai.tool.call.result',
  toolName: 'gen_ai.tool.name',
  toolType: 'gen_ai.tool.type',
  usageCacheRead: 'gen_ai.usage.cache_read.input_tokens',
  usageCacheWrite: 'gen_ai.usage.cache_write.input_tokens',
  usageInput: 'gen_ai.usage.input_tokens',
  usageOutput: 'gen_ai.usage.output_tokens',
  usageReasoning: 'gen_ai.usage.reasoning.output_tokens',
  mcpMethodName: 'mcp.method.name',
  mcpSessionId: 'mcp.session.id',
  networkTransport: 'network.transport',
  openaiResponseServiceTier: 'openai.response.service_tier',
  processExecutableName: 'process.executable.name',
  processExitCode: 'process.exit.code',
  serverAddress: 'server.address',
  serverPort: 'server.port',
  sessionId: 'session.id',
  errorType: 'error.type',
} as const;

/** Keys that have been replaced, written only under `--semconv dual` or `legacy`. */
export const GENAI_OLD = {
  system: 'gen_ai.system',
  usagePrompt: 'gen_ai.usage.prompt_tokens',
  usageCompletion: 'gen_ai.usage.completion_tokens',
  usageCacheCreation: 'gen_ai.usage.cache_creation.input_tokens',
} as const;

/** Values of `gen_ai.operation.name` that occur in recorded agent sessions. */
export const GENAI_OPERATION = {
  chat: 'chat',
  executeTool: 'execute_tool',
  invokeAgent: 'invoke_agent',
  retrieval: 'retrieval',
} as const;

const OLD_SYSTEMS: Readonly<Record<string, string>> = {
  'gcp.gemini': 'gemini',
  'gcp.vertex_ai': 'vertex_ai',
  'azure.ai.openai': 'az.ai.openai',
  'azure.ai.inference': 'az.ai.inference',
  x_ai: 'xai',
};

/** A provider's name in the former `gen_ai.system`. */
export function oldSystemName(provider: string): string {
  return Object.hasOwn(OLD_SYSTEMS, provider) ? OLD_SYSTEMS[provider]! : provider;
}
