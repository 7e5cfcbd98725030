/** What every other stack stands on: the key of the logs, and the topic that alarms go to. */
import type { Construct } from 'constructs'
import type { CloudConfig } from '../environments.ts'
import { AlarmTopic } from './constructs/alarm-topic.ts'
import { EncryptionKey } from './constructs/key.ts'
import { PlatformStack } from './constructs/platform-stack.ts'

export class FoundationStack extends PlatformStack {
  readonly logKey: EncryptionKey
  readonly alarms: AlarmTopic

  constructor(scope: Construct, config: CloudConfig) {
    super(scope, 'foundation', config)
    this.logKey = new EncryptionKey(this, 'log-key', {
      name: 'logs',
      purpose: 'Logs and notices of the platform',
      services: ['logs.amazonaws.com', 'cloudwatch.amazonaws.com', 'budgets.amazonaws.com'],
    })
    this.alarms = new AlarmTopic(this, 'alarms', {
      name: 'alarms',
      key: this.logKey,
      publishers: ['cloudwatch.amazonaws.com', 'budgets.amazonaws.com'],
      email: config.alarmEmail,
    })
  }
}
