/**
 * Variables that several functions share, in groups that belong together; a function's own `env.ts` joins the
 * groups that it needs. The names are typed on both sides: a stack or `local/` that forgets one does not compile.
 */

/** `S3_ADDRESSING` is `virtual` on AWS and `path` where bucket names are no host names. */
export const lakeVariables = ['LAKE_BUCKET', 'S3_ADDRESSING'] as const
export const ledgerVariables = ['LEDGER_TABLE'] as const
export const runsVariables = ['RUNS_TABLE'] as const
/** ARN of the KMS key that signs receipts, or `file:` and the path of a private key. */
export const receiptVariables = ['RECEIPT_KEY'] as const
/** `KAFKA_BROKERS` is a comma-separated list of host:port; `KAFKA_AUTH` is `iam` on MSK and `none` locally. */
export const kafkaVariables = ['KAFKA_BROKERS', 'KAFKA_AUTH'] as const
export const observabilityVariables = ['POWERTOOLS_SERVICE_NAME', 'POWERTOOLS_LOG_LEVEL'] as const
