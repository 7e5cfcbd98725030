/** How a cluster sees the lake, whichever way it goes. */
export type LakeOnCluster = {
  /** The notebooks' parameter `LAKE_ROOT`. */
  readonly root: string
  /** Access mode of the analysts' cluster. */
  readonly dataSecurityMode: 'NONE' | 'USER_ISOLATION'
  /** Carried by clusters that read S3 in the name of a role; a volume needs none. */
  readonly instanceProfileArn?: string
}
