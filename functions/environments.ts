/** The variables of every function, by name: whoever starts a function must give each of them, or does not compile. */
import type { CloudFunctionName, FunctionName } from '../platform.ts'
import type { ChangesEnvironment } from './changes/env.ts'
import type { ImagesEnvironment } from './images/env.ts'
import type { MeasureEnvironment } from './measure/env.ts'
import type { ProcessEnvironment } from './process/env.ts'
import type { PurgeEnvironment } from './purge/env.ts'
import type { RepublishEnvironment } from './republish/env.ts'
import type { RetentionEnvironment } from './retention/env.ts'
import type { ScopesEnvironment } from './scopes/env.ts'
import type { SpendBreakerEnvironment } from './spend-breaker/env.ts'
import type { StreamAdminEnvironment } from './stream-admin/env.ts'
import type { TopicsEnvironment } from './topics/env.ts'
import type { UploadEnvironment } from './upload/env.ts'

type Declared = {
  readonly upload: UploadEnvironment
  readonly images: ImagesEnvironment
  readonly changes: ChangesEnvironment
  readonly process: ProcessEnvironment
  readonly republish: RepublishEnvironment
  readonly purge: PurgeEnvironment
  readonly retention: RetentionEnvironment
  readonly measure: MeasureEnvironment
  readonly 'stream-admin': StreamAdminEnvironment
  readonly topics: TopicsEnvironment
  readonly scopes: ScopesEnvironment
  readonly 'spend-breaker': SpendBreakerEnvironment
}

export type DeployedFunctionName = FunctionName | CloudFunctionName
export type FunctionEnvironments = { readonly [F in DeployedFunctionName]: Record<keyof Declared[F], string> }
