/** Limits of the engineers' console. */

export const consoleLimits = {
  /** Of one topic; MSK takes a few thousand on a broker. */
  partitions: 1_000,
  /** Images that one call sends back; more go with the next one. */
  redriveMost: 100,
  redrivePerSecond: 50,
  /** The loop guard: what fails again after so many redrives stays where it is. */
  redrivesOfOneImage: 3,
  /** Records of the quarantine topic that are looked at, newest first. */
  quarantineScan: 2_000,
  /** Records that a search looks at before it answers. */
  searchScan: 5_000,
} as const
