/** Analysts: a group of the account, its people, and their way into the workspace as plain users. */
import { Group } from '@cdktf/provider-databricks/lib/group/index.js'
import { GroupMember } from '@cdktf/provider-databricks/lib/group-member/index.js'
import { MwsPermissionAssignment } from '@cdktf/provider-databricks/lib/mws-permission-assignment/index.js'
import { User } from '@cdktf/provider-databricks/lib/user/index.js'
import { Fn, Token } from 'cdktf'
import { Construct } from 'constructs'
import type { PlatformStack } from '../platform-stack.ts'
import type { Workspace } from './workspace.ts'

export type AnalystsGroupProps = { readonly workspace: Workspace; readonly people: readonly string[] }

export class AnalystsGroup extends Construct {
  readonly name: string

  constructor(stack: PlatformStack, id: string, { workspace, people }: AnalystsGroupProps) {
    super(stack, id)
    const group = new Group(this, 'group', { displayName: stack.named('analysts') })
    this.name = group.displayName
    for (const userName of people) {
      // Whoever is in the account already is taken over as they are, and stays when the group goes.
      const user = new User(this, userName, { userName, force: true, disableAsUserDeletion: true })
      new GroupMember(this, `${userName}-member`, { groupId: group.id, memberId: user.id })
    }
    new MwsPermissionAssignment(this, 'assignment', {
      workspaceId: workspace.id,
      principalId: Token.asNumber(Fn.tonumber(group.id)),
      permissions: ['USER'],
      dependsOn: [workspace.metastore],
    })
  }
}
