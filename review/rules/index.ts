/** All rules, by subject. A new subject is a file beside this one and a line here. */
import type { Rule } from '../rule.ts'
import { alarmRules } from './alarms.ts'
import { databricksRules } from './databricks.ts'
import { databricksClusterRules } from './databricks-clusters.ts'
import { encryptionRules } from './encryption.ts'
import { kafkaRules } from './kafka.ts'
import { lambdaRules } from './lambda.ts'
import { logRules } from './logs.ts'
import { privilegeRules } from './privilege.ts'
import { protectionRules } from './protection.ts'
import { reachRules } from './reach.ts'
import { webReachRules } from './reach-web.ts'
import { recursionRules } from './recursion.ts'
import { retentionRules } from './retention.ts'
import { storeRetentionRules } from './retention-stores.ts'
import { visibilityRules } from './visible.ts'

export const rules: readonly Rule[] = [
  ...retentionRules,
  ...storeRetentionRules,
  ...logRules,
  ...kafkaRules,
  ...encryptionRules,
  ...reachRules,
  ...webReachRules,
  ...privilegeRules,
  ...recursionRules,
  ...lambdaRules,
  ...alarmRules,
  ...protectionRules,
  ...databricksRules,
  ...databricksClusterRules,
  ...visibilityRules,
]
